// Signing in, calls, retries and tokens, on a real server.
import 'dart:async';
import 'dart:io';
import 'dart:isolate';

import 'package:linky/io.dart';
import 'package:linky/linky.dart';
import 'package:test/test.dart';

import 'base.dart';

Future<(String, String?)> standIn(SocialProvider provider, String person, String? nonce) async {
  final made = await dev('POST', '/dev/${provider.value}/id-token', {'person': person, 'nonce': nonce});
  return (made['id_token']! as String, made['authorization_code'] as String?);
}

void main() {
  test('a guest becomes a member by LINE, and keeps the id', () async {
    final linky = appIn(newFolder());
    final guest = await linky.session.enterAsGuest();
    expect(guest.isGuest, isTrue);
    final lounge = await firstLounge(linky);
    await linky.lounges.addFavoriteLounge(lounge.id);
    await expectLater(newPost(linky), throwsA(isA<GuestNotAllowedProblem>()));
    final nonce = (await linky.auth.createNonce()).nonce;
    final (token, _) = await standIn(SocialProvider.line, 'sakura', nonce);
    final me = await linky.session.adopt(await linky.auth.upgradeGuestWithProvider(
      SocialProvider.line,
      NativeSignIn(idToken: token, nonce: nonce),
    ));
    expect(me.id, guest.id);
    expect(me.isGuest, isFalse);
    expect((await linky.lounges.getLounge(lounge.id)).isFavorite, isTrue);
  });

  test('Google and Apple sign in, and an address and a password', () async {
    final linky = appIn(newFolder());
    for (final provider in [SocialProvider.google, SocialProvider.apple]) {
      final nonce = (await linky.auth.createNonce()).nonce;
      final (token, code) = await standIn(provider, 'sakura', nonce);
      final form = NativeSignIn(idToken: token, nonce: nonce, authorizationCode: code);
      await linky.session.adopt(await linky.auth.signInWithProvider(provider, form));
      expect(linky.session.state is SignedInState, isTrue);
      await linky.session.signOut();
    }
    final me = await linky.session.signIn('hanako@example.com', 'cream-soda-to-neko');
    expect(me.nickname, 'はなこ');
    await linky.session.signOut();
    await expectLater(linky.users.getMe(), throwsA(isA<SignedOutError>()));
  });

  test('lists come page by page to their end, with nothing twice', () async {
    final linky = await signedIn('hanako');
    final paged = Paged<Post>((cursor) => linky.posts.listPosts(cursor: cursor, limit: 3), (post) => post.id);
    await paged.refresh();
    while (!paged.isComplete) {
      await paged.loadMore();
    }
    final ids = {for (final post in paged.items) post.id};
    expect(ids.length, paged.items.length);
    final whole = await linky.posts.listPosts(limit: 100);
    expect(paged.items.take(whole.items.length).toList(), whole.items);
  });

  test('a draft with three pictures is one post, however often its answers are lost', () async {
    final log = <LogEvent>[];
    const patient = RetryPolicy(attempts: 8, firstWait: Duration(milliseconds: 20));
    final linky = await signedIn('hanako', log: log.add, policy: patient);
    final lounge = await firstLounge(linky);
    final draft = await linky.drafts.newPost(PostCreate(loungeId: lounge.id, title: '失くした答え', body: '…'));
    for (var number = 0; number < 3; number++) {
      await draft.addPicture(picture);
    }
    await fault('lost-answer', times: 5, onlyWrites: true);
    final post = await draft.send();
    expect(post.images.length, 3);
    expect(log.where((one) => one.status == null).length, 5);
    final own = await linky.posts.listMyPosts();
    expect(own.items.where((one) => one.title == '失くした答え').length, 1);
    expect(await linky.drafts.all(), isEmpty);
  });

  test('of eight calls with an expired token one refreshes, also when its answer is lost', () async {
    final log = <LogEvent>[];
    final linky = await signedIn('hanako', log: log.add);
    int refreshes() => log.where((one) => one.path.endsWith('/refresh') && one.status == 200).length;
    await dev('POST', '/dev/expire-access-tokens');
    await Future.wait([for (var number = 0; number < 8; number++) linky.posts.listPosts(limit: 1)]);
    expect(refreshes(), 1);
    await dev('POST', '/dev/expire-access-tokens');
    await fault('lost-answer', onlyWrites: true);
    await linky.posts.listPosts(limit: 1);
    expect(refreshes(), 2);
    expect(linky.session.state is SignedInState, isTrue);
  });

  test('four isolates on one store refresh once', () async {
    final folder = newFolder();
    await signedIn('hanako', folder: folder);
    for (var round = 0; round < 2; round++) {
      await dev('POST', '/dev/expire-access-tokens');
      final made = await Future.wait([for (var number = 0; number < 4; number++) _fourCalls(base, folder)]);
      expect(made.map((one) => one.$2).toList(), ['', '', '', '']);
      expect(made.fold<int>(0, (sum, one) => sum + one.$1), 1);
    }
  });

  test('what was changed elsewhere is refused, and the fields that are wrong are named', () async {
    final linky = await signedIn('hanako');
    final post = await newPost(linky);
    await linky.posts.getPost(post.id);
    final tag = linky.transport.etagOf('/api/v1/posts/${post.id}');
    await linky.posts.updatePost(post.id, const PostUpdate(title: '直した'), ifMatch: tag);
    await expectLater(
      linky.posts.updatePost(post.id, const PostUpdate(title: 'もう一度'), ifMatch: tag),
      throwsA(isA<PreconditionFailedProblem>()),
    );
    try {
      await linky.posts.createPost(PostCreate(loungeId: post.lounge.id, title: '', body: ''));
      throw TestFailure('an empty title was taken');
    } on ValidationFailedProblem catch (problem) {
      expect(problem.fields.first.field, 'body.title');
      expect(problem.detail.runes.any((rune) => rune > 0x3000 && rune < 0x9fff), isTrue, reason: problem.detail);
    }
  });
}

Future<(int, String)> _fourCalls(String url, Directory folder) {
  return Isolate.run(() async {
    var refreshes = 0;
    final linky = Linky(
      url,
      store: FileStore(folder),
      log: (one) {
        if (one.path.endsWith('/refresh') && one.status == 200) refreshes++;
      },
    );
    await linky.session.open();
    try {
      await Future.wait([for (var number = 0; number < 4; number++) linky.posts.listPosts(limit: 1)]);
      return (refreshes, '');
    } on LinkyError catch (error) {
      return (refreshes, '$error');
    } finally {
      await linky.close();
    }
  });
}
