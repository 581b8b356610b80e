// How far a draft is: no number goes back, and the sum of bytes is known from the beginning.
import 'package:http/http.dart' as http;
import 'package:linky/linky.dart';
import 'package:test/test.dart';

import 'fake_app.dart';
import 'fake_server.dart';

const String imagesPath = '/api/v1/images';

/// Pictures of different sizes: some need more pieces than others.
final class LargePictures implements PictureFiles {
  final Map<String, int> sizes = {'a.jpg': 400000, 'b.jpg': 70000, 'c.jpg': 200000};

  @override
  Future<String> keep(String path) async => path;

  @override
  Future<List<int>> read(String name) async => List.filled(sizes[name]!, 7);

  @override
  Future<void> drop(String name) async {}

  @override
  Future<List<String>> names() async => const [];

  int get sum => sizes.values.fold(0, (sum, one) => sum + one);
}

Future<Draft<Post>> draftWith(Linky linky, LargePictures pictures) async {
  final form = const PostCreate(loungeId: 'l1', title: '題', body: '本文');
  final draft = await linky.drafts.newPost(form);
  for (final name in pictures.sizes.keys) {
    await draft.addPicture(name);
  }
  return draft;
}

/// Sends a draft; returns what it told of its progress.
Future<List<DraftSending>> progressOf(Linky linky, Draft<Post> draft) async {
  final told = <DraftEvent>[];
  final listening = linky.drafts.changes.listen(told.add);
  try {
    await draft.send();
  } on LinkyError {
    // The test says what it expects.
  }
  await Future<void>.delayed(Duration.zero);
  await listening.cancel();
  return told.whereType<DraftSending>().toList();
}

void expectForward(List<DraftSending> told, int bytes) {
  expect(told.map((one) => one.bytes).toSet(), {bytes});
  for (var at = 1; at < told.length; at++) {
    expect(told[at].bytesSent >= told[at - 1].bytesSent, isTrue, reason: '${told[at - 1]}, then ${told[at]}');
    expect(told[at].picturesSent >= told[at - 1].picturesSent, isTrue, reason: '${told[at - 1]}, then ${told[at]}');
  }
  expect(told.last.bytesSent, bytes);
}

void main() {
  test('progress does not go back when a picture has to be sent again', () async {
    final pictures = LargePictures();
    var images = 0;
    final server = FakeServer((request) async {
      if (request.url.path != imagesPath) return answer(201, postOf('題'));
      images++;
      return images.isOdd ? problem(503, 'overloaded') : answer(201, imageOf('i$images'));
    });
    final linky = await open(server, await signedInStore(), pictures: pictures);
    final told = await progressOf(linky, await draftWith(linky, pictures));
    expect(images, 6);
    expectForward(told, pictures.sum);
    expect(told.first.bytesSent, 0);
    expect(told.last.picturesSent, 3);
  });

  test('what an earlier attempt has uploaded counts from the beginning', () async {
    final pictures = LargePictures();
    var isDown = true;
    final server = FakeServer((request) async {
      if (request.url.path == imagesPath) return answer(201, imageOf('i1'));
      return isDown ? cut() : answer(201, postOf('題'));
    });
    final linky = await open(server, await signedInStore(), pictures: pictures);
    final draft = await draftWith(linky, pictures);
    await progressOf(linky, draft);
    isDown = false;
    final told = await progressOf(linky, draft);
    expect(told.first.bytesSent, pictures.sum);
    expect(told.first.picturesSent, 3);
    expectForward(told, pictures.sum);
  });

  test('progress does not go back when the server no longer has the pictures', () async {
    final pictures = LargePictures();
    var posts = 0;
    final server = FakeServer((http.Request request) async {
      if (request.url.path == imagesPath) return answer(201, imageOf('i1'));
      posts++;
      return posts == 1 ? problem(422, 'image_not_available') : answer(201, postOf('題'));
    });
    final linky = await open(server, await signedInStore(), pictures: pictures);
    final told = await progressOf(linky, await draftWith(linky, pictures));
    expect(server.count(imagesPath), 6);
    expectForward(told, pictures.sum);
  });
}
