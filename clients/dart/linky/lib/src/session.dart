import 'dart:async';
import 'dart:convert';

import 'errors.dart';
import 'generated/apis.dart';
import 'generated/models.dart';
import 'generated/problems.dart';
import 'mutex.dart';
import 'reading.dart';
import 'store.dart';
import 'transport.dart';
import 'values.dart';

const String _tokensKey = 'tokens';
const String _signingOut = 'signing_out/';
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

/// As long as all attempts take. A holder that needs longer has died.
const Duration _lockPatience = Duration(seconds: 40);

const Duration _early = Duration(seconds: 30);

/// The signed-in user of one client.
///
/// The clock of the device decides nothing: the server says that a token has expired. Only a token
/// that this isolate got itself is renewed before its end, by a clock that cannot be set.
final class LinkySession implements TokenSource {
  /// Made by the client.
  LinkySession(this._transport, this._auth, this._store);

  final Transport _transport;
  final AuthApi _auth;
  final Store _store;
  final Mutex _mutex = Mutex();
  final Stopwatch _clock = Stopwatch()..start();
  final StreamController<AuthState> _changes = StreamController<AuthState>.broadcast();
  final List<Future<void> Function()> _hooks = <Future<void> Function()>[];
  AuthState _state = const NotStarted();
  String _gotToken = '';
  Duration _gotAt = Duration.zero;
  LinkyError? _failure;
  Duration _failedAt = Duration.zero;

  /// Who is signed in now.
  AuthState get state => _state;

  /// Each change of the state.
  Stream<AuthState> get changes => _changes.stream;

  /// Reads the store, and tells the server of sign-outs that it has not heard of.
  Future<void> start() async {
    final Tokens? tokens = await _load();
    if (tokens == null) {
      _change(const SignedOutState(''));
    } else {
      _change(SignedInState(tokens.userId, isGuest: tokens.isGuest));
    }
    await finishSignOuts();
  }

  /// Ends the stream of changes.
  Future<void> close() => _changes.close();

  /// Runs something after each sign-in, such as registering the device for pushes.
  void afterSignIn(Future<void> Function() hook) {
    _hooks.add(hook);
  }

  /// Makes an account. If the answer was lost, the account is found by its password.
  Future<Me> register(Register form) async {
    try {
      return await adopt(await _auth.register(form));
    } on Unreachable {
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

  /// Signs in by e-mail and password.
  Future<Me> signIn(String email, String password) async {
    return adopt(await _auth.login(Login(email: email, password: password)));
  }

  /// Begins as a guest, who may read.
  Future<Me> enterAsGuest() async => adopt(await _auth.enterAsGuest());

  /// Takes the tokens of any call that answers with some: social sign-in, upgrade, exchange.
  Future<Me> adopt(SignedIn answer) async {
    final Me user = answer.user;
    await _mutex.run<void>(() async {
      _transport.forget();
      await _keep(answer.tokens, user.id, user.isGuest);
    });
    _change(SignedInState(user.id, isGuest: user.isGuest));
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
  Future<void> signOut() async {
    await _mutex.run<void>(() async {
      final Tokens? tokens = await _load();
      if (tokens != null) {
        await _store.write('$_signingOut${tokens.userId}', tokens.refreshToken);
      }
      await _end('');
    });
    await finishSignOuts();
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
    } on Problem catch (problem) {
      return problem.status < 500 && problem.status != 429;
    } on LinkyError {
      return false;
    }
  }

  @override
  Future<String> accessToken() async {
    final Tokens? tokens = await _load();
    if (tokens == null) {
      final AuthState before = _state;
      final String code = before is SignedOutState ? before.code : '';
      _change(SignedOutState(code));
      throw SignedOutError(code);
    }
    return _isOld(tokens) ? _refreshed(tokens.accessToken) : tokens.accessToken;
  }

  @override
  Future<bool> renew(String refused, String code) async {
    if (code == 'token_expired' || code == 'token_invalid') {
      return await _refreshed(refused) != refused;
    }
    if (code != 'session_revoked') {
      return false;
    }
    return _mutex.run<bool>(() async {
      final Tokens? tokens = await _load();
      if (tokens != null && tokens.accessToken != refused) {
        return true; // The user has signed in again meanwhile.
      }
      await _end(code);
      return false;
    });
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
  Future<String> _refreshed(String refused) {
    final Duration askedAt = _clock.elapsed;
    return _mutex.run<String>(() async {
      final LinkyError? failure = _failure;
      if (failure != null && _failedAt >= askedAt) {
        throw failure; // The one before waited long enough for all.
      }
      final bool isOurs = await _lockStore();
      try {
        return await _refreshedAlone(refused);
      } finally {
        if (isOurs) {
          await _store.unlock(_refreshLock);
        }
      }
    });
  }

  Future<String> _refreshedAlone(String refused) async {
    final Tokens? tokens = await _load();
    if (tokens == null) {
      throw const SignedOutError('');
    }
    if (tokens.accessToken != refused) {
      return tokens.accessToken;
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
  Future<String> _ask(Tokens tokens) async {
    final RefreshRequest form = RefreshRequest(refreshToken: tokens.refreshToken);
    try {
      final TokenPair pair = await _auth.refreshTokens(form, options: _refreshOptions);
      await _keep(pair, tokens.userId, tokens.isGuest);
      _change(SignedInState(tokens.userId, isGuest: tokens.isGuest));
      return pair.accessToken;
    } on Problem catch (problem) {
      final Tokens? newer = await _load();
      if (newer != null && newer.refreshToken != tokens.refreshToken) {
        return newer.accessToken;
      }
      if (problem is AccountSuspendedProblem) {
        await noteSuspension(problem);
      } else if (_ended.contains(problem.code)) {
        await _end(problem.code);
        throw SignedOutError(problem.code);
      }
      rethrow;
    }
  }

  /// Takes the store's lock. After a while it goes on without: the server bears two at once.
  Future<bool> _lockStore() async {
    final Duration until = _clock.elapsed + _lockPatience;
    while (_clock.elapsed < until) {
      if (await _store.tryLock(_refreshLock)) {
        return true;
      }
      await Future<void>.delayed(const Duration(milliseconds: 50));
    }
    return false;
  }

  /// The tokens as they are in the store: another isolate may have renewed them.
  Future<Tokens?> _load() async {
    final String? text = await _store.read(_tokensKey);
    if (text == null) {
      return null;
    }
    try {
      return Tokens.parse(jsonDecode(text));
    } on FormatException {
      return null;
    } on MalformedAnswer {
      return null;
    }
  }

  Future<void> _keep(TokenPair pair, String userId, bool isGuest) async {
    final Tokens tokens =
        Tokens(pair.accessToken, pair.refreshToken, pair.expiresIn, userId, isGuest);
    await _store.write(_tokensKey, jsonEncode(tokens.toJson()));
    _gotToken = pair.accessToken;
    _gotAt = _clock.elapsed;
    _failure = null;
  }

  /// Whether this isolate got the token so long ago that it is about to expire.
  bool _isOld(Tokens tokens) {
    final Duration life = Duration(seconds: tokens.expiresIn) - _early;
    return _gotToken == tokens.accessToken && _clock.elapsed - _gotAt > life;
  }

  Future<void> _end(String code) async {
    await _store.delete(_tokensKey);
    _transport.forget();
    _change(SignedOutState(code));
  }

  void _change(AuthState state) {
    if (state != _state) {
      _state = state;
      _changes.add(state);
    }
  }
}
