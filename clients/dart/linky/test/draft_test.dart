import 'dart:convert';

import 'package:http/http.dart' as http;
import 'package:linky/linky.dart';
import 'package:test/test.dart';

import 'fake_app.dart';
import 'fake_server.dart';

const String postsPath = '/api/v1/posts';
const String imagesPath = '/api/v1/images';

PostCreate form(String title) => PostCreate(loungeId: 'l1', title: title, body: '本文');

/// The title that a request sends.
String titleIn(http.Request request) => textOf(request, 'title');

String textOf(http.Request request, String name) {
  final Object? json = jsonDecode(request.body);
  return json is Map<String, Object?> ? '${json[name]}' : '';
}

/// Has no network at first; then makes what it is asked for.
final class Network {
  bool isDown = true;

  Future<http.Response> respond(http.Request request) async {
    if (isDown) {
      return await cut();
    }
    if (request.url.path == imagesPath) {
      return answer(201, imageOf('i1'));
    }
    return answer(201, postOf(titleIn(request)));
  }
}

Future<void> sendInVain(Draft<Object?> draft) {
  return expectLater(draft.send(), throwsA(isA<Unreachable>()));
}

void main() {
  test('a draft is neither shown to nor sent by the next user', () async {
    final Network network = Network();
    final FakeServer server = FakeServer(network.respond);
    final MemoryStore store = await signedInStore();
    final Linky linky = await open(server, store);
    final Draft<Post> draft = await linky.drafts.newPost(form('題'));
    await sendInVain(draft);

    network.isDown = false;
    server.requests.clear();
    await store.write('tokens', storedTokens(2, userId: 'another'));
    expect(await linky.drafts.all(), <Draft<Object?>>[]);
    expect(await linky.start(), <LinkyError>[]);
    await expectLater(draft.send(), throwsA(isA<SignedOutError>()));
    expect(server.count(postsPath), 0);

    await store.write('tokens', storedTokens(3));
    await linky.start();
    expect(server.count(postsPath), 1);
  });

  test('no call goes on as the next user', () async {
    late final Linky linky;
    final FakeServer server = FakeServer((http.Request request) async {
      await signInAnother(linky);
      return problem(503, 'overloaded');
    });
    linky = await open(server, await signedInStore());
    await expectLater(linky.posts.likePost('p'), throwsA(isA<SignedOutError>()));
    expect(server.requests.length, 1);
  });

  test('a sign-out takes drafts and their pictures along', () async {
    final FakePictures pictures = FakePictures();
    final FakeServer server = FakeServer((http.Request request) async => answer(204, null));
    final MemoryStore store = await signedInStore();
    await store.write('draft/torn', '{');
    final Linky linky = await open(server, store, pictures: pictures);
    final Draft<Post> draft = await linky.drafts.newPost(form('題'));
    await draft.addPicture('a.jpg');
    await linky.session.signOut();
    expect(await store.keys(''), <String>[]);
    expect(pictures.kept, <String>{});
  });

  test('a draft with a picture that was sent offline is sent at the next start', () async {
    final Network network = Network();
    final FakeServer server = FakeServer(network.respond);
    final FakePictures pictures = FakePictures();
    final MemoryStore store = await signedInStore();
    final Linky before = await open(server, store, pictures: pictures);
    final Draft<Post> draft = await before.drafts.newPost(form('題'));
    await draft.addPicture('a.jpg');
    await sendInVain(draft);
    expect(draft.isWanted, isTrue);
    expect(draft.mayHaveBeenSent, isFalse);

    network.isDown = false;
    server.requests.clear();
    final Linky after = await open(server, store, pictures: pictures);
    expect(await after.start(), <LinkyError>[]);
    expect(textOf(server.requests.last, 'image_ids'), '[i1]');
    expect(await after.drafts.all(), <Draft<Object?>>[]);
    expect(pictures.kept, <String>{});
  });

  test('what was edited after sending stays a draft', () async {
    final Network network = Network();
    final FakeServer server = FakeServer(network.respond);
    final FakePictures pictures = FakePictures();
    final MemoryStore store = await signedInStore();
    final Linky before = await open(server, store, pictures: pictures);
    final Draft<Post> draft = await before.drafts.newPost(form('題'));
    final DraftPicture picture = await draft.addPicture('a.jpg');
    await sendInVain(draft);
    await draft.edit(form('半分'));
    await draft.removePicture(picture.id);

    network.isDown = false;
    server.requests.clear();
    final Linky after = await open(server, store, pictures: pictures);
    await after.start();
    expect(titleIn(server.requests.last), '題');
    expect(textOf(server.requests.last, 'image_ids'), '[i1]');
    final List<Draft<Object?>> left = await after.drafts.all();
    expect(left.single.body['title'], '半分');
    expect(left.single.isWanted, isFalse);
    expect(pictures.kept, <String>{});
    await after.start();
    expect(server.count(postsPath), 1);
  });

  test('a draft that was turned away waits for its user', () async {
    final List<http.Response> answers = <http.Response>[
      problem(401, 'session_revoked'),
      problem(403, 'terms_required'),
      problem(429, 'rate_limited', headers: <String, String>{'retry-after': '60'}),
      problem(422, 'validation_failed'),
    ];
    for (final http.Response refusal in answers) {
      final FakeServer server = FakeServer((http.Request request) async => refusal);
      final Linky linky = await open(server, await signedInStore());
      final Draft<Post> draft = await linky.drafts.newPost(form('題'));
      await expectLater(draft.send(), throwsA(isA<Problem>()));
      expect(draft.isWanted, isFalse);
      expect(draft.mayHaveBeenSent, isFalse);
    }
  });

  test('a draft whose first attempt had no answer is not let go by a refusal', () async {
    int attempts = 0;
    final FakeServer server = FakeServer((http.Request request) async {
      attempts++;
      return attempts == 1 ? await cut() : problem(403, 'terms_required');
    });
    final Linky linky = await open(server, await signedInStore());
    final Draft<Post> draft = await linky.drafts.newPost(form('題'));
    await expectLater(draft.send(), throwsA(isA<TermsRequiredProblem>()));
    expect(draft.isWanted, isTrue);
    expect(draft.mayHaveBeenSent, isTrue);
  });

  test('a draft that fails keeps no other one waiting', () async {
    final Network network = Network();
    final FakeServer server = FakeServer(network.respond);
    final FakePictures pictures = FakePictures();
    final MemoryStore store = await signedInStore();
    await store.write('draft/0', '{');
    await store.write('draft/1', '{"id": "1", "kind": "post"}');
    final Linky linky = await open(server, store, pictures: pictures);
    final Draft<Post> gone = await linky.drafts.newPost(form('絵'));
    await gone.addPicture('a.jpg');
    pictures.kept.clear();
    await expectLater(gone.send(), throwsA(isA<PictureUnreadable>()));
    await sendInVain(await linky.drafts.newPost(form('題')));

    network.isDown = false;
    server.requests.clear();
    final List<LinkyError> errors = await linky.start();
    expect(titleIn(server.requests.single), '題');
    expect(errors.whereType<DraftUnreadable>().length, 2);
    expect(errors.whereType<PictureUnreadable>().length, 1);
  });

  test('a screen and the start have the same draft in hand', () async {
    final Network network = Network();
    final FakeServer server = FakeServer(network.respond);
    final FakePictures pictures = FakePictures();
    final Linky linky = await open(server, await signedInStore(), pictures: pictures);
    final Draft<Post> draft = await linky.drafts.newPost(form('題'));
    await draft.addPicture('a.jpg');
    await sendInVain(draft);
    network.isDown = false;
    await linky.start();
    expect(draft.isWanted, isFalse);
    expect(pictures.kept, <String>{});
    final Post again = await draft.send();
    expect(again.title, '題');
    expect(server.count(imagesPath), 5);
  });
}
