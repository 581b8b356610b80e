import 'dart:async';

import 'copy_records.dart';
import 'copy_state.dart';
import 'copy_store.dart';
import 'cursors.dart';
import 'errors.dart';
import 'generated/models.dart';
import 'generated/problems.dart';
import 'loaded.dart';
import 'mutex.dart';
import 'offline_copy.dart';
import 'reading.dart';
import 'session.dart';
import 'transport.dart';
import 'values.dart';

/// A server knows the log's end 250 ms late at most. A replica may need longer.
const Duration _behind = Duration(milliseconds: 100);
const int _behindTimes = 30;

/// A list that changes again and again is left for the next time.
const int _mostTries = 10;

/// Keeps an offline copy up to date: loads its lists, and asks what has changed.
///
/// It is the copy of the user who is signed in. Another user's is emptied.
base class Follower {
  /// Made by the client. Call [open] before anything else.
  Follower(this.transport, this.session, CopyStore store, {int mostItems = 2000})
      : copy = OfflineCopy(store, mostItems: mostItems);

  /// Sends the calls.
  final Transport transport;

  /// Whose copy it is.
  final LinkySession session;

  /// What the screens show.
  final OfflineCopy copy;

  final Mutex _loading = Mutex();
  final Map<String, Listing> _watched = <String, Listing>{};
  StreamSubscription<AuthState>? _listening;

  /// Reads what was there, without a network, and heeds the session from now on.
  Future<void> open() async {
    session.afterSignOut(_onSignOut);
    // The first is the state now, for which the caller waits.
    _listening = session.changes.skip(1).listen((AuthState state) {
      unawaited(onState(state));
    });
    await onState(session.state);
  }

  /// Called whenever the server has answered.
  void onAnswer() {}

  /// Heeds the session no longer. The copy stays.
  Future<void> close() async {
    await _listening?.cancel();
    await copy.close();
  }

  /// Shows what this user left on the device, and nothing of another.
  Future<void> onState(AuthState state) async {
    if (state is NotStarted || (state is SignedOutState && state.isUnread)) {
      return; // Who is signed in is not known yet, so nothing is shown or removed.
    }
    String? userId;
    if (state is SignedInState) {
      userId = state.userId;
    } else if (state is SuspendedState) {
      userId = state.userId;
    }
    if (userId == null) {
      copy.clear(null);
      return;
    }
    if (userId != copy.userId) {
      await copy.open(userId);
    }
    if (userId == copy.userId) {
      _useOwn();
    }
  }

  /// A sign-out ends when nothing of the user is on the disk any more.
  Future<void> _onSignOut(String userId) async {
    if (copy.userId == userId) {
      copy.clear(null);
    }
    await copy.settle();
  }

  void _useOwn() {
    copy.use(Listing('badge', me));
    copy.use(Listing('notifications', me));
    for (final Listing one in _watched.values) {
      copy.use(Listing(one.kind, one.topic, one.root));
    }
  }

  /// The server takes the cursor for none of its own. What is followed stays followed.
  void startOver() {
    final List<Listing> followed = copy.followed;
    copy.clear(copy.userId);
    for (final Listing one in followed) {
      copy.use(Listing(one.kind, one.topic, one.root));
    }
    _useOwn();
  }

  // What to follow.

  /// A stream of a thing or a list. A listener keeps it, and what it hangs below.
  Watched<T> watch<T>(List<Listing> needed, Loaded<T> Function() read) {
    final stream = Stream<Loaded<T>>.multi((out) {
      for (final one in needed) {
        _watched[one.key] = one;
        copy.watched[one.key] = (copy.watched[one.key] ?? 0) + 1;
        copy.use(Listing(one.kind, one.topic, one.root));
      }
      Loaded<T>? last;
      bool isAsked = false;
      void show() {
        isAsked = false;
        final now = read();
        if (!out.isClosed && now != last) {
          last = now;
          out.add(now);
        }
      }

      final listening = copy.changes.listen((_) {
        if (!isAsked) {
          isAsked = true;
          scheduleMicrotask(show); // Once for all changes of a moment.
        }
      }, onDone: out.close);
      show();
      out.onCancel = () async {
        for (final one in needed) {
          final left = (copy.watched[one.key] ?? 1) - 1;
          copy.watched[one.key] = left;
          if (left < 1) {
            copy.watched.remove(one.key);
            _watched.remove(one.key);
          }
        }
        await listening.cancel();
      };
    }, isBroadcast: true);
    final main = needed.last;
    return Watched<T>(
      stream,
      read,
      () => refresh(main.kind, main.topic, main.root),
      () => main.isSingle ? Future<void>.value() : loadMore(main.kind, main.topic, main.root),
    );
  }

  /// Loads a list from its beginning. Throws what a call throws.
  Future<void> refresh(String kind, String topic, [String root = '']) {
    final listing = copy.use(Listing(kind, topic, root));
    return _loading.run<void>(() async {
      await takeCursor();
      listing.asOf = never;
      copy.failures.remove(listing.key);
      try {
        await _load(listing, <LoadedPage>[], 0);
      } on LinkyError catch (error) {
        copy.noteFailure(listing, error);
        rethrow;
      }
    });
  }

  /// Begins the copy, if it has no cursor yet: lists are compared by it.
  Future<void> takeCursor() async {
    if (copy.cursor == null) {
      await takeChanges();
    }
  }

  /// Loads the next page of `comments`, `replies`, `posts` or `notifications`.
  Future<void> loadMore(String kind, String topic, [String root = '']) {
    final Listing listing = copy.use(Listing(kind, topic, root));
    return _loading.run<void>(() async {
      if (listing.isDue || listing.isComplete) {
        return;
      }
      final int upTo = listing.pages.length + 1;
      try {
        await _load(listing, listing.pages.toList(), upTo);
      } on InvalidCursorProblem {
        await _load(listing, <LoadedPage>[], upTo); // From the beginning, and one page more.
      }
    });
  }

  // Catching up.

  /// Asks what has changed. Without a cursor the copy begins now.
  Future<void> takeChanges() async {
    final int begun = copy.generation;
    bool more = copy.userId != null;
    while (more) {
      final List<String> topics = copy.topics;
      final List<String> covered = <String>[me, ...topics];
      final Cursor? since = copy.cursor;
      final Answer answer;
      try {
        answer = await _read('list_changes', '/changes', <String, Object?>{
          'topics': topics.isEmpty ? null : topics.join(','),
          'since': since?.toString(),
        });
      } on InvalidCursorProblem {
        if (begun == copy.generation) {
          startOver();
        }
        rethrow;
      }
      if (begun != copy.generation) {
        return;
      }
      final Changes told = Changes.parse(answer.json);
      final Cursor now = Cursor.parse(told.cursor);
      final Reset? reset = told.reset;
      more = told.more;
      if (since == null) {
        copy.start(now);
      } else if (reset != null && reset.topics == null) {
        copy.reset(null, now, covered);
      } else {
        if (reset != null) {
          copy.reset(reset.topics, since, covered); // The cursor moves on with the changes only.
        }
        copy.apply(told.changes, Cursor.parse(told.asOf), now, covered);
      }
    }
  }

  /// Loads the lists that are not up to date. One that fails keeps none of the others back.
  Future<void> loadDue() {
    return _loading.run<void>(() async {
      final Map<String, int> tries = <String, int>{};
      LinkyError? failure;
      List<Listing> due = _loadable(tries);
      while (due.isNotEmpty) {
        final Listing listing = due.first;
        tries[listing.key] = (tries[listing.key] ?? 0) + 1;
        try {
          await _load(listing, <LoadedPage>[], 0);
        } on LinkyError catch (error) {
          tries[listing.key] = _mostTries;
          copy.noteFailure(listing, error);
          failure ??= error;
        }
        due = _loadable(tries);
      }
      if (failure != null && copy.willRetry(failure)) {
        throw failure;
      }
    });
  }

  List<Listing> _loadable(Map<String, int> tries) {
    if (copy.cursor == null) {
      return <Listing>[];
    }
    return copy
        .due()
        .where((Listing listing) => (tries[listing.key] ?? 0) < _mostTries)
        .toList();
  }

  /// Loads a list again as far as it was, or up to a number of pages.
  Future<void> _load(Listing listing, List<LoadedPage> loaded, int upTo) async {
    final int begun = copy.generation;
    int? lowest = loaded.isEmpty ? null : listing.asOf;
    bool isDone = false;
    while (!isDone) {
      final String after = loaded.isEmpty ? '' : loaded.last.edge;
      final int asked = copy.moment;
      final Answer? answer = await _page(listing, loaded.isEmpty ? null : loaded.last.next);
      if (answer == null || begun != copy.generation || !copy.isFollowed(listing)) {
        return;
      }
      final Map<String, Object?> json = asObject(answer.json);
      final List<Map<String, Object?>> values = listing.isSingle
          ? <Map<String, Object?>>[json]
          : field<List<Map<String, Object?>>>(json, 'items', listOf<Map<String, Object?>>(asObject));
      final String? next =
          listing.isSingle ? null : field<String?>(json, 'next_cursor', maybe<String>(asText));
      final int asOf = Cursor.parse(answer.asOf).position;
      final String edge =
          (values.isEmpty || listing.isSingle) ? after : textIn(values.last, 'id');
      copy.putPage(listing, after, values, next == null ? null : edge, asOf, asked);
      final int low = lowest ?? asOf;
      lowest = asOf < low ? asOf : low;
      if (edge == after && loaded.isNotEmpty) {
        loaded.removeLast(); // The page was empty: its range is the next one's.
      }
      loaded.add(LoadedPage(edge, next));
      isDone = next == null || _isFarEnough(listing, loaded, upTo);
    }
    copy.setLoaded(listing, loaded, lowest ?? never);
  }

  bool _isFarEnough(Listing listing, List<LoadedPage> loaded, int upTo) {
    if (loaded.last.edge.isEmpty) {
      return false; // It was empty, which is not the end.
    }
    if (upTo > 0) {
      return loaded.length >= upTo;
    }
    if (!listing.isTold) {
      return true;
    }
    if (loaded.length * pageItems >= copy.mostItems || listing.pages.isEmpty) {
      return true;
    }
    return !listing.isComplete && loaded.length >= listing.pages.length;
  }

  /// A page that is new enough, or null if there is no such list for this user.
  Future<Answer?> _page(Listing listing, String? next) async {
    final Map<String, Object?> query = listing.isSingle
        ? <String, Object?>{}
        : <String, Object?>{
            'limit': pageItems,
            'cursor': next,
            'parent_id': listing.root.isEmpty ? null : listing.root,
          };
    bool isPostThere = false;
    for (int number = 0; number < _behindTimes; number++) {
      final int floor = listing.floor;
      final int begun = copy.generation;
      final String known = copy.cursor?.toString() ?? '';
      String missing = '';
      Answer answer = const Answer(null, '');
      try {
        answer = await _read('load_${listing.kind}', listing.path, query);
      } on Problem catch (problem) {
        if (problem.status != 404) {
          rethrow;
        }
        missing = problem.code;
        final String asOf = textIn(problem.body, 'as_of');
        answer = Answer(null, asOf.isEmpty ? '${copy.cursor?.epoch ?? ''}.$floor' : asOf);
      }
      if (begun != copy.generation) {
        return null;
      }
      if (answer.asOf.isEmpty) {
        answer = Answer(answer.json, known); // Not told of: it is as of then, or newer.
      }
      final Cursor asOf = Cursor.parse(answer.asOf);
      if (copy.takes(listing, asOf)) {
        if (missing.isEmpty) {
          return answer;
        }
        if (missing == 'comment_not_found' && !isPostThere) {
          isPostThere = await _hasPost(listing);
          if (isPostThere) {
            continue;
          }
          return null;
        }
        copy.noteMissing(listing, missing, asOf.position);
        return null;
      }
      await Future<void>.delayed(_behind);
    }
    throw Unreachable('${listing.kind}: the server is behind', mayHaveArrived: false);
  }

  /// Asks for the post of a comment that was not found: it may be the post that is hidden. Hidden and
  /// shown again between two looks, it is told by one `put`, which only brings back what is below a
  /// post that was gone.
  Future<bool> _hasPost(Listing below) async {
    final Listing post = copy.lists[Listing('post', below.topic).key] ?? Listing('post', below.topic);
    final int asked = copy.moment;
    final Answer? answer = await _page(post, null);
    if (answer != null) {
      final List<Map<String, Object?>> values = <Map<String, Object?>>[asObject(answer.json)];
      copy.putPage(post, '', values, null, Cursor.parse(answer.asOf).position, asked);
    }
    return answer != null;
  }

  Future<Answer> _read(String operation, String path, Map<String, Object?> query) async {
    final Answer answer = await transport.read(
      Call(
        operation: operation,
        method: 'GET',
        path: '/api/v1$path',
        query: query,
        options: const CallOptions(attempts: 2),
      ),
    );
    onAnswer();
    return answer;
  }
}
