// What every app needs once: routes, versions, channels, the browser's sign-in, proofs and pushes.
import 'dart:async';
import 'dart:convert';

import 'package:linky/linky.dart';
import 'package:linky/src/sha256.dart';
import 'package:test/test.dart';

import 'fake_app.dart';
import 'fake_server.dart';

String hex(List<int> bytes) => [for (final one in bytes) one.toRadixString(16).padLeft(2, '0')].join();

Map<String, Object?> signedInAs(String id) {
  return <String, Object?>{'tokens': tokens(5), 'user': meOf(id).toJson()};
}

final class FakePushes implements PushSource {
  bool allowed = false;
  int asked = 0;
  final StreamController<void> changes = StreamController<void>.broadcast();

  @override
  Future<bool> isAllowed() async => allowed;

  @override
  Future<bool> ask() async {
    asked++;
    return allowed = true;
  }

  @override
  Future<String?> token() async => 'token';

  @override
  Stream<void> get tokenChanges => changes.stream;
}

void main() {
  test('links open posts, comments and lounges, and nothing else', () {
    final routes = <String, AppRoute?>{
      'https://linky.example/p/1': const PostRoute('1'),
      'https://linky.example/p/1/c/2': const PostRoute('1', commentId: '2'),
      'https://linky.example/l/3/': const LoungeRoute('3'),
      'https://linky.example/privacy': null,
      'https://linky.example/p': null,
      'https://linky.example/p/1/c': null,
      'linky://auth/done?code=1': null,
    };
    for (final MapEntry(key: link, value: route) in routes.entries) {
      expect(routeOf(Uri.parse(link)), route, reason: link);
    }
  });

  test('pushes open what they are about, also of types that are new', () {
    expect(routeOfPush({'type': 'x', 'post_id': '1', 'comment_id': '2', 'parent_id': '3'}),
        const PostRoute('1', commentId: '2', parentId: '3'));
    expect(routeOfPush({'lounge_id': '1', 'post_id': ''}), const LoungeRoute('1'));
    expect(routeOfPush({'lounge_request_id': '1'}), const LoungeRequestRoute('1'));
    expect(routeOfPush({'type': 'account_suspended', 'url': 'https://l.example/appeal'}),
        WebRoute(Uri.parse('https://l.example/appeal')));
    expect(routeOfPush({'type': 'report_resolved', 'post_id': '1'}) is NotificationsRoute, isTrue);
    expect(routeOfPush({'type': 'report_resolved', 'post_id': '1', 'url': 'https://l.example/p/1'}),
        const PostRoute('1'));
    expect(routeOfPush({'type': 'security'}) is NotificationsRoute, isTrue);
  });

  test('channels have names in both languages', () {
    expect(pushChannels('ja').keys.toList(), pushChannels('en').keys.toList());
    expect(pushChannels('ja').length, 5);
  });

  test('SHA-256 is what it should be', () {
    expect(hex(sha256Of(utf8.encode('abc'))),
        'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hex(sha256Of([])), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(hex(sha256Of(List.filled(1000, 97))),
        '41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3');
    // RFC 7636, appendix B.
    final challenge = base64Url.encode(sha256Of(utf8.encode('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')));
    expect(challenge, 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=');
  });

  test("the browser's sign-in sends the verifier of its challenge", () async {
    final server = FakeServer((_) async => answer(200, signedInAs('u')));
    final linky = await open(server, MemoryStore());
    late String challenge;
    await linky.signInInBrowser(
      SocialProvider.apple,
      redirectUri: 'linky://auth/done',
      open: (page) async {
        expect(page.path, '/api/v1/auth/oauth/apple/authorize');
        challenge = page.queryParameters['code_challenge']!;
        return 'linky://auth/done?code=c&state=${page.queryParameters['state']}';
      },
    );
    final sent = jsonDecode(server.requests.single.body) as Map<String, Object?>;
    final made = base64Url.encode(sha256Of(utf8.encode(sent['code_verifier']! as String)));
    expect(made.replaceAll('=', ''), challenge);
    expect(linky.session.state is SignedInState, isTrue);
    for (final link in ['linky://auth/done?code=c&state=other', 'linky://auth/done?error=access_denied']) {
      await expectLater(
        linky.signInInBrowser(SocialProvider.apple, redirectUri: 'x', open: (_) async => link),
        throwsA(isA<SignInRefused>()),
      );
    }
    expect(server.requests.length, 1);
  });

  test('a sign-in without an ID token is not sent: the set-up lacks something', () async {
    final server = FakeServer((_) async => answer(200, signedInAs('u')));
    final linky = await open(server, MemoryStore());
    for (final token in [null, '']) {
      await expectLater(linky.signInWith(SocialProvider.line, idToken: token), throwsA(isA<NoIdToken>()));
    }
    expect(server.requests, isEmpty);
    await linky.signInWith(SocialProvider.line, idToken: 'x', nonce: 'n');
    expect(server.requests.single.url.path, '/api/v1/auth/oauth/line');
    expect(linky.session.state, const SignedInState('u', isGuest: false));
  });

  test('a guest is upgraded', () async {
    final store = MemoryStore();
    await store.write('tokens', storedTokens(1).replaceFirst('"is_guest":false', '"is_guest":true'));
    final server = FakeServer((_) async => answer(200, signedInAs('u')));
    final linky = await open(server, store);
    await linky.signInWith(SocialProvider.google, idToken: 'x');
    expect(server.requests.single.url.path, '/api/v1/auth/guest/upgrade/google');
  });

  test('a fresh proof is asked for once, and the call is repeated', () async {
    var isProved = false;
    final server = FakeServer((request) async {
      if (request.url.path.endsWith('/proof')) {
        isProved = true;
        return answer(204, null);
      }
      return isProved ? answer(204, null) : problem(403, 'proof_required');
    });
    final linky = await open(server, await signedInStore());
    Future<void> unlink() => linky.identities.unlinkIdentity(DoorChoice.line);
    await expectLater(linky.proving(unlink, ask: () async => null), throwsA(isA<Cancelled>()));
    await linky.proving(unlink, ask: () async => const Proof(password: 'p'));
    expect(server.requests.map((one) => one.method).toList(), ['DELETE', 'DELETE', 'POST', 'DELETE']);
  });

  test('pushes are registered when they are allowed, and asked for by the app alone', () async {
    final server = FakeServer((_) async => answer(204, null));
    final linky = await open(server, await signedInStore());
    final source = FakePushes();
    final pushes = Pushes(linky, source, DevicePlatform.ios);
    await pushes.start();
    expect((source.asked, server.requests.length), (0, 0));
    expect(await pushes.ask(), isTrue);
    expect(server.requests.length, 1);
    source.changes.add(null);
    await Future<void>.delayed(const Duration(milliseconds: 10));
    expect(server.requests.length, 2);
    await pushes.close();
  });

  test('models and states say what they are, and no secret', () {
    expect('${meOf('u')}'.contains('花子'), isTrue);
    final pair = '${TokenPair.parse(tokens(1))}';
    expect(pair.startsWith('TokenPair('), isTrue);
    expect(pair.contains('access-1') || pair.contains('refresh-1'), isFalse);
    expect('${const Login(email: 'a', password: 'secret-word')}'.contains('secret-word'), isFalse);
    expect('${const Cancelled()}', 'Cancelled');
  });
}
