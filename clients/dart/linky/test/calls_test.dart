import 'dart:async';

import 'package:fake_async/fake_async.dart';
import 'package:http/http.dart' as http;
import 'package:linky/linky.dart';
import 'package:test/test.dart';

import 'fake_app.dart';
import 'fake_server.dart';
import 'generated/things.dart';

final Me me = meOf('u');

/// An error that is none of package:http's, as those of TLS are.
final class Strange implements Exception {
  const Strange(this.words);

  final String words;

  @override
  String toString() => words;
}

/// A network on which an answer has no end: a byte of it comes now and then.
final class EndlessNetwork extends http.BaseClient {
  int attempts = 0;

  @override
  Future<http.StreamedResponse> send(http.BaseRequest request) async {
    attempts++;
    return http.StreamedResponse(_answer(), 200);
  }

  Stream<List<int>> _answer() async* {
    while (true) {
      yield const <int>[32];
      await Future<void>.delayed(const Duration(seconds: 20));
    }
  }
}

Future<void> noteCall(
  EndlessNetwork network,
  List<String> outcomes,
  Future<void> Function(Linky linky) ask,
) async {
  final MemoryStore store = await signedInStore();
  final Linky linky = Linky(
    'http://linky.test',
    store: store,
    client: network,
    policy: impatient,
  );
  try {
    await ask(linky);
    outcomes.add('answered');
  } on Unreachable {
    outcomes.add('unreachable');
  }
}

/// Answers with these in turn. An exception cuts the connection.
Future<Linky> answering(List<Object> answers, List<http.Request> requests) async {
  int asked = 0;
  final FakeServer server = FakeServer((http.Request request) async {
    final Object next = answers[asked];
    asked++;
    requests.add(request);
    if (next is http.Response) {
      return next;
    }
    throw Strange('$next');
  });
  final MemoryStore store = MemoryStore();
  await store.write('tokens', storedTokens(1));
  final Linky linky = Linky(
    'http://linky.test',
    store: store,
    client: server.client(),
    policy: impatient,
  );
  await linky.session.start();
  return linky;
}

http.Response post(String title, {String tag = '"1.1"'}) {
  final Map<String, Object?> whole = <String, Object?>{...postExample, 'id': 'p', 'title': title};
  return answer(200, whole, headers: <String, String>{'etag': tag});
}

http.Response account(String tag) {
  return answer(200, me.toJson(), headers: <String, String>{'etag': tag});
}

void main() {
  test('an error of TLS is an answer that did not come', () async {
    final List<http.Request> requests = <http.Request>[];
    final Linky linky = await answering(<Object>[
      for (int number = 0; number < 4; number++) const Strange('HandshakeException: rubbish'),
    ], requests);
    await expectLater(linky.users.getMe(), throwsA(isA<Unreachable>()));
    expect(requests.length, 4);
  });

  test('what was never sent is sent again, and what may have arrived is not', () async {
    for (final String words in <String>['SocketException: Connection refused', 'cut']) {
      final List<http.Request> requests = <http.Request>[];
      final Linky linky = await answering(<Object>[
        Strange(words),
        answer(201, <String, Object?>{'nonce': 'n', 'expires_in': 600}),
      ], requests);
      if (words == 'cut') {
        await expectLater(linky.auth.createNonce(), throwsA(isA<Unreachable>()));
        expect(requests.length, 1);
      } else {
        expect((await linky.auth.createNonce()).nonce, 'n');
      }
    }
  });

  test('words that are not of dart:io may be of a request that has arrived', () async {
    const List<String> others = <String>[
      'ClientException: The Internet connection appears to be offline.',
      'ClientException: Exception in CronetUrlRequest: net::ERR_INTERNET_DISCONNECTED',
    ];
    for (final String words in others) {
      final List<http.Request> requests = <http.Request>[];
      final Linky linky = await answering(<Object>[Strange(words), account('"1"'), Strange(words)], requests);
      await linky.users.getMe();
      expect(requests.length, 2, reason: 'a read is safe to repeat');
      try {
        await linky.auth.createNonce();
        throw TestFailure('it was sent again');
      } on Unreachable catch (error) {
        expect(error.mayHaveArrived, isTrue);
      }
      expect(requests.length, 3);
    }
  });

  test('an account is looked for only if the call may have arrived', () async {
    const Register form = Register(email: 'a@example.com', nickname: '花子', password: 'password');
    final List<http.Request> requests = <http.Request>[];
    final Linky linky = await answering(<Object>[
      for (int number = 0; number < 4; number++) const Strange('Failed host lookup'),
    ], requests);
    await expectLater(linky.session.register(form), throwsA(isA<Unreachable>()));
    expect(requests.length, 4);
  });

  test('a delete finds nothing only after one that may have arrived', () async {
    final List<http.Request> requests = <http.Request>[];
    final Linky after = await answering(
      <Object>[const Strange('cut'), problem(404, 'post_not_found')],
      requests,
    );
    await after.posts.deletePost('p');
    final Linky before = await answering(
      <Object>[const Strange('Failed host lookup'), problem(404, 'post_not_found')],
      requests,
    );
    await expectLater(before.posts.deletePost('p'), throwsA(isA<PostNotFoundProblem>()));
  });

  test('an edit whose answer was lost is compared with what is there', () async {
    for (final String there in <String>['新しい題', 'よその題']) {
      final List<http.Request> requests = <http.Request>[];
      final Linky linky = await answering(<Object>[
        const Strange('cut'),
        problem(412, 'precondition_failed'),
        post(there, tag: '"2.2"'),
      ], requests);
      final Future<Post> changed =
          linky.posts.updatePost('p', const PostUpdate(title: '新しい題 '), ifMatch: '"1.1"');
      if (there == '新しい題') {
        expect((await changed).title, there);
        expect(linky.transport.etagOf('/api/v1/posts/p'), '"2.2"');
      } else {
        await expectLater(changed, throwsA(isA<PreconditionFailedProblem>()));
      }
    }
  });

  test('a change of the avatar answers the tag for the next edit', () async {
    final List<http.Request> requests = <http.Request>[];
    final Linky linky = await answering(
      <Object>[account('"1.1"'), account('"2.2"'), account('"3.3"')],
      requests,
    );
    await linky.users.getMe();
    await linky.users.changeAvatar(const Upload(<int>[1, 2, 3]));
    expect(linky.transport.etagOf('/api/v1/users/me'), '"2.2"');
    await linky.users.removeAvatar();
    expect(linky.transport.etagOf('/api/v1/users/me'), '"3.3"');
  });

  test('an edit is compared without what the server changes in a text', () async {
    final List<List<String>> pairs = <List<String>>[
      <String>['上\r\n下\r\n', '上\n下'],
      <String>['上\u2028中\u2029下', '上\n中\n下'],
      <String>['\u200b\u3164', ''],
    ];
    for (final List<String> pair in pairs) {
      final Linky linky = await answering(<Object>[
        const Strange('cut'),
        problem(412, 'precondition_failed'),
        post(pair.last, tag: '"2.2"'),
      ], <http.Request>[]);
      final PostUpdate changes = PostUpdate(title: pair.first);
      expect((await linky.posts.updatePost('p', changes, ifMatch: '"1.1"')).title, pair.last);
    }
  });

  test('an edit whose answer was lost is not read as the next user', () async {
    int asked = 0;
    late final Linky linky;
    final FakeServer server = FakeServer((http.Request request) async {
      asked++;
      if (asked == 1) {
        return cut();
      }
      await signInAnother(linky);
      return asked == 2 ? problem(412, 'precondition_failed') : post('題');
    });
    linky = await open(server, await signedInStore());
    await expectLater(
      linky.posts.updatePost('p', const PostUpdate(title: '題'), ifMatch: '"1.1"'),
      throwsA(isA<PreconditionFailedProblem>()),
    );
    expect(asked, 2);
  });

  test('leaving whose answer was lost has succeeded', () async {
    final Linky linky = await answering(
      <Object>[const Strange('cut'), problem(401, 'session_revoked')],
      <http.Request>[],
    );
    final Leaving leaving = await linky.users.leave();
    expect(leaving.completesBy.difference(DateTime.now()) > Duration.zero, isTrue);
  });

  test('a withdrawal whose answer was lost has succeeded', () async {
    final Linky linky = await answering(<Object>[
      const Strange('cut'),
      problem(409, 'already_decided'),
      answer(200, <String, Object?>{'status': 'withdrawn'}),
    ], <http.Request>[]);
    await linky.loungeRequests.withdrawLoungeRequest('r');
  });

  test('a call ends though a byte of its answer comes now and then', () {
    final EndlessNetwork network = EndlessNetwork();
    final List<String> outcomes = <String>[];
    fakeAsync((FakeAsync time) {
      unawaited(noteCall(network, outcomes, (linky) => linky.users.getMe()));
      time.elapse(const Duration(seconds: 10));
    });
    expect(outcomes, <String>['unreachable']);
    expect(network.attempts, 2);
    fakeAsync((FakeAsync time) {
      unawaited(noteCall(network, outcomes, (linky) => linky.posts.likePost('p')));
      time.elapse(const Duration(minutes: 2));
    });
    expect(outcomes.length, 2);
    expect(network.attempts, 2 + impatient.attempts);
  });

  test('an export is asked for once', () async {
    final List<http.Request> requests = <http.Request>[];
    final Linky linky = await answering(<Object>[const Strange('cut')], requests);
    await expectLater(linky.users.exportMe(), throwsA(isA<Unreachable>()));
    expect(requests.length, 1);
  });

  test('waits for lists that fail double until they are loaded', () {
    final Waiting waiting = Waiting(dice: () => 0.5);
    const Unreachable error = Unreachable('cut');
    final List<int> waits = <int>[
      for (int number = 0; number < 6; number++) waiting.afterLoad(error).inSeconds,
    ];
    expect(waits, <int>[3, 6, 12, 24, 48, 60]);
    waiting.loaded();
    expect(waiting.afterLoad(error).inSeconds, 3);
  });
}
