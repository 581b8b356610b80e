import 'package:http/http.dart' as http;
import 'package:linky/linky.dart';
import 'package:test/test.dart';

import 'fake_app.dart';
import 'fake_server.dart';

const String postsPath = '/api/v1/posts';
const String refreshPath = '/api/v1/auth/refresh';

PostCreate form(String title) => PostCreate(loungeId: 'l1', title: title, body: '本文');

/// Makes any post. All else is done without a word.
Future<http.Response> makePosts(http.Request request) async {
  return request.url.path == postsPath ? answer(201, postOf('題')) : answer(204, null);
}

/// A draft with a picture, which the user has sent without a network.
Future<Draft<Post>> sentOffline(MemoryStore store, FakePictures pictures) async {
  final FakeServer server = FakeServer((http.Request request) => cut());
  final Linky linky = await open(server, store, pictures: pictures);
  final Draft<Post> draft = await linky.drafts.newPost(form('題'));
  await draft.addPicture('a.jpg');
  await expectLater(draft.send(), throwsA(isA<Unreachable>()));
  return draft;
}

/// What an editor still does when it is closed.
Future<void> closeEditor(Draft<Post> draft) async {
  await draft.edit(form('半分'));
  await draft.addPicture('b.jpg');
  await draft.save();
}

void main() {
  test('a draft that went with a sign-out stores nothing any more', () async {
    final FakePictures pictures = FakePictures();
    final MemoryStore store = await signedInStore();
    final Linky linky = await open(FakeServer(makePosts), store, pictures: pictures);
    final Draft<Post> draft = await linky.drafts.newPost(form('題'));
    await linky.session.signOut();
    await closeEditor(draft);
    expect(await store.keys(''), <String>[]);
    expect(pictures.kept, <String>{});
  });

  test('a draft that was discarded stores nothing any more', () async {
    final FakePictures pictures = FakePictures();
    final MemoryStore store = await signedInStore();
    final Linky linky = await open(FakeServer(makePosts), store, pictures: pictures);
    final Draft<Post> draft = await linky.drafts.newPost(form('題'));
    await draft.discard();
    await closeEditor(draft);
    expect(await store.keys('draft/'), <String>[]);
    expect(pictures.kept, <String>{});
  });

  test('what is written while the user signs out goes along', () async {
    final FakePictures pictures = FakePictures();
    final MemoryStore store = await signedInStore();
    final Linky linky = await open(FakeServer(makePosts), store, pictures: pictures);
    final Draft<Post> draft = await linky.drafts.newPost(form('題'));
    await Future.wait<void>(<Future<void>>[
      linky.session.signOut(),
      closeEditor(draft),
      draft.edit(form('別の題')),
    ]);
    expect(await store.keys(''), <String>[]);
    expect(pictures.kept, <String>{});
    await expectLater(linky.drafts.newPost(form('題')), throwsA(isA<SignedOutError>()));
  });

  test('a picture that is gone can be taken out of what was sent', () async {
    final FakePictures pictures = FakePictures();
    final MemoryStore store = await signedInStore();
    await sentOffline(store, pictures);
    pictures.kept.clear();

    final FakeServer server = FakeServer(makePosts);
    final Linky linky = await open(server, store, pictures: pictures);
    final List<LinkyError> errors = await linky.start();
    final PictureUnreadable error = errors.whereType<PictureUnreadable>().single;
    final List<Draft<Object?>> found = await linky.drafts.all();
    expect(error.draftId, found.single.id);
    await found.single.removePicture(error.pictureId);
    expect(await linky.start(), <LinkyError>[]);
    expect(server.count(postsPath), 1);
    expect(await linky.drafts.all(), <Draft<Object?>>[]);
  });

  test('a picture that was taken out first and is gone later can be taken out, too', () async {
    final FakePictures pictures = FakePictures();
    final MemoryStore store = await signedInStore();
    final Draft<Post> draft = await sentOffline(store, pictures);
    final String pictureId = draft.pictures.single.id;
    await draft.removePicture(pictureId);
    pictures.kept.clear();
    await expectLater(draft.read(pictureId), throwsA(isA<PictureUnreadable>()));
    await draft.removePicture(pictureId);

    final FakeServer server = FakeServer(makePosts);
    final Linky linky = await open(server, store, pictures: pictures);
    expect(await linky.start(), <LinkyError>[]);
    expect(server.count(postsPath), 1);
  });

  test('a draft waits for its user, however the server says that the session is over', () async {
    for (final String code in <String>['session_revoked', 'token_expired']) {
      final FakeServer server = FakeServer((http.Request request) async {
        return problem(401, request.url.path == refreshPath ? 'invalid_refresh_token' : code);
      });
      final MemoryStore store = await signedInStore();
      final Linky linky = await open(server, store);
      final Draft<Post> draft = await linky.drafts.newPost(form('題'));
      await expectLater(draft.send(), throwsA(isA<LinkyError>()));
      expect(draft.isWanted, isFalse, reason: code);

      await store.write('tokens', storedTokens(2));
      final List<Draft<Object?>> found = await linky.drafts.all();
      expect(found.single.id, draft.id);
    }
  });

  test('pictures that no draft names are removed, if all drafts can be read', () async {
    final FakePictures pictures = FakePictures();
    final MemoryStore store = await signedInStore();
    final Linky linky = await open(FakeServer(makePosts), store, pictures: pictures);
    final Draft<Post> draft = await linky.drafts.newPost(form('題'));
    await draft.addPicture('a.jpg');
    await pictures.keep('b.jpg');
    await store.write('draft/torn', '{');
    await linky.start();
    expect(pictures.kept, <String>{'kept-a.jpg', 'kept-b.jpg'});
    await store.delete('draft/torn');
    await linky.start();
    expect(pictures.kept, <String>{'kept-a.jpg'});

    await pictures.keep('b.jpg');
    await store.write('draft/torn', '{');
    await linky.session.signOut();
    expect(pictures.kept, <String>{});
  });

  test('a draft of a newer kind is an error of its own user only', () async {
    final MemoryStore store = await signedInStore();
    final Linky linky = await open(FakeServer(makePosts), store);
    final Draft<Post> draft = await linky.drafts.newPost(form('題'));
    final String key = 'draft/${draft.id}';
    final String text = await store.read(key) ?? '';
    await store.write(key, text.replaceAll('"post"', '"poll"'));
    final Linky after = await open(FakeServer(makePosts), store);
    final List<LinkyError> errors = await after.start();
    expect(errors.whereType<DraftUnreadable>().length, 1);
    await store.write('tokens', storedTokens(2, userId: 'another'));
    expect(await after.start(), <LinkyError>[]);
  });
}
