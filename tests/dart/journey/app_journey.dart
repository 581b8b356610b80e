// What every app needs once: the browser's sign-in, links, versions, proofs and pushes.
import 'dart:io';

import 'package:linky/linky.dart';
import 'package:test/test.dart';

import 'base.dart';

/// A browser in which somebody chooses a person on the provider's page. Returns where it ends.
Future<String> choose(Uri page, String person) async {
  final client = HttpClient();
  final cookies = <Cookie>[];
  var next = page;
  try {
    for (var step = 0; step < 8; step++) {
      if (!next.isScheme('http')) return '$next';
      final isChoice = next.path.startsWith('/dev/');
      final request = await client.openUrl(isChoice ? 'POST' : 'GET', isChoice ? next.replace(query: '') : next);
      request
        ..followRedirects = false
        ..cookies.addAll(cookies);
      if (isChoice) {
        final fields = {...next.queryParameters, 'person': person};
        request.headers.contentType = ContentType('application', 'x-www-form-urlencoded');
        request.headers.set('Origin', base);
        request.write(Uri(queryParameters: fields).query);
      }
      final answer = await request.close();
      await answer.drain<void>();
      cookies.addAll(answer.cookies);
      next = next.resolve(answer.headers.value('location')!);
    }
    throw TestFailure('no end: $next');
  } finally {
    client.close();
  }
}

void main() {
  test('a browser signs in with the secret of the app, and one who goes back does not', () async {
    final linky = appIn(newFolder());
    final me = await linky.signInInBrowser(
      SocialProvider.line,
      redirectUri: 'linky://auth/done',
      open: (page) => choose(page, ''),
    );
    expect(me.isGuest, isFalse);
    expect(linky.session.state, SignedInState(me.id, isGuest: false));
    await expectLater(
      linky.signInInBrowser(
        SocialProvider.line,
        redirectUri: 'linky://auth/done',
        open: (page) => choose(page, '-'),
      ),
      throwsA(isA<SignInRefused>()),
    );
  });

  test('what the server links to is what the app opens', () async {
    final linky = await signedIn('hanako');
    final post = await newPost(linky);
    final comment = await linky.comments.createComment(post.id, const CommentCreate(body: 'リンク'));
    expect(routeOf(Uri.parse(post.url)), PostRoute(post.id));
    expect(routeOf(Uri.parse(comment.url)), PostRoute(post.id, commentId: comment.id));
    final lounge = '$base/l/${post.lounge.id}';
    expect(routeOf(Uri.parse(lounge)), LoungeRoute(post.lounge.id));
    final client = HttpClient();
    for (final link in [post.url, comment.url, lounge]) {
      final answer = await (await client.getUrl(Uri.parse(link))).close();
      await answer.drain<void>();
      expect(answer.statusCode, 200, reason: link);
    }
    client.close();
  });

  test('an app knows whether it is too old', () async {
    final meta = await appIn(newFolder()).meta.getMeta();
    for (final (version, oldest, isOld) in [
      ('1.9.0', '1.10', true),
      ('1.10.0', '1.10', false),
      ('2.0.0+45', '2', false),
      ('1.99.99-beta', '2.0.0', true),
      ('3', '2.9.9', false),
    ]) {
      expect(isTooOld(version, meta.copyWith(minAppVersion: oldest)), isOld, reason: '$version $oldest');
    }
  });

  test('an app knows how large a picture the server keeps', () async {
    final limits = (await appIn(newFolder()).meta.getMeta()).limits;
    expect(sideToSend(limits), 1600);
    expect(sideToSend(limits.copyWith(imageSideKept: 2048)), 2048);
  });

  test('a push goes to the device that was registered, opens its place, and ends with the sign-out', () async {
    final hanako = await signedIn('hanako');
    final pushes = Pushes(hanako, _AllowedPushes(), DevicePlatform.ios);
    await pushes.start();
    final taro = await signedIn('taro');
    final post = await newPost(hanako);
    final comment = await taro.comments.createComment(post.id, const CommentCreate(body: 'プッシュ'));
    Map<String, Object?>? push;
    for (var tries = 0; push == null && tries < 100; tries++) {
      final inbox = await dev('GET', '/dev/inbox?to=hanako@example.com');
      for (final one in (inbox['items']! as List<Object?>).cast<Map<String, Object?>>()) {
        if (one['kind'] == 'push' && '${one['data'] ?? one['url']}'.contains(post.id)) push ??= one;
      }
      await Future<void>.delayed(const Duration(milliseconds: 50));
    }
    expect(push, isNotNull);
    if (Platform.environment['OLDER'] == null) {
      final data = push!['data']! as Map<String, Object?>; // As Firebase gives it to the app
      expect(pushes.opened(data), PostRoute(post.id, commentId: comment.id));
      expect(push['channel'], 'comments');
      expect((push['platforms']! as List<Object?>).contains('ios'), isTrue);
    }
    await pushes.close();
  });

  test('search finds, a report goes out by its draft, and a profile shows at once', () async {
    final hanako = await signedIn('hanako');
    final taro = await signedIn('taro');
    final post = await newPost(taro, '鈴虫の声');
    final found = await hanako.posts.listPosts(q: '鈴虫');
    expect(found.items.map((one) => one.id).contains(post.id), isTrue);
    final draft = await hanako.drafts.newReport(ReportCreate(
      targetType: ReportTargetChoice.post,
      targetId: post.id,
      reason: ReportReasonChoice.spam,
    ));
    await draft.send();
    final live = await openLive(hanako, MemoryCopyStore());
    addTearDown(live.close);
    live.start();
    final me = live.watchMe();
    addTearDown(me.listen((_) {}).cancel);
    await until('loaded', () => me.now.state == LoadState.loaded);
    await live.acts.updateMe(const MeUpdate(bio: '猫と旅'));
    expect(me.now.data!.bio, '猫と旅');
    await live.acts.changeAvatar(Upload(await File(picture).readAsBytes()));
    expect(me.now.data!.avatarUrl, isNotNull);
  });

  if (Platform.environment['OLDER'] == null) {
    test('a fresh proof is what the server asks for, and it takes it', () async {
      final linky = appIn(newFolder());
      const form = Register(email: 'proof@example.com', nickname: '証', password: 'kawa-no-nagare-4817');
      await linky.register(form);
      var asked = 0;
      await linky.proving(
        () => linky.auth.proveSession(const Proof(password: 'kawa-no-nagare-4817')),
        ask: () async {
          asked++;
          return null;
        },
      );
      expect(asked, 0);
      await expectLater(
        linky.auth.proveSession(const Proof(password: 'not-the-password-1')),
        throwsA(isA<WrongPasswordProblem>()),
      );
    });
  }
}

final class _AllowedPushes implements PushSource {
  @override
  Future<bool> isAllowed() async => true;

  @override
  Future<bool> ask() async => true;

  @override
  Future<String?> token() async => 'token-of-dart';

  @override
  Stream<void> get tokenChanges => const Stream.empty();
}
