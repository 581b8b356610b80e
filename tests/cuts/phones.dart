// Phones with the Dart client: their apps end at any moment, and open again from the disk.
//
// Reads what to do from the file in its first argument. Prints a line when there were enough cuts,
// waits for a line, compares each phone with the lists, and prints the outcome.
import 'dart:async';
import 'dart:convert';
import 'dart:io';
import 'dart:math';

import 'package:http/http.dart' as http;
import 'package:linky/io.dart';
import 'package:linky/linky.dart';
import 'package:linky/src/copy_records.dart';
import 'package:linky/src/cursors.dart';
import 'package:linky/src/live_events.dart' show EventReader;

const lostRequests = 0.03;
const mostBytes = 6000;
const longestStreams = [1.0, 1.0, 1.0, 8.0]; // Seconds. On a busy machine the others end before an event
const brokenEnds = 0.5; // How often the end of an app tears the line that it was writing
const keptIfBroken = 0.3;
const fields = ['body', 'reply_count', 'deleted', 'moderation'];
const postFields = ['title', 'comment_count', 'like_count', 'moderation'];

late final List<int> ports;
late final List<String> postIds;
late final bool isBroken;

/// A network that cuts: streams at any byte and at any time, and requests before or after.
final class CuttingNetwork extends http.BaseClient {
  CuttingNetwork(this.choose);

  final http.Client inner = http.Client();
  final Random choose;
  bool isQuiet = false;
  int cuts = 0;
  int events = 0;
  int doubled = 0;

  @override
  Future<http.StreamedResponse> send(http.BaseRequest request) async {
    maybeLose();
    final url = request.url.replace(port: ports[choose.nextInt(ports.length)]);
    final sent = http.AbortableRequest(
      request.method,
      url,
      abortTrigger: request is http.Abortable ? request.abortTrigger : null,
    );
    sent.headers.addAll(request.headers);
    sent.bodyBytes = await request.finalize().toBytes();
    final answer = await inner.send(sent);
    if (url.path.endsWith('/live') && answer.statusCode == 200) {
      final stream = isBroken ? thinned(answer.stream) : counted(answer.stream, request.headers['Last-Event-ID']);
      return http.StreamedResponse(cut(stream), 200, headers: answer.headers);
    }
    if (isBroken && url.path.endsWith('/changes') && answer.statusCode == 200) {
      final told = jsonDecode(utf8.decode(await answer.stream.toBytes())) as Map<String, Object?>;
      final part = utf8.encode(jsonEncode(fewer(told)));
      return http.StreamedResponse(Stream.value(part), 200, headers: answer.headers);
    }
    maybeLose();
    return answer;
  }

  void maybeLose() {
    if (!isQuiet && choose.nextDouble() < lostRequests) throw http.ClientException('cut');
  }

  /// Ends in the middle of an event, or while nothing comes.
  Stream<List<int>> cut(Stream<List<int>> parts) {
    if (isQuiet) return parts;
    var left = 1 + choose.nextInt(mostBytes);
    final longest = longestStreams[choose.nextInt(longestStreams.length)];
    final to = StreamController<List<int>>();
    late final StreamSubscription<List<int>> reading;
    void end() {
      if (to.isClosed) return;
      cuts++;
      to.addError(http.ClientException('cut'));
      reading.cancel().ignore();
      unawaited(to.close());
    }

    final timer = Timer(Duration(milliseconds: 50 + choose.nextInt((longest * 1000).round())), end);
    reading = parts.listen((part) {
      final taken = part.length < left ? part : part.sublist(0, left);
      left -= taken.length;
      to.add(taken);
      if (left <= 0) end();
    }, onError: to.addError, onDone: to.close);
    to.onCancel = () {
      timer.cancel();
      return reading.cancel();
    };
    return to.stream;
  }

  /// Counts the events, and those that were told before.
  Stream<List<int>> counted(Stream<List<int>> parts, String? since) {
    final reader = EventReader();
    Cursor? known = since == null ? null : Cursor.parse(since);
    return parts.map((part) {
      for (final event in reader.feed(part)) {
        final cursor = event.cursor;
        if (event.name == 'changes' && cursor != null) {
          events++;
          final before = known;
          if (before != null && before.epoch == cursor.epoch && cursor.position <= before.position) doubled++;
          known = cursor;
        }
      }
      return part;
    });
  }

  /// Loses most of what is told: the comparison has to find that.
  Stream<List<int>> thinned(Stream<List<int>> parts) async* {
    var rest = '';
    await for (final part in parts) {
      rest += utf8.decode(part, allowMalformed: true);
      for (var end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
        final event = rest.substring(0, end);
        rest = rest.substring(end + 2);
        events++;
        final lines = [
          for (final line in event.split('\n'))
            if (line.startsWith('data:') && line.contains('"changes"'))
              'data: ${jsonEncode(fewer(jsonDecode(line.substring(5)) as Map<String, Object?>))}'
            else
              line,
        ];
        yield utf8.encode('${lines.join('\n')}\n\n');
      }
    }
  }

  Map<String, Object?> fewer(Map<String, Object?> told) {
    final changes = told['changes'];
    if (changes is! List<Object?>) return told;
    return {
      ...told,
      'changes': [
        for (final one in changes)
          if (choose.nextDouble() < keptIfBroken) one,
      ],
    };
  }
}

/// One device of a user. What it shows is what its client's copy shows.
final class Phone {
  Phone(this.tokens, this.seed, Directory folder) : file = File('${folder.path}/phone-$seed.copy');

  final Map<String, Object?> tokens;
  final int seed;
  final File file;
  late final Random choose = Random(seed);
  late final CuttingNetwork network = CuttingNetwork(choose);
  final List<StreamSubscription<void>> screens = [];
  late Linky linky;
  int ends = 0;
  int items = 0;

  Future<void> rest() => Future<void>.delayed(Duration(milliseconds: 500 + choose.nextInt(3500)));

  /// Opens the app, looks at the posts for a while, and ends it in any moment.
  Future<void> use() async {
    final live = await open();
    await rest();
    final postId = postIds[choose.nextInt(postIds.length)];
    for (final comment in live.copy.commentsOf(postId).take(2)) {
      screens.add(live.watchReplies(postId, comment.id).listen((_) {}));
    }
    await rest();
    await end(live);
  }

  Future<Live> open() async {
    final store = MemoryStore();
    await store.write('tokens', jsonEncode(tokens));
    linky = Linky(
      'http://127.0.0.1:${ports.first}',
      store: store,
      client: network,
      policy: const RetryPolicy(firstWait: Duration(milliseconds: 10)),
    );
    final waiting = Waiting(longest: const Duration(milliseconds: 100));
    final live = await openLive(linky, FileCopyStore(file), waiting: waiting);
    for (final postId in postIds) {
      screens.add(live.watchComments(postId).listen((_) {}));
    }
    return live..start();
  }

  Future<void> end(Live live) async {
    for (final screen in screens) {
      await screen.cancel();
    }
    screens.clear();
    await live.close();
    ends++;
    if (file.existsSync() && choose.nextDouble() < brokenEnds) {
      final bytes = file.readAsBytesSync();
      file.writeAsBytesSync(bytes.sublist(0, max(0, bytes.length - 1 - choose.nextInt(200))));
    }
  }

  /// Opens the app a last time, and compares what it shows with the lists, fetched again.
  Future<List<String>> differences() async {
    network.isQuiet = true;
    final live = await open();
    final (_, now) = await get('/changes');
    final top = Cursor.parse((now as Map<String, Object?>)['cursor']! as String).position;
    final watch = Stopwatch()..start();
    List<Listing> missing() => [
          for (final one in live.copy.lists.values)
            if (live.copy.hasRoots(one) && (one.isDue || !one.isComplete)) one,
        ];
    while (!live.isLive || (live.copy.cursor?.position ?? -1) < top || missing().isNotEmpty) {
      if (watch.elapsed > const Duration(seconds: 120)) {
        return ['phone $seed: live ${live.isLive}, ${live.copy.cursor}, not $top, ${[for (final one in missing()) one.key]}'];
      }
      for (final one in missing()) {
        await live.loadMore(one.kind, one.topic, one.root);
      }
      await Future<void>.delayed(const Duration(milliseconds: 50));
    }
    final wrong = [
      for (final postId in postIds) ...await ofPost(live, postId),
      ...await ofNotifications(live),
    ];
    items = live.copy.items.length;
    await end(live);
    return wrong;
  }

  Future<List<String>> ofPost(Live live, String postId) async {
    final (status, json) = await get('/posts/$postId');
    final fresh = status == 200 ? words(json! as Map<String, Object?>, postFields) : null;
    final post = live.copy.post(postId);
    final shown = post == null ? null : words(post.toJson(), postFields);
    final path = '/posts/$postId/comments';
    final roots = [
      for (final one in live.copy.lists.values)
        if (one.kind == 'replies' && one.subject == postId) one.root,
    ];
    Map<String, String> of(List<Comment> comments) => {for (final one in comments) one.id: words(one.toJson(), fields)};
    return [
      if (shown != fresh) 'post $postId: $shown, not $fresh',
      ...compare(await all(path, fields), of(live.copy.commentsOf(postId))),
      for (final root in roots)
        ...compare(await all(path, fields, {'parent_id': root}), of(live.copy.repliesTo(postId, root))),
    ];
  }

  Future<List<String>> ofNotifications(Live live) async {
    const names = ['read', 'title', 'body'];
    final shown = {for (final one in live.copy.notifications()) one.id: words(one.toJson(), names)};
    final (_, badge) = await get('/notifications/unread-count');
    final unread = (badge as Map<String, Object?>)['count'];
    return [
      if (unread != live.copy.unread) 'badge ${live.copy.unread}, not $unread',
      for (final line in compare(await all('/notifications', names), shown)) 'notification $line',
    ];
  }

  /// A whole list; nothing where the server says that there is none.
  Future<Map<String, String>> all(String path, List<String> names, [Map<String, String> query = const {}]) async {
    final found = <String, String>{};
    String? cursor;
    do {
      final (status, json) = await get(path, {...query, 'limit': '100', if (cursor != null) 'cursor': cursor});
      if (status == 404) return {};
      final page = json as Map<String, Object?>;
      for (final item in (page['items']! as List<Object?>).cast<Map<String, Object?>>()) {
        found[item['id']! as String] = words(item, names);
      }
      cursor = page['next_cursor'] as String?;
    } while (cursor != null);
    return found;
  }

  Future<(int, Object?)> get(String path, [Map<String, String> query = const {}]) async {
    final uri = Uri.parse('http://127.0.0.1:${ports.first}/api/v1$path');
    final request = http.Request('GET', query.isEmpty ? uri : uri.replace(queryParameters: query));
    request.headers['Authorization'] = 'Bearer ${tokens['access_token']}';
    final answer = await http.Response.fromStream(await network.inner.send(request));
    if (answer.statusCode != 200 && answer.statusCode != 404) throw StateError('$path: ${answer.statusCode} ${answer.body}');
    return (answer.statusCode, jsonDecode(utf8.decode(answer.bodyBytes)));
  }
}

String words(Map<String, Object?> item, List<String> names) => [for (final name in names) item[name]].join('/');

Iterable<String> compare(Map<String, String> fresh, Map<String, String> shown) => [
      for (final id in fresh.keys)
        if (!shown.containsKey(id)) 'lost $id',
      for (final id in shown.keys)
        if (!fresh.containsKey(id)) 'extra $id',
      for (final id in fresh.keys)
        if (shown.containsKey(id) && shown[id] != fresh[id]) 'stale $id: ${shown[id]}, not ${fresh[id]}',
    ];

Future<void> main(List<String> args) async {
  final plan = jsonDecode(File(args.single).readAsStringSync()) as Map<String, Object?>;
  ports = (plan['ports']! as List<Object?>).cast<int>();
  postIds = (plan['posts']! as List<Object?>).cast<String>();
  isBroken = plan['is_broken']! as bool;
  final cuts = plan['cuts']! as int;
  final folder = Directory(plan['folder']! as String);
  var seed = plan['seed']! as int;
  final unhandled = <String>[];
  await runZonedGuarded(() async {
    final phones = [
      for (final tokens in (plan['tokens']! as List<Object?>).cast<Map<String, Object?>>()) Phone(tokens, seed++, folder),
    ];
    int sum(int Function(Phone phone) of) => phones.fold(0, (all, phone) => all + of(phone));
    bool isEnough() => sum((one) => one.network.cuts) >= cuts && sum((one) => one.network.events) > 0;
    await Future.wait([
      for (final phone in phones)
        Future.doWhile(() async {
          await phone.use();
          return !isEnough();
        }),
    ]);
    final lines = StreamIterator(stdin.transform(utf8.decoder).transform(const LineSplitter()));
    print('enough');
    await lines.moveNext(); // The writers have stopped.
    final differences = [for (final phone in phones) ...await phone.differences()];
    print(jsonEncode({
      'cuts': sum((one) => one.network.cuts),
      'ends': sum((one) => one.ends),
      'events': sum((one) => one.network.events),
      'items': sum((one) => one.items),
      'doubled': sum((one) => one.network.doubled),
      'differences': [...differences, for (final one in unhandled) 'nobody caught $one'],
    }));
    exit(0);
  }, (error, trace) => unhandled.add('$error\n$trace'));
}
