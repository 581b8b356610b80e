import 'dart:async';

import 'package:http/http.dart' as http;
import 'package:linky/linky.dart';
import 'package:test/test.dart';

import 'fake_app.dart';
import 'fake_server.dart';

const String refreshPath = '/api/v1/auth/refresh';
const String countPath = '/api/v1/notifications/unread-count';

/// Refuses the first token, and knows those of a refresh.
Future<http.Response> afterExpiry(http.Request request) async {
  if (request.url.path == refreshPath) {
    return answer(200, tokens(2));
  }
  if (request.headers['Authorization'] == 'Bearer access-1') {
    return problem(401, 'token_expired');
  }
  return answer(200, <String, Object?>{'count': 3, 'more': false});
}

void main() {
  test('many requests in flight share one refresh', () async {
    final FakeServer server = FakeServer(afterExpiry);
    final Linky linky = await open(server, await signedInStore());
    final List<Future<UnreadCount>> calls = <Future<UnreadCount>>[
      for (int index = 0; index < 10; index++) linky.notifications.countUnreadNotifications(),
    ];
    final List<UnreadCount> counts = await Future.wait(calls);
    expect(counts.map<int>((UnreadCount one) => one.count).toSet(), <int>{3});
    expect(server.count(refreshPath), 1);
    expect(linky.session.state, const SignedInState('u', isGuest: false));
  });

  test('two clients that share a store share one refresh', () async {
    final FakeServer server = FakeServer(afterExpiry);
    final MemoryStore store = await signedInStore();
    final Linky one = await open(server, store);
    final Linky other = await open(server, store);
    await Future.wait(<Future<UnreadCount>>[
      one.notifications.countUnreadNotifications(),
      other.notifications.countUnreadNotifications(),
    ]);
    expect(server.count(refreshPath), 1);
  });

  test('a server that refuses each new token is asked twice for one, and no more', () async {
    int made = 1;
    final FakeServer server = FakeServer((http.Request request) async {
      if (request.url.path == refreshPath) {
        made++;
        return answer(200, tokens(made));
      }
      if (made > 9) {
        return answer(200, <String, Object?>{'count': 3, 'more': false}); // It would never end.
      }
      return problem(401, 'token_expired');
    });
    final Linky linky = await open(server, await signedInStore());
    await expectLater(
      linky.notifications.countUnreadNotifications(),
      throwsA(isA<TokenExpiredProblem>()),
    );
    expect(server.count(refreshPath), 2);
    expect(linky.session.state, const SignedInState('u', isGuest: false));
  });

  test('a lost answer of a refresh keeps the user signed in', () async {
    int lost = 0;
    final FakeServer server = FakeServer((http.Request request) async {
      if (request.url.path == refreshPath && lost == 0) {
        lost++;
        throw http.ClientException('cut');
      }
      return afterExpiry(request);
    });
    final Linky linky = await open(server, await signedInStore());
    await linky.notifications.countUnreadNotifications();
    expect(server.count(refreshPath), 2);
    expect(linky.session.state, const SignedInState('u', isGuest: false));
  });

  test('a token that was used by another ends the session', () async {
    final FakeServer server = FakeServer((http.Request request) async {
      if (request.url.path == refreshPath) {
        return problem(401, 'refresh_token_reused');
      }
      return problem(401, 'token_expired');
    });
    final MemoryStore store = await signedInStore();
    final Linky linky = await open(server, store);
    await expectLater(
      linky.notifications.countUnreadNotifications(),
      throwsA(isA<SignedOutError>()),
    );
    expect(linky.session.state, const SignedOutState('refresh_token_reused'));
    expect(await store.read('tokens'), isNull);
  });

  test('a suspension keeps the tokens', () async {
    final FakeServer server = FakeServer((http.Request request) async {
      return problem(403, 'account_suspended');
    });
    final MemoryStore store = await signedInStore();
    final Linky linky = await open(server, store);
    await expectLater(
      linky.notifications.countUnreadNotifications(),
      throwsA(isA<AccountSuspendedProblem>()),
    );
    expect(linky.session.state, const SuspendedState('u', '訳', ''));
    expect(await store.read('tokens'), storedTokens(1));
  });

  test('a draft has one key in all its attempts, also after a crash', () async {
    int attempts = 0;
    final FakeServer server = FakeServer((http.Request request) async {
      attempts++;
      if (attempts <= 4) {
        throw http.ClientException('cut');
      }
      return problem(403, 'guest_not_allowed');
    });
    final MemoryStore store = await signedInStore();
    final Linky before = await open(server, store);
    final Draft<Comment> draft =
        await before.drafts.newComment('p', const CommentCreate(body: '言葉'));
    await expectLater(draft.send(), throwsA(isA<Unreachable>()));

    final Linky after = await open(server, store);
    final List<Draft<Object?>> left = await after.drafts.all();
    expect(left.single.mayHaveBeenSent, isTrue);
    await expectLater(left.single.send(), throwsA(isA<GuestNotAllowedProblem>()));
    final Set<String?> keys = server.requests
        .map<String?>((http.Request request) => request.headers['Idempotency-Key'])
        .toSet();
    expect(keys.length, 1);
    expect(attempts, 5);
  });

  test('a list refreshes, grows and merges', () async {
    List<String> source = <String>['e', 'd', 'c', 'b', 'a'];
    final Paged<String> paged = Paged<String>(
      (String? cursor) async {
        final int start = cursor == null ? 0 : source.indexOf(cursor) + 1;
        final List<String> items = source.skip(start).take(2).toList();
        final bool isEnd = start + 2 >= source.length;
        return ResultPage<String>(items, isEnd ? null : items.last);
      },
      (String item) => item,
    );
    await paged.refresh();
    await paged.loadMore();
    expect(paged.items, <String>['e', 'd', 'c', 'b']);
    source = <String>['f', ...source];
    await paged.refresh();
    expect(paged.items, <String>['f', 'e', 'd', 'c', 'b']);
    await paged.loadMore();
    expect(paged.isComplete, isTrue);
    expect(paged.items.last, 'a');
    paged.remove('c');
    paged.put('g');
    expect(paged.items.first, 'g');
  });

  test('what is new in a list of one page stands where the server puts it', () async {
    List<String> source = <String>['b', 'a'];
    bool isRefused = false;
    final Paged<String> paged = Paged<String>(
      (String? cursor) async {
        if (isRefused && cursor != null) {
          throw const InvalidCursorProblem(422, <String, Object?>{}, null, '');
        }
        final int start = cursor == null ? 0 : source.indexOf(cursor) + 1;
        final List<String> items = source.skip(start).take(2).toList();
        return ResultPage<String>(items, start + 2 >= source.length ? null : items.last);
      },
      (String item) => item,
    );
    await paged.refresh();
    source = <String>['c', ...source];
    await paged.loadMore();
    expect(paged.items, <String>['c', 'b', 'a']);
    source = <String>['g', 'f', 'e', 'd', ...source];
    await paged.refresh();
    await paged.loadMore();
    expect(paged.items, <String>['g', 'f', 'e', 'd']);
    isRefused = true;
    await paged.loadMore();
    expect(paged.items, <String>['g', 'f'], reason: 'the list begins again');
  });

  test('a page that was asked for before takes back nothing that the app did', () async {
    final List<Completer<ResultPage<String>>> asked = <Completer<ResultPage<String>>>[];
    final Paged<String> paged = Paged<String>(
      (String? cursor) {
        asked.add(Completer<ResultPage<String>>());
        return asked.last.future;
      },
      (String item) => item,
    );
    for (final Future<void> Function() load in <Future<void> Function()>[
      paged.refresh,
      paged.loadMore,
      paged.refresh,
    ]) {
      final Future<void> loading = load();
      await Future<void>.delayed(Duration.zero); // It asks in its turn.
      if (asked.length > 1) {
        paged.put('d');
        paged.put('z', atStart: false);
        paged.remove('b');
      }
      asked.last.complete(const ResultPage<String>(<String>['c', 'b', 'a'], null));
      await loading;
      if (asked.length > 1) {
        expect(paged.items, <String>['d', 'c', 'a', 'z']);
        paged.remove('d');
        paged.remove('z');
      }
    }
  });

  test('an unknown value of an enum is kept', () {
    final NotificationType kind = NotificationType.parse('of_tomorrow');
    expect(kind.isKnown, isFalse);
    expect(kind, const NotificationType.unknown('of_tomorrow'));
    expect(NotificationType.parse('reply'), NotificationType.reply);
  });

  test('models are equal by their parts, and can be copied', () {
    const Author author = Author(id: 'a', nickname: '花子', avatarUrl: null);
    expect(Author.parse(author.toJson()), author);
    expect(author.copyWith(nickname: '健太').nickname, '健太');
    expect(author.copyWith(id: () => null).id, isNull);
  });

  test('a push leads to its place', () {
    final AppRoute route = routeOfPush(<String, Object?>{'post_id': 'p', 'comment_id': 'c'});
    expect(route, isA<PostRoute>());
    expect(routeOfPush(<String, Object?>{'type': 'announcement'}), isA<NotificationsRoute>());
  });
}
