// What the journeys share. BASE is a `linky dev` with the demo community, FOLDER an empty place.
import 'dart:async';
import 'dart:convert';
import 'dart:io';

import 'package:linky/io.dart';
import 'package:linky/linky.dart';
import 'package:test/test.dart';

final String base = Platform.environment['BASE']!;
final String picture = '${Platform.environment['FOLDER']}/photo.jpg';
int _folders = 0;

/// A folder that nothing has used.
Directory newFolder() {
  _folders++;
  return Directory('${Platform.environment['FOLDER']}/dart-$_folders')..createSync();
}

/// A call of the development tools, such as `/dev/fault`.
Future<Map<String, Object?>> dev(String method, String path, [Object? body]) async {
  final client = HttpClient();
  try {
    final request = await client.openUrl(method, Uri.parse('$base$path'));
    if (body != null) {
      final bytes = utf8.encode(jsonEncode(body));
      request.headers.contentType = ContentType.json;
      request.contentLength = bytes.length;
      request.add(bytes);
    }
    final answer = await request.close();
    final words = await utf8.decodeStream(answer);
    expect(answer.statusCode < 300, isTrue, reason: '$path: ${answer.statusCode} $words');
    return words.isEmpty ? {} : jsonDecode(words) as Map<String, Object?>;
  } finally {
    client.close();
  }
}

/// A fault for the next calls of all clients, which ends with the test.
Future<void> fault(String name, {int times = 1, bool onlyWrites = false}) async {
  await dev('PUT', '/dev/fault', {'fault': name, 'times': times, 'only_writes': onlyWrites});
  addTearDown(() => dev('DELETE', '/dev/fault'));
}

/// The app of somebody. What it keeps is in [folder].
Linky appIn(Directory folder, {String? url, Log? log, RetryPolicy? policy}) {
  final linky = Linky(
    url ?? base,
    store: FileStore(folder),
    pictures: FilePictures(Directory('${folder.path}/pictures')),
    policy: policy ?? const RetryPolicy(firstWait: Duration(milliseconds: 50)),
    log: log,
  );
  addTearDown(linky.close);
  return linky;
}

/// The app of Hanako or another of the demo, signed in without a password.
Future<Linky> signedIn(String name, {Directory? folder, String? url, Log? log, int? expiresIn, RetryPolicy? policy}) async {
  final linky = appIn(folder ?? newFolder(), url: url, log: log, policy: policy);
  await linky.session.adopt(await devSignIn('$name@example.com', expiresIn: expiresIn));
  return linky;
}

Future<SignedIn> devSignIn(String who, {int? expiresIn}) async {
  return SignedIn.parse(await dev('POST', '/dev/sign-in', {
    'as': who,
    if (expiresIn != null) 'access_token_expires_in': expiresIn,
  }));
}

/// The first lounge of the demo.
Future<Lounge> firstLounge(Linky linky) async => (await linky.lounges.listLounges()).items.first;

/// A new post.
Future<Post> newPost(Linky linky, [String title = '旅']) async {
  final lounge = await firstLounge(linky);
  return linky.posts.createPost(PostCreate(loungeId: lounge.id, title: title, body: '本文'));
}

/// Waits until something is so.
Future<void> until(String what, bool Function() isSo, {int seconds = 20}) async {
  final watch = Stopwatch()..start();
  while (!isSo()) {
    if (watch.elapsed > Duration(seconds: seconds)) throw TestFailure('never: $what');
    await Future<void>.delayed(const Duration(milliseconds: 20));
  }
}
