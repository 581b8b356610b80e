// States of what a screen shows, with a server that answers anything.
import 'dart:async';

import 'package:http/http.dart' as http;
import 'package:linky/linky.dart';
import 'package:test/test.dart';

import 'fake_app.dart';
import 'fake_server.dart';

const Map<String, Object?> empty = {'items': <Object?>[], 'next_cursor': null};

/// Answers `/changes` well, and all else by a function.
Future<Live> following(Future<http.Response> Function(http.Request request) respond) async {
  final server = FakeServer((request) async {
    if (request.url.path.endsWith('/changes')) {
      return answer(200, {'changes': <Object?>[], 'cursor': 'e.7', 'as_of': 'e.7', 'more': false, 'reset': null});
    }
    return respond(request);
  });
  final linky = await open(server, await signedInStore());
  final live = await openLive(linky, MemoryCopyStore(), waiting: Waiting(longest: const Duration(milliseconds: 20)));
  return live..start();
}

Future<void> until(bool Function() isSo) async {
  for (var tries = 0; !isSo() && tries < 200; tries++) {
    await Future<void>.delayed(const Duration(milliseconds: 10));
  }
  expect(isSo(), isTrue);
}

void main() {
  test('garbage is a failure with its reason, and what comes after it shows', () async {
    var isMended = false;
    final garbage = [
      http.Response('<html>', 200),
      http.Response.bytes([0xff, 0xfe], 200),
      answer(200, {'items': 7, 'next_cursor': null}),
      answer(200, {'items': [1], 'next_cursor': null}),
      http.Response('{"items": [', 200),
    ];
    for (final one in garbage) {
      isMended = false;
      final live = await following((_) async => isMended ? answer(200, empty) : one);
      final feed = live.watchFeed();
      final listening = feed.listen((_) {});
      await until(() => feed.now.state == LoadState.failed);
      expect(feed.now.error is MalformedAnswer, isTrue, reason: '${feed.now.error}');
      expect(feed.now.willRetry, isTrue);
      isMended = true;
      await until(() => feed.now.state == LoadState.loaded);
      expect(feed.now.data, <Post>[]);
      await listening.cancel();
      await live.close();
    }
  });

  test('a refusal is not tried again by itself, but when the user asks', () async {
    var asked = 0;
    var isAllowed = false;
    final live = await following((request) async {
      if (!request.url.path.endsWith('/posts')) return answer(200, empty);
      asked++;
      return isAllowed ? answer(200, empty) : problem(403, 'terms_required');
    });
    final feed = live.watchFeed();
    final listening = feed.listen((_) {});
    await until(() => feed.now.state == LoadState.failed);
    expect(feed.now.willRetry, isFalse);
    await Future<void>.delayed(const Duration(milliseconds: 100));
    expect(asked, 1);
    isAllowed = true;
    await feed.refresh();
    expect(feed.now.state, LoadState.loaded);
    await listening.cancel();
    await live.close();
  });

  test('without a user nothing is on its way', () async {
    final linky = await open(FakeServer((_) async => problem(500, 'x')), MemoryStore());
    final live = await openLive(linky, MemoryCopyStore());
    expect(live.watchFeed().now.state, LoadState.failed);
    expect(live.watchFeed().now.error is SignedOutError, isTrue);
    await live.close();
  });

  test('a stream that nobody listens to is let go, and shows each difference once', () async {
    final live = await following((_) async => answer(200, empty));
    final shown = <LoadState>[];
    final watched = live.watchFeed();
    final first = watched.listen((one) => shown.add(one.state));
    final second = watched.listen((_) {});
    await until(() => watched.now.state == LoadState.loaded);
    await Future<void>.delayed(const Duration(milliseconds: 50));
    expect(shown, [LoadState.loading, LoadState.loaded]);
    expect(live.copy.watched.length, 1);
    await first.cancel();
    expect(live.copy.watched.length, 1);
    await second.cancel();
    expect(live.copy.watched.length, 0);
    await live.close();
  });

  test('a start tells of a draft that can not be read', () async {
    final store = await signedInStore();
    await store.write('draft/torn', '{');
    final linky = await open(FakeServer((_) async => answer(200, empty)), store);
    final events = <DraftEvent>[];
    linky.drafts.changes.listen(events.add);
    await linky.start();
    await Future<void>.delayed(Duration.zero);
    final failed = events.single as DraftFailed;
    expect(failed.error is DraftUnreadable, isTrue);
    expect(failed.willRetry, isFalse);
  });
}
