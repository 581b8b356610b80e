// What happens when the server is within reach again: drafts go out, and the screen learns of it.
import 'dart:async';
import 'dart:convert';

import 'package:http/http.dart' as http;
import 'package:linky/linky.dart';
import 'package:test/test.dart';

import 'fake_app.dart';
import 'fake_server.dart';

const String postsPath = '/api/v1/posts';

/// A server with a stream that the test writes, and a network that can be down.
final class LiveServer extends http.BaseClient {
  bool isDown = false;
  int posts = 0;
  http.Response Function()? answerToPost;
  StreamController<List<int>> stream = StreamController<List<int>>();

  @override
  Future<http.StreamedResponse> send(http.BaseRequest request) async {
    final path = request.url.path;
    final isPost = path == postsPath && request.method == 'POST';
    if (isPost) posts++;
    if (isDown) throw http.ClientException('Connection refused');
    if (path.endsWith('/live')) {
      stream = StreamController<List<int>>();
      say('hello', retry: 600000);
      return http.StreamedResponse(stream.stream, 200);
    }
    final response = isPost
        ? (answerToPost ?? () => answer(201, postOf('題')))()
        : path.endsWith('/changes')
            ? answer(200, {'changes': <Object?>[], 'cursor': 'e.7', 'as_of': 'e.7', 'more': false, 'reset': null})
            : answer(200, {'items': <Object?>[], 'next_cursor': null});
    return http.StreamedResponse(Stream.value(response.bodyBytes), response.statusCode, headers: response.headers);
  }

  void say(String event, {int? retry}) {
    final line = retry == null ? '' : 'retry: $retry\n';
    stream.add(utf8.encode('${line}id: e.7\nevent: $event\ndata: {}\n\n'));
  }
}

Future<void> until(bool Function() isSo) async {
  for (var tries = 0; !isSo() && tries < 500; tries++) {
    await Future<void>.delayed(const Duration(milliseconds: 10));
  }
  expect(isSo(), isTrue);
}

Future<(Linky, Live)> following(LiveServer server) async {
  final linky = Linky('http://linky.test', store: await signedInStore(), client: server, policy: impatient);
  await linky.session.open();
  final live = await openLive(linky, MemoryCopyStore(), waiting: Waiting(dice: () => 0.5));
  addTearDown(live.close);
  live.start();
  await until(() => live.isLive);
  return (linky, live);
}

Future<Draft<Post>> sendInVain(Linky linky) async {
  final draft = await linky.drafts.newPost(const PostCreate(loungeId: 'l1', title: '題', body: '本文'));
  await expectLater(draft.send(), throwsA(isA<LinkyError>()));
  return draft;
}

void main() {
  test('a draft goes out once when a stream opens after the network was away', () async {
    final server = LiveServer();
    final (linky, live) = await following(server);
    server.isDown = true;
    await server.stream.close();
    await sendInVain(linky);
    final told = <DraftEvent>[];
    linky.drafts.changes.skip(1).listen(told.add);
    server
      ..isDown = false
      ..posts = 0;
    live.reconnect();
    await until(() => told.any((one) => one is DraftSent));
    for (var beats = 0; beats < 5; beats++) {
      server.say('beat');
    }
    await Future<void>.delayed(const Duration(milliseconds: 50));
    expect(server.posts, 1);
    expect(told.whereType<DraftSent>().length, 1);
    expect(linky.drafts.outbox, isEmpty);
  });

  test('a draft that failed while the stream stayed open goes out when the server says something', () async {
    final server = LiveServer();
    final (linky, _) = await following(server);
    for (final failure in [
      () => throw http.ClientException('cut'),
      () => http.Response('<html>', 502),
    ]) {
      server.answerToPost = failure;
      await sendInVain(linky);
      server
        ..answerToPost = null
        ..say('beat');
      await until(() => linky.drafts.outbox.isEmpty);
    }
  });

  test('a draft that fails again and again is not sent with each sign of the server', () async {
    final server = LiveServer();
    final (linky, _) = await following(server);
    server.answerToPost = () => throw http.ClientException('cut');
    await sendInVain(linky);
    server.posts = 0;
    for (var beats = 0; beats < 50; beats++) {
      server.say('beat');
      await Future<void>.delayed(const Duration(milliseconds: 2));
    }
    await until(() => server.posts >= impatient.attempts);
    await Future<void>.delayed(const Duration(milliseconds: 50));
    server.say('beat');
    await Future<void>.delayed(const Duration(milliseconds: 50));
    expect(server.posts, impatient.attempts, reason: 'one more round, and then it waits');
  });

  test('what the server refused waits for its user, and nothing is sent in the background', () async {
    final server = LiveServer();
    final (linky, live) = await following(server);
    server.answerToPost = () => problem(403, 'terms_required');
    await sendInVain(linky);
    server
      ..posts = 0
      ..say('beat');
    await Future<void>.delayed(const Duration(milliseconds: 50));
    expect(server.posts, 0);

    server.answerToPost = () => throw http.ClientException('cut');
    await sendInVain(linky);
    live.stop();
    server.posts = 0;
    await live.refresh('feed', 'me');
    await Future<void>.delayed(const Duration(milliseconds: 50));
    expect(server.posts, 0);
  });

  test('a screen learns whether the app is connected: now, and with each change', () async {
    final server = LiveServer();
    final (_, live) = await following(server);
    final told = <bool>[];
    live.liveChanges.listen(told.add);
    await until(() => told.isNotEmpty);
    expect(told, [true]);
    server.isDown = true;
    await server.stream.close();
    await until(() => told.length == 2);
    expect(live.isLive, isFalse);
    server.isDown = false;
    live.reconnect();
    await until(() => told.length == 3);
    expect(told, [true, false, true]);
    expect(live.isLive, isTrue);
    live.stop();
    await until(() => told.length == 4);
    expect(await live.liveChanges.first, isFalse);
    var isOver = false;
    live.liveChanges.listen((_) {}, onDone: () => isOver = true);
    await live.close();
    await until(() => isOver);
  });
}
