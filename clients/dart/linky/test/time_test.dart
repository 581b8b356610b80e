// How long calls take, how they are cancelled, and what they throw for answers that are none.
import 'dart:async';
import 'dart:convert';

import 'package:fake_async/fake_async.dart';
import 'package:http/http.dart' as http;
import 'package:linky/linky.dart';
import 'package:test/test.dart';

import 'fake_app.dart';
import 'fake_server.dart';

/// Takes requests and never answers. It notes which were aborted.
final class DeadNetwork extends http.BaseClient {
  int sent = 0;
  int aborted = 0;

  @override
  Future<http.StreamedResponse> send(http.BaseRequest request) {
    sent++;
    if (request is http.Abortable) {
      unawaited(request.abortTrigger?.then((_) => aborted++));
    }
    return Completer<http.StreamedResponse>().future;
  }
}

/// A store that counts how often the tokens are read.
final class CountingStore implements Store {
  final Store _inner = MemoryStore();
  int reads = 0;

  @override
  Future<String?> read(String key) {
    if (key == 'tokens') reads++;
    return _inner.read(key);
  }

  @override
  Future<void> write(String key, String value) => _inner.write(key, value);

  @override
  Future<void> delete(String key) => _inner.delete(key);

  @override
  Future<List<String>> keys(String prefix) => _inner.keys(prefix);

  @override
  Future<bool> tryLock(String name) => _inner.tryLock(name);

  @override
  Future<void> unlock(String name) => _inner.unlock(name);
}

Future<Linky> over(http.Client client, {RetryPolicy policy = const RetryPolicy()}) async {
  final store = await signedInStore();
  final linky = Linky('http://linky.test', store: store, client: client, policy: policy);
  await linky.session.open();
  return linky;
}

/// What a call threw, and after how long, of a clock that is turned on.
(Object?, Duration) outcome(Duration most, Future<void> Function() call) {
  Object? thrown;
  Duration at = most;
  fakeAsync((time) {
    var elapsed = Duration.zero;
    unawaited(call().then<void>((_) {}, onError: (Object error) {
      thrown = error;
      at = elapsed;
    }));
    while (thrown == null && elapsed < most) {
      time.elapse(const Duration(milliseconds: 100));
      elapsed += const Duration(milliseconds: 100);
    }
  });
  return (thrown, at);
}

void main() {
  test('a read on a dead connection gives up after ten seconds, and its requests end', () {
    final network = DeadNetwork();
    final (thrown, at) = outcome(const Duration(minutes: 3), () async {
      await (await over(network)).users.getMe();
    });
    expect(thrown, isA<Unreachable>());
    expect((thrown! as Unreachable).mayHaveArrived, isTrue);
    expect(at <= const Duration(seconds: 10), isTrue, reason: '$at');
    expect(network.sent, 2, reason: 'a new connection may work where a dead one does not');
    expect(network.aborted, 2);
  });

  test('the times are those that the client was opened with, or that a call names', () {
    const policy = RetryPolicy(readWithin: Duration(seconds: 3));
    final (_, at) = outcome(const Duration(minutes: 3), () async {
      await (await over(DeadNetwork(), policy: policy)).users.getMe();
    });
    expect(at <= const Duration(seconds: 3), isTrue, reason: '$at');
    final (thrown, own) = outcome(const Duration(minutes: 3), () async {
      final linky = await over(DeadNetwork());
      await linky.posts.likePost('p', options: const CallOptions(within: Duration(seconds: 2)));
    });
    expect((thrown! as Unreachable).mayHaveArrived, isTrue);
    expect(own <= const Duration(seconds: 2), isTrue, reason: '$own');
  });

  test('a read does not wait longer for a server that asks for it', () {
    final server = FakeServer((_) async {
      return problem(503, 'overloaded', headers: {'retry-after': '11'});
    });
    final (thrown, at) = outcome(const Duration(minutes: 1), () async {
      await (await over(server.client())).users.getMe();
    });
    expect(thrown, isA<OverloadedProblem>());
    expect(at <= const Duration(seconds: 1), isTrue, reason: '$at');
  });

  test('a call that is cancelled ends at once, and so does its request', () async {
    final network = DeadNetwork();
    final linky = await over(network);
    final cancel = Cancellation();
    final call = linky.posts.likePost('p', options: CallOptions(cancel: cancel));
    await Future<void>.delayed(const Duration(milliseconds: 20));
    cancel.cancel();
    await expectLater(call, throwsA(isA<Cancelled>()));
    await Future<void>.delayed(Duration.zero);
    expect(network.aborted, 1);
  });

  test('a call that is cancelled while it waits for its next attempt ends at once', () async {
    final server = FakeServer((_) async {
      return problem(503, 'overloaded', headers: {'retry-after': '8'});
    });
    final linky = await over(server.client());
    final cancel = Cancellation();
    final call = linky.posts.likePost('p', options: CallOptions(cancel: cancel));
    final watch = Stopwatch()..start();
    await Future<void>.delayed(const Duration(milliseconds: 50));
    cancel.cancel();
    await expectLater(call, throwsA(isA<Cancelled>()));
    expect(watch.elapsed < const Duration(seconds: 2), isTrue);
    expect(server.requests.length, 1);
  });

  test('the language can change, and App Check gives its token for each call', () async {
    final server = FakeServer((_) async => answer(200, meOf('u').toJson()));
    var tokens = 0;
    final linky = Linky(
      'http://linky.test',
      store: await signedInStore(),
      client: server.client(),
      appCheck: () async => tokens++ == 1 ? throw const FormatException() : 'app-$tokens',
    );
    await linky.users.getMe();
    linky.language = 'en';
    await linky.users.getMe();
    expect(server.requests.map((one) => one.headers['Accept-Language']).toList(), ['ja', 'en']);
    expect(
      server.requests.map((one) => one.headers['X-Firebase-AppCheck']).toList(),
      ['app-1', null],
    );
  });

  test('the tokens are read from the store once, and anew when one is refused', () async {
    final store = CountingStore();
    await store.write('tokens', storedTokens(1));
    final server = FakeServer((request) async {
      final isNew = request.headers['Authorization'] == 'Bearer access-2';
      return isNew ? answer(200, meOf('u').toJson()) : problem(401, 'token_expired');
    });
    final linky = await open(server, store);
    await store.write('tokens', storedTokens(2)); // Another isolate has renewed them.
    await linky.users.getMe();
    final read = store.reads;
    await linky.users.getMe();
    await linky.users.getMe();
    expect(store.reads, read);
    expect(server.count('/api/v1/auth/refresh'), 0);
  });

  test('after a sign-out no token is left in memory', () async {
    final server = FakeServer((_) async => answer(200, meOf('u').toJson()));
    final linky = await open(server, await signedInStore());
    await linky.users.getMe();
    await linky.session.signOut();
    await expectLater(linky.users.getMe(), throwsA(isA<SignedOutError>()));
    expect(server.count('/api/v1/users/me'), 1);
  });

  test('an answer that is none is an error that names the call', () async {
    final garbage = <http.Response>[
      http.Response('<html>', 200),
      http.Response.bytes([0xff, 0xfe, 0x00], 200),
      http.Response.bytes(latin1.encode('{"nickname":"é"}'), 200),
      answer(200, meOf('u').toJson()..['nickname'] = 7),
      answer(200, meOf('u').toJson()..remove('id')),
      answer(200, [1, 2]),
      http.Response('{"id": "u"', 200),
    ];
    for (final one in garbage) {
      final linky = await open(FakeServer((_) async => one), await signedInStore());
      try {
        await linky.users.getMe();
        throw TestFailure('taken: ${one.bodyBytes}');
      } on MalformedAnswer catch (error) {
        expect(error.message.startsWith('get_me: '), isTrue, reason: error.message);
      }
    }
  });

  test('an error that is no problem of ours is one all the same', () async {
    for (final one in [http.Response('<html>', 403), http.Response.bytes([0xff], 404), answer(410, 'gone')]) {
      final linky = await open(FakeServer((_) async => one), await signedInStore());
      await expectLater(linky.users.getMe(), throwsA(isA<UnknownProblem>()));
    }
  });

  test('a draft whose answer is garbage stays, and goes out again with its key', () async {
    var asked = 0;
    final server = FakeServer((_) async {
      asked++;
      return asked == 1 ? http.Response('<html>', 201) : answer(201, postOf('題'));
    });
    final linky = await open(server, await signedInStore());
    final draft = await linky.drafts.newPost(const PostCreate(loungeId: 'l1', title: '題', body: '本文'));
    await expectLater(draft.send(), throwsA(isA<MalformedAnswer>()));
    expect((await linky.drafts.all()).single.isWanted, isTrue);
    expect(await linky.start(), <LinkyError>[]);
    expect({for (final one in server.requests) one.headers['Idempotency-Key']}.length, 1);
    expect(await linky.drafts.all(), isEmpty);
  });
}
