import 'dart:async';

import 'package:http/http.dart' as http;

import 'acts.dart';
import 'client.dart';
import 'copy_records.dart';
import 'copy_store.dart';
import 'cursors.dart';
import 'errors.dart';
import 'follower.dart';
import 'generated/models.dart';
import 'generated/problems.dart';
import 'live_events.dart';
import 'loaded.dart';
import 'outbox.dart';
import 'reading.dart';
import 'values.dart';

/// A screen follows several things at once: one new stream is enough for them.
const Duration _together = Duration(milliseconds: 50);

/// Opens the offline copy of the user who is signed in. It needs no network.
///
/// Give it a `FileCopyStore` of linky/io.dart. Then call [Live.start] while the app is in front.
Future<Live> openLive(Linky linky, CopyStore store, {Waiting? waiting, int mostItems = 2000}) async {
  if (linky.session.state is NotStarted) {
    await linky.session.open();
  }
  final Live live = Live._(linky, store, waiting ?? Waiting(), mostItems);
  await live.open();
  return live;
}

/// The offline copy, and the stream that keeps it up to date.
///
/// [start] when the app comes to the foreground, [stop] when it goes to the background.
final class Live extends Follower {
  Live._(this._linky, CopyStore store, this._waiting, int mostItems)
      : super(_linky.transport, _linky.session, store, mostItems: mostItems);

  final Linky _linky;
  final Waiting _waiting;
  StreamSubscription<void>? _watching;
  StreamSubscription<List<int>>? _reading;
  Completer<String> _ended = Completer<String>();
  Completer<void> _woken = Completer<void>();
  Completer<void> _loadNow = Completer<void>();
  Set<String> _failing = <String>{};
  List<String> _covered = <String>[];
  bool _asksFirst = true;
  bool _isLoading = false;
  bool _isLive = false;
  final StreamController<bool> _liveChanges = StreamController<bool>.broadcast();
  bool _isRunning = false;
  bool _isResending = false;
  int _run = 0;
  StreamSubscription<DraftEvent>? _sent;

  /// What the user does to things, which shows at once.
  late final Acts acts = Acts(_linky, copy);

  /// The home feed: the newest posts of all lounges.
  Watched<List<Post>> watchFeed() => _list<Post>(Listing('feed', me));

  /// The lounges, the most popular first.
  Watched<List<Lounge>> watchLounges() => _list<Lounge>(Listing('lounges', me));

  /// A lounge. Loading it counts as a look into it.
  Watched<Lounge> watchLounge(String loungeId) => _one(Listing('lounge', 'lounge:$loungeId'));

  /// The posts of a lounge, the newest first.
  Watched<List<Post>> watchPostsOf(String loungeId) {
    return _list<Post>(Listing('posts', 'lounge:$loungeId'), Listing('lounge', 'lounge:$loungeId'));
  }

  /// A post.
  Watched<Post> watchPost(String postId) => _one(Listing('post', 'post:$postId'));

  /// The comments of a post, the oldest first.
  Watched<List<Comment>> watchComments(String postId) {
    return _list<Comment>(Listing('comments', 'post:$postId'), Listing('post', 'post:$postId'));
  }

  /// The replies to a comment, the oldest first.
  Watched<List<Comment>> watchReplies(String postId, String commentId) {
    final post = Listing('post', 'post:$postId');
    final comment = Listing('comment', 'post:$postId', commentId);
    final replies = Listing('replies', 'post:$postId', commentId);
    return watch([post, comment, replies], () => copy.all<Comment>(replies));
  }

  /// The user's notifications, the newest first.
  Watched<List<NotificationItem>> watchNotifications() {
    return _list<NotificationItem>(Listing('notifications', me));
  }

  /// How many notifications are unread: show `999+` where `more` is true.
  Watched<UnreadCount> watchUnread() => _one(Listing('badge', me));

  /// The user's own profile.
  Watched<Me> watchMe() => _one(Listing('me', me));

  Watched<T> _one<T>(Listing listing) => watch([listing], () => copy.one<T>(listing));

  Watched<List<T>> _list<T>(Listing listing, [Listing? above]) {
    return watch([if (above != null) above, listing], () => copy.all<T>(listing));
  }

  /// Whether a stream is open: what others do shows at once.
  bool get isLive => _isLive;

  /// [isLive] now, then each change of it.
  ///
  /// It is also false for a moment whenever another stream takes the place of one, as when a screen
  /// opens. Wait a few seconds before you show that there is no connection.
  Stream<bool> get liveChanges => Stream<bool>.multi((listener) {
        listener.add(_isLive);
        final later = _liveChanges.stream.listen(listener.add, onDone: listener.close);
        listener.onCancel = later.cancel;
      }, isBroadcast: true);

  void _setLive(bool isLive) {
    if (isLive == _isLive) {
      return;
    }
    _isLive = isLive;
    if (!_liveChanges.isClosed) {
      _liveChanges.add(isLive);
    }
  }

  @override
  Future<void> open() async {
    await super.open();
    _watching = copy.changes.listen((void event) {
      _onChange();
    });
    _sent = _linky.drafts.changes.listen((event) {
      if (event is DraftSent) {
        _show(event.thing);
      }
    });
  }

  /// Shows what a draft has become, before the server tells of it.
  void _show(Object? thing) {
    if (thing is Post) {
      copy.show('post', thing.toJson());
    } else if (thing is Comment) {
      copy.show('comment', thing.toJson());
    }
  }

  @override
  Future<void> close() async {
    stop();
    await _sent?.cancel();
    await _watching?.cancel();
    await _liveChanges.close();
    await super.close();
  }

  @override
  Future<void> onState(AuthState state) async {
    await super.onState(state);
    _asksFirst = true;
    _wake();
  }

  // When it runs.

  /// Catches up, and follows. Again begins a new stream.
  void start() {
    _run++;
    _isRunning = true;
    _asksFirst = true;
    copy.expire();
    _wake();
    unawaited(_follow(_run));
  }

  /// Closes the stream at once. The copy stays as it is.
  void stop() {
    _run++;
    _isRunning = false;
    _wake();
  }

  /// Opens a new stream at once: the network has changed.
  void reconnect() {
    _wake();
  }

  /// Ends the waiting and the stream.
  void _wake() {
    _setLive(false);
    _reading?.cancel().ignore();
    _reading = null;
    _end('');
    if (!_woken.isCompleted) {
      _woken.complete();
    }
    _hurry();
  }

  void _onChange() {
    if (copy.due().any((Listing one) => !_failing.contains(one.key))) {
      _hurry();
    }
    if (_mayLoad()) {
      unawaited(_loadWhatIsDue());
    }
    if (_isLive && copy.topics.any((String topic) => !_covered.contains(topic))) {
      _wake();
    }
  }

  // Loading.

  bool _mayLoad() {
    return _isRunning &&
        session.state is SignedInState &&
        copy.cursor != null &&
        copy.due().isNotEmpty;
  }

  Future<void> _loadWhatIsDue() async {
    if (_isLoading) {
      return;
    }
    _isLoading = true;
    try {
      while (_mayLoad()) {
        await _loadOrWait();
      }
    } finally {
      _isLoading = false;
    }
  }

  /// After lists that failed it waits, but not when another list is due, or when the server is
  /// within reach again.
  Future<void> _loadOrWait() async {
    try {
      await loadDue();
      _failing = <String>{};
      _waiting.loaded();
    } on Exception catch (error) {
      _failing = copy.due().map<String>((Listing one) => one.key).toSet();
      _loadNow = Completer<void>();
      final Duration wait = _waiting.afterLoad(error);
      final List<Future<void>> either = <Future<void>>[_loadNow.future, Future<void>.delayed(wait)];
      await Future.any(either);
    }
  }

  /// Ends the waiting after lists that failed.
  void _hurry() {
    if (!_loadNow.isCompleted) {
      _loadNow.complete();
    }
  }

  // Sending again.

  /// The server is within reach: sends the drafts that failed because it was not.
  @override
  void onAnswer() {
    if (_isRunning && !_isResending && _linky.drafts.outbox.any(_waitsForServer) && _waiting.maySend()) {
      _isResending = true;
      unawaited(_sendAgain());
    }
  }

  /// Another refusal than one of a server in trouble is the same again in a moment.
  bool _waitsForServer(DraftEvent event) {
    if (event is! DraftFailed || !event.willRetry) {
      return false;
    }
    final LinkyError error = event.error;
    return error is Unreachable || error is MalformedAnswer || (error is Problem && error.status >= 500);
  }

  Future<void> _sendAgain() async {
    try {
      await _linky.drafts.sendAll();
    } on Exception {
      // The store of tokens can't be read. The outbox stays as it is.
    } finally {
      _isResending = false;
    }
    if (_linky.drafts.outbox.any(_waitsForServer)) {
      _waiting.sentInVain();
    } else {
      _waiting.sent();
    }
  }

  // Following.

  Future<void> _follow(int run) async {
    while (run == _run) {
      _woken = Completer<void>();
      if (session.state is! SignedInState) {
        await _woken.future;
        continue;
      }
      await Future<void>.delayed(_together);
      if (run != _run) {
        return;
      }
      _woken = Completer<void>();
      final Duration wait = await _followOnce(run);
      if (run == _run) {
        _setLive(false);
        final List<Future<void>> either = <Future<void>>[_woken.future, Future<void>.delayed(wait)];
        await Future.any(either);
      }
    }
  }

  /// Follows one stream to its end. Returns how long to wait then.
  ///
  /// A stream that was cut goes on from the cursor by itself. Who was away longer asks first.
  Future<Duration> _followOnce(int run) async {
    String reason = '';
    LinkyError? failure;
    try {
      if (_asksFirst) {
        await takeChanges();
        copy.noteConnection(null);
        _asksFirst = false;
        _onChange();
      }
      if (run == _run) {
        reason = await _stream(run);
      }
    } on LinkyError catch (error) {
      failure = error;
      if (error is InvalidCursorProblem) {
        startOver();
      }
    } on Exception catch (error) {
      failure = Unreachable('follow_live: $error'); // Of the store of tokens: it may pass, too.
    }
    if (failure != null) {
      copy.noteConnection(failure);
    }
    if (_woken.isCompleted) {
      return Duration.zero;
    }
    _asksFirst = _waiting.hasNoRoom(failure, reason);
    return _waiting.after(failure, reason);
  }

  /// Follows a stream. Returns the reason of its `bye`, if it said one.
  Future<String> _stream(int run) async {
    final List<String> topics = copy.topics;
    final int begun = copy.generation;
    _covered = <String>[me, ...topics];
    final http.StreamedResponse response = await transport.stream(
      Call(
        operation: 'follow_live',
        method: 'GET',
        path: '/api/v1/live',
        query: <String, Object?>{'topics': topics.isEmpty ? null : topics.join(',')},
        headers: <String, String?>{'Last-Event-ID': copy.cursor?.toString()},
      ),
    );
    final EventReader reader = EventReader();
    final Completer<String> ended = Completer<String>();
    _ended = ended;
    final StreamSubscription<List<int>> reading =
        response.stream.timeout(_waiting.silence).listen(
      (List<int> part) {
        _takeAll(part, reader, begun);
      },
      onError: (Object error) {
        _fail(Unreachable('follow_live: $error'));
      },
      onDone: () {
        _end('');
      },
      cancelOnError: true,
    );
    if (run != _run || _woken.isCompleted) {
      await reading.cancel();
      return '';
    }
    _reading = reading;
    try {
      return await ended.future;
    } finally {
      await reading.cancel();
    }
  }

  void _takeAll(List<int> part, EventReader reader, int begun) {
    try {
      for (final ServerEvent event in reader.feed(part)) {
        if (begun != copy.generation || _ended.isCompleted) {
          return; // Another user is signed in, or the stream is over.
        }
        _waiting.heard(event);
        if (event.name == 'bye') {
          _end(textIn(event.data, 'reason'));
        } else {
          _take(event);
          onAnswer();
        }
      }
    } on MalformedAnswer catch (error) {
      _fail(error);
    } on FormatException {
      _fail(const MalformedAnswer('an event is not UTF-8'));
    }
  }

  /// Takes an event in. What is not known is of a newer server.
  void _take(ServerEvent event) {
    final Cursor? cursor = event.cursor;
    if (event.name == 'hello') {
      _setLive(true);
      copy.noteConnection(null);
      _hurry();
      if (copy.cursor == null && cursor != null) {
        copy.start(cursor);
      }
      _onChange();
    } else if (event.name == 'changes' && cursor != null) {
      final List<Change> told =
          field<List<Change>>(event.data, 'changes', listOf<Change>(Change.parse));
      final Cursor asOf = Cursor.parse(field<String>(event.data, 'as_of', asText));
      copy.apply(told, asOf, cursor, _covered);
    } else if (event.name == 'beat' && cursor != null) {
      copy.apply(<Change>[], cursor, cursor, _covered);
    } else if (event.name == 'reset' && cursor != null) {
      final List<String>? topics =
          optionalField<List<String>>(event.data, 'topics', listOf<String>(asText));
      copy.reset(topics, cursor, _covered);
    }
  }

  void _end(String reason) {
    if (!_ended.isCompleted) {
      _ended.complete(reason);
    }
  }

  void _fail(LinkyError error) {
    if (!_ended.isCompleted) {
      _ended.completeError(error);
    }
  }
}
