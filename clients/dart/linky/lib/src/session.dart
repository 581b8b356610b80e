import 'dart:async';
import 'dart:convert';

import 'errors.dart';
import 'generated/apis.dart';
import 'generated/models.dart';
import 'generated/problems.dart';
import 'lost_answers.dart';
import 'mutex.dart';
import 'policy.dart';
import 'reading.dart';
import 'store.dart';
import 'transport.dart';
import 'values.dart';

const String _tokensKey = 'tokens';
const String _signingOut = 'signing_out/';

/// Names the user who has asked to leave, until the server's answer is known.
const String _leavingKey = 'leaving';
const String _refreshLock = 'refresh';

/// What a refresh answers when the session is over.
const Set<String> _ended = <String>{
  'invalid_refresh_token',
  'refresh_token_reused',
  'session_revoked',
};

/// The server takes a used refresh token for 30 seconds: a lost answer can be got again.
const CallOptions _refreshOptions = CallOptions(
  timeout: Duration(seconds: 7),
  attempts: 4,
  repeatable: true,
);

/// Then ask without the lock, within the leeway of 30 seconds: its holder may have died.
const Duration _lockPatience = Duration(seconds: 25);

/// For a lock that is held while a file is written.
const Duration _writePatience = Duration(seconds: 2);

const Duration _early = Duration(seconds: 30);

/// The signed-in user of one client.
///
/// The tokens are kept in memory, and read anew when the server refuses one: another isolate may have
/// renewed them. The clock of the device decides nothing: the server says that a token has expired. Only a token
/// that this isolate got itself is renewed before its end, by a clock that cannot be set.
final class LinkySession implements TokenSource {
  /// Made by the client.
  LinkySession(this._transport, this._auth, this._store);

  final Transport _transport;
  final AuthApi _auth;
  final Store _store;
  final Mutex _mutex = Mutex();
  final Mutex _writes = Mutex();
  final Stopwatch _clock = Stopwatch()..start();
  final StreamController<AuthState> _changes = StreamController<AuthState>.broadcast();
  final List<Future<void> Function()> _hooks = <Future<void> Function()>[];
  final List<Future<void> Function(String userId)> _signOutHooks =
      <Future<void> Function(String userId)>[];
  AuthState _state = const NotStarted();
  Tokens? _held;
  String _gotToken = '';
  Duration _gotAt = Duration.zero;
  LinkyError? _failure;
  Duration _failedAt = Duration.zero;
  bool _isLeaving = false;
  String _endedMeanwhile = '';
  String? _hooksFor;

  /// Who is signed in now.
  AuthState get state => _state;

  /// Whose tokens are in the store now. Null if no user is signed in.
  Future<String?> userId() async => (await _load())?.userId;

  /// The same. Throws [SignedOutError] if no user is signed in.
  Future<String> needUserId() async {
    final Tokens? tokens = await _load();
    if (tokens == null) {
      throw _signedOut();
    }
    return tokens.userId;
  }

  /// The state now, then each change of it: who begins to listen late has missed nothing.
  Stream<AuthState> get changes {
    return Stream<AuthState>.multi(
      (MultiStreamController<AuthState> listener) {
        listener.add(_state);
        final StreamSubscription<AuthState> later =
            _changes.stream.listen(listener.add, onDone: listener.close);
        listener.onCancel = later.cancel;
      },
      isBroadcast: true,
    );
  }

  /// Reads the store. It needs no network: the first frame can wait for it.
  ///
  /// A store that can't be read now, as a key-chain that is locked, shows no user, by
  /// [SignedOutState.isUnread]. Nothing in it is deleted, and the next [start] reads it again.
  Future<void> open() async {
    await _writing<void>(() async {
      Tokens? tokens;
      try {
        tokens = await _load();
      } on Exception {
        if (_state is NotStarted) {
          _change(const SignedOutState('', isUnread: true));
        }
        return; // What was known before stays.
      }
      if (tokens == null) {
        _change(const SignedOutState(''));
      } else {
        _change(SignedInState(tokens.userId, isGuest: tokens.isGuest));
      }
    });
  }

  bool get _isUnread {
    final AuthState now = _state;
    return now is SignedOutState && now.isUnread;
  }

  /// Reads the store if [open] has not, and tells the server of sign-outs that it has not heard of.
  ///
  /// What was learned since, such as a suspension, stays.
  Future<void> start() async {
    if (_state is NotStarted || _isUnread) {
      await open();
    }
    if (!_isUnread) {
      await finishSignOuts();
    }
  }

  /// Ends the stream of changes.
  Future<void> close() => _changes.close();

  /// Runs something after each sign-in, such as registering the device for pushes.
  void afterSignIn(Future<void> Function() hook) {
    _hooks.add(hook);
  }

  /// Runs something with the id of a user who has signed out or left. What the server ends is none.
  void afterSignOut(Future<void> Function(String userId) hook) {
    _signOutHooks.add(hook);
  }

  /// Makes an account. If the answer was lost, the account is found by its password.
  Future<Me> register(Register form) async {
    try {
      return await adopt(await _auth.register(form));
    } on Unreachable catch (lost) {
      if (!lost.mayHaveArrived) {
        rethrow;
      }
      return adopt(await _registerAgain(form));
    }
  }

  Future<SignedIn> _registerAgain(Register form) async {
    try {
      return await _auth.register(form);
    } on EmailTakenProblem catch (taken) {
      try {
        return await _auth.login(Login(email: form.email, password: form.password));
      } on Problem {
        throw taken;
      }
    }
  }

  /// Signs in by email and password.
  Future<Me> signIn(String email, String password) async {
    return adopt(await _auth.login(Login(email: email, password: password)));
  }

  /// Begins as a guest, who may read.
  Future<Me> enterAsGuest() async => adopt(await _auth.enterAsGuest());

  /// Takes the tokens of any call that answers with some: social sign-in, upgrade, exchange.
  Future<Me> adopt(SignedIn answer) async {
    final Me user = answer.user;
    await _writing<void>(() async {
      _transport.forget();
      await _keep(_tokensOf(answer.tokens, user.id, user.isGuest));
      await _store.delete(_leavingKey);
      _change(SignedInState(user.id, isGuest: user.isGuest));
    });
    for (final Future<void> Function() hook in _hooks) {
      try {
        await hook();
      } on LinkyError {
        continue; // It runs again at the next start.
      }
    }
    return user;
  }

  /// Signs out at once, and tells the server; if it can't be reached, at the next start.
  ///
  /// The user's drafts are thrown away. A refresh that is under way brings no token back.
  Future<void> signOut() async {
    await _writing<void>(() async {
      final Tokens? now = await _load();
      if (now != null) {
        await _store.write('$_signingOut${randomId()}', now.refreshToken);
        _hooksFor = now.userId;
      }
      await _end('');
    });
    await finishSignOuts();
  }

  /// Deletes the account. Once the server has said so, the device forgets its user at once: tokens,
  /// drafts with their pictures, and the offline copy. The state is then [SignedOutState.left].
  ///
  /// An account with a password sends it in [body]; one with LINE sends the access token of its SDK.
  /// If the server refuses, nothing changes. If no answer comes ([Unreachable.mayHaveArrived]) nothing
  /// is deleted yet either: as soon as the server shows that the session is over, the device forgets its
  /// user as above. Called again, it tells what became of the first call.
  Future<Leaving> leave({Leave? body, CallOptions? options}) async {
    final String userId = await needUserId();
    final bool wasAsked = await _store.read(_leavingKey) == userId;
    bool mayHaveArrived = wasAsked;
    final CallOptions given = options ?? const CallOptions();
    final CallOptions all = given.copyWith(
      userId: userId,
      onSilence: () {
        mayHaveArrived = true;
        given.onSilence?.call();
      },
    );
    await _store.write(_leavingKey, userId); // First: the app may be killed before the answer comes.
    _isLeaving = true;
    _endedMeanwhile = '';
    try {
      final Leaving leaving = await UsersApi(_transport).leave(body: body, options: all);
      await _finishLeaving(userId);
      return leaving;
    } on LinkyError catch (error) {
      if (!mayHaveArrived && _didNothing(error)) {
        await _store.delete(_leavingKey);
      } else if (_endedMeanwhile.isNotEmpty) {
        await _finishLeaving(userId);
        return Leaving.parse(lostLeaving());
      }
      rethrow;
    } finally {
      _isLeaving = false;
      if (_endedMeanwhile.isNotEmpty) {
        await _writing<void>(() => _end(_endedMeanwhile));
      }
    }
  }

  /// Whether the account is there as before.
  bool _didNothing(LinkyError error) {
    return error is SignedOutError ||
        (error is Unreachable && !error.mayHaveArrived) ||
        (error is Problem && error.status < 500 && error.status != 408) ||
        error is OverloadedProblem;
  }

  Future<void> _finishLeaving(String userId) async {
    _isLeaving = false;
    _endedMeanwhile = '';
    await _writing<void>(() async {
      final Tokens? now = await _load();
      if (now == null || now.userId == userId) {
        await _forget(userId); // Else another user has signed in meanwhile, and stays.
      }
    });
  }

  /// Tells the server of sign-outs that it has not heard of, so that their pushes stop.
  Future<void> finishSignOuts() async {
    for (final String key in await _store.keys(_signingOut)) {
      final String? token = await _store.read(key);
      if (token == null || await _wasToldOf(token)) {
        await _store.delete(key);
      }
    }
  }

  Future<bool> _wasToldOf(String token) async {
    try {
      await _auth.logout(RefreshRequest(refreshToken: token));
      return true;
    } on UnknownProblem {
      return false; // It has no code of ours: it is a proxy's, and the server has not heard of it.
    } on Problem catch (problem) {
      return problem.status < 500 && problem.status != 408 && problem.status != 429;
    } on LinkyError {
      return false;
    }
  }

  @override
  Future<String> accessToken() async => (await tokensFor(null)).accessToken;

  @override
  Future<Tokens> tokensFor(String? userId) async {
    final Tokens? stored = _held ?? await _load();
    if (stored == null) {
      throw _signedOut();
    }
    Tokens tokens = stored;
    if (_isOld(stored)) {
      tokens = await _refreshed(stored.accessToken);
    }
    if (userId != null && userId != tokens.userId) {
      throw const SignedOutError('');
    }
    return tokens;
  }

  /// There are no tokens: another isolate may have signed out, which the state shows from now on.
  SignedOutError _signedOut() {
    final AuthState before = _state;
    final String code = before is SignedOutState ? before.code : '';
    _change(SignedOutState(code));
    return SignedOutError(code);
  }

  @override
  Future<bool> renew(String refused, String code) async {
    if (code == 'token_expired' || code == 'token_invalid') {
      final Tokens tokens = await _refreshed(refused);
      return tokens.accessToken != refused;
    }
    if (code != 'session_revoked') {
      return false;
    }
    return _mutex.run<bool>(() => _writing<bool>(() => _endedBy(refused, code)));
  }

  Future<bool> _endedBy(String refused, String code) async {
    final Tokens? tokens = await _load();
    if (tokens != null && tokens.accessToken != refused) {
      return true; // The user has signed in again meanwhile.
    }
    if (tokens != null || _state is! SignedOutState) {
      await _end(code);
    }
    return false;
  }

  @override
  Future<void> noteSuspension(Problem problem) async {
    final Tokens? tokens = await _load();
    if (tokens != null) {
      final String appeal = textIn(problem.body, 'appeal_url');
      _change(SuspendedState(tokens.userId, problem.detail, appeal));
    }
  }

  /// Gets new tokens now: after a suspension ended, or when a role has changed.
  Future<void> refresh() async {
    await _refreshed(await accessToken());
  }

  /// Another access token than the refused one. Of many callers one asks the server.
  Future<Tokens> _refreshed(String refused) {
    final Duration askedAt = _clock.elapsed;
    return _mutex.run<Tokens>(() async {
      final LinkyError? failure = _failure;
      if (failure != null && _failedAt >= askedAt) {
        throw failure; // The one before waited long enough for all.
      }
      return await _locked<Tokens>(_refreshLock, _lockPatience, () => _refreshedAlone(refused));
    });
  }

  Future<Tokens> _refreshedAlone(String refused) async {
    final Tokens? tokens = await _load();
    if (tokens == null) {
      throw _signedOut();
    }
    if (tokens.accessToken != refused) {
      return tokens;
    }
    try {
      return await _ask(tokens);
    } on LinkyError catch (error) {
      _failure = error;
      _failedAt = _clock.elapsed;
      rethrow;
    }
  }

  /// Asks the server for new tokens. Only its own word ends the session.
  Future<Tokens> _ask(Tokens tokens) async {
    final RefreshRequest form = RefreshRequest(refreshToken: tokens.refreshToken);
    TokenPair pair;
    try {
      pair = await _auth.refreshTokens(form, options: _refreshOptions);
    } on Problem catch (problem) {
      return await _afterRefusal(tokens, problem);
    }
    final Tokens made = _tokensOf(pair, tokens.userId, tokens.isGuest);
    final Tokens? other = await _writing<Tokens?>(() async {
      final Tokens? now = await _otherThan(tokens);
      if (now == null) {
        await _keep(made);
        if (!_isLeaving) {
          await _store.delete(_leavingKey); // The session goes on, so the user has not left.
        }
        _change(SignedInState(tokens.userId, isGuest: tokens.isGuest));
      }
      return now;
    });
    return other ?? made;
  }

  Future<Tokens> _afterRefusal(Tokens tokens, Problem problem) async {
    final Tokens? other = await _writing<Tokens?>(() async {
      final Tokens? now = await _otherThan(tokens);
      if (now == null && _ended.contains(problem.code)) {
        await _end(problem.code);
        throw SignedOutError(problem.code);
      }
      return now;
    });
    if (other != null) {
      return other;
    }
    if (problem is AccountSuspendedProblem) {
      await noteSuspension(problem);
    }
    throw problem;
  }

  /// What is in the store now, if not what was sent. Throws [SignedOutError] after a sign-out.
  ///
  /// While the server was asked, the user may have signed out, or another isolate was quicker.
  Future<Tokens?> _otherThan(Tokens sent) async {
    final Tokens? now = await _load();
    if (now == null) {
      throw _signedOut();
    }
    return now.refreshToken == sent.refreshToken ? null : now;
  }

  /// For a look at the tokens and the write that follows: no other write comes between. Only if
  /// another holds the lock for long, as one that hangs does, it goes on without.
  Future<T> _writing<T>(Future<T> Function() body) async {
    try {
      return await _writes.run<T>(() => _locked<T>(_tokensKey, _writePatience, body));
    } finally {
      await _runSignOutHooks();
    }
  }

  /// Outside of the lock: a hook may sign in again.
  Future<void> _runSignOutHooks() async {
    final String? userId = _hooksFor;
    _hooksFor = null;
    if (userId != null) {
      for (final Future<void> Function(String userId) hook in _signOutHooks) {
        await hook(userId);
      }
    }
  }

  /// Holds a lock of the store. After a while it goes on without: the server bears two at once.
  Future<T> _locked<T>(String name, Duration patience, Future<T> Function() body) async {
    final bool isOurs = await _lockStore(name, patience);
    try {
      return await body();
    } finally {
      if (isOurs) {
        await _store.unlock(name);
      }
    }
  }

  Future<bool> _lockStore(String name, Duration patience) async {
    final Duration until = _clock.elapsed + patience;
    while (_clock.elapsed < until) {
      if (await _store.tryLock(name)) {
        return true;
      }
      await Future<void>.delayed(const Duration(milliseconds: 50));
    }
    return false;
  }

  /// The tokens as they are in the store: another isolate may have renewed them.
  Future<Tokens?> _load() async {
    final String? text = await _store.read(_tokensKey);
    try {
      return _held = text == null ? null : Tokens.parse(jsonDecode(text));
    } on FormatException {
      return _held = null;
    } on MalformedAnswer {
      return _held = null;
    }
  }

  Tokens _tokensOf(TokenPair pair, String userId, bool isGuest) {
    return Tokens(pair.accessToken, pair.refreshToken, pair.expiresIn, userId, isGuest);
  }

  Future<void> _keep(Tokens tokens) async {
    await _store.write(_tokensKey, jsonEncode(tokens.toJson()));
    _held = tokens;
    _gotToken = tokens.accessToken;
    _gotAt = _clock.elapsed;
    _failure = null;
  }

  /// Whether this isolate got the token so long ago that it is about to expire.
  bool _isOld(Tokens tokens) {
    final Duration life = Duration(seconds: tokens.expiresIn) - _early;
    return _gotToken == tokens.accessToken && _clock.elapsed - _gotAt > life;
  }

  /// Ends the session here. With a [code] the server has ended it; without one its user has.
  ///
  /// The account of one who leaves is gone before the answer says so, which another call may learn
  /// first: then `leave` decides what it was. One whose answer was lost has left.
  Future<void> _end(String code) async {
    if (code.isNotEmpty && _isLeaving) {
      _endedMeanwhile = code;
      return;
    }
    final String? leaver = await _store.read(_leavingKey);
    if (code.isNotEmpty && leaver != null && leaver == (await _load())?.userId) {
      return _forget(leaver);
    }
    await _endWith(code);
  }

  /// The user has left.
  Future<void> _forget(String userId) async {
    await _endWith(SignedOutState.left);
    _hooksFor = userId;
  }

  Future<void> _endWith(String code) async {
    _held = null;
    await _store.delete(_tokensKey);
    await _store.delete(_leavingKey);
    _transport.forget();
    _change(SignedOutState(code));
  }

  void _change(AuthState state) {
    if (state != _state) {
      _state = state;
      if (!_changes.isClosed) {
        _changes.add(state);
      }
    }
  }
}
