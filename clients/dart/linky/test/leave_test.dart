// Leaving: what the device forgets, when, and what it does if the answer is lost.
import 'package:http/http.dart' as http;
import 'package:linky/linky.dart';
import 'package:test/test.dart';

import 'fake_app.dart';
import 'fake_server.dart';

const String mePath = '/api/v1/users/me';
const String refreshPath = '/api/v1/auth/refresh';

const Map<String, Object?> leaving = {'completes_by': '2026-12-04T08:00:00Z', 'unlink_at_provider': true};
final SignedOutState left = const SignedOutState(SignedOutState.left);

/// A device with a draft, its picture, an installation id and an offline copy.
final class Phone {
  Phone._(this.linky, this.live, this.store, this.pictures, this.copy);

  static Future<Phone> of(FakeServer server) async {
    final store = await signedInStore();
    await store.write('install_id', 'i');
    final pictures = FakePictures();
    final linky = await open(server, store, pictures: pictures);
    final copy = MemoryCopyStore();
    final live = await openLive(linky, copy);
    live.copy.showMe(meOf('u'));
    final draft = await linky.drafts.newPost(const PostCreate(loungeId: 'l1', title: '題', body: '本文'));
    await draft.addPicture('a.jpg');
    final phone = Phone._(linky, live, store, pictures, copy);
    linky.session.changes.skip(1).listen(phone.states.add);
    return phone;
  }

  final Linky linky;
  final Live live;
  final MemoryStore store;
  final FakePictures pictures;
  final MemoryCopyStore copy;
  final List<AuthState> states = [];

  Future<void> expectEmpty() async {
    expect(await store.keys(''), <String>[]);
    expect(pictures.kept, <String>{});
    expect(await copy.readAll(), <String, String>{});
    expect(linky.drafts.outbox, isEmpty);
    await Future<void>.delayed(Duration.zero);
    expect(states, <AuthState>[left]);
  }

  Future<void> expectUntouched() async {
    expect((await store.keys('draft/')).length, 1);
    expect((await store.keys('tokens')).length, 1);
    expect((await store.keys('install_id')).length, 1);
    expect(pictures.kept, {'kept-a.jpg'});
    expect(live.copy.userId, 'u');
    await Future<void>.delayed(Duration.zero);
    expect(states, <AuthState>[]);
  }
}

void main() {
  test('the device forgets its user as soon as the server has said that the account is deleted', () async {
    final phone = await Phone.of(FakeServer((_) async => answer(202, leaving)));
    final answered = await phone.linky.leave(body: const Leave(password: 'p'));
    expect(answered.unlinkAtProvider, isTrue);
    await phone.expectEmpty();
    await expectLater(phone.linky.users.getMe(), throwsA(isA<SignedOutError>()));
  });

  test('a refusal changes nothing on the device', () async {
    for (final refusal in [
      problem(403, 'wrong_password'),
      problem(403, 'proof_required'),
      problem(429, 'rate_limited', headers: {'retry-after': '60'}),
      problem(503, 'overloaded', headers: {'retry-after': '60'}),
    ]) {
      final phone = await Phone.of(FakeServer((_) async => refusal));
      await expectLater(phone.linky.leave(), throwsA(isA<Problem>()));
      await phone.expectUntouched();
      expect(await phone.store.keys('leaving'), <String>[]);
    }
  });

  test('without a network nothing changes on the device', () async {
    final phone = await Phone.of(FakeServer((_) => throw http.ClientException('Connection refused')));
    await expectLater(phone.linky.leave(), throwsA(isA<Unreachable>()));
    await phone.expectUntouched();
    expect(await phone.store.keys('leaving'), <String>[]);
  });

  test('a retry after a lost answer finds out that the account is deleted', () async {
    var calls = 0;
    final phone = await Phone.of(FakeServer((_) async {
      calls++;
      return calls == 1 ? cut() : problem(401, 'session_revoked');
    }));
    await phone.linky.leave();
    await phone.expectEmpty();
  });

  test('after a lost answer the next call that finds the session over deletes what is on the device', () async {
    var isDown = true;
    final phone = await Phone.of(FakeServer((_) async => isDown ? cut() : problem(401, 'session_revoked')));
    await expectLater(phone.linky.leave(), throwsA(isA<Unreachable>()));
    await phone.expectUntouched();
    isDown = false;
    await expectLater(phone.linky.users.getMe(), throwsA(isA<SessionRevokedProblem>()));
    await phone.expectEmpty();
  });

  test('the same is found out after the app was killed, and by leaving again', () async {
    for (final code in ['session_revoked', 'token_expired']) {
      var isDown = true;
      final server = FakeServer((request) async {
        if (isDown) return cut();
        return problem(401, request.url.path == refreshPath ? 'invalid_refresh_token' : code);
      });
      final phone = await Phone.of(server);
      await expectLater(phone.linky.leave(), throwsA(isA<Unreachable>()));
      isDown = false;
      final later = await open(server, phone.store, pictures: phone.pictures);
      await later.leave();
      expect(later.session.state, left, reason: code);
      expect(await phone.store.keys(''), <String>[], reason: code);
      expect(phone.pictures.kept, <String>{}, reason: code);
    }
  });

  test('a refresh that works shows that the user has not left', () async {
    var isDown = true;
    var isRefreshed = false;
    final phone = await Phone.of(FakeServer((request) async {
      if (isDown) return cut();
      if (request.url.path == refreshPath) {
        isRefreshed = true;
        return answer(200, tokens(2));
      }
      return problem(401, isRefreshed ? 'session_revoked' : 'token_expired');
    }));
    await expectLater(phone.linky.leave(), throwsA(isA<Unreachable>()));
    isDown = false;
    await expectLater(phone.linky.users.getMe(), throwsA(isA<SessionRevokedProblem>()));
    await Future<void>.delayed(Duration.zero);
    expect(phone.states, <AuthState>[const SignedOutState('session_revoked')]);
    expect((await phone.store.keys('draft/')).length, 1);
  });

  test('a session that was ended elsewhere is not taken for an account that was deleted', () async {
    final phone = await Phone.of(FakeServer((_) async => problem(401, 'session_revoked')));
    await expectLater(phone.linky.leave(), throwsA(isA<SessionRevokedProblem>()));
    await Future<void>.delayed(Duration.zero);
    expect(phone.states, <AuthState>[const SignedOutState('session_revoked')]);
    expect((await phone.store.keys('draft/')).length, 1);
  });

  test('another call that learns of the end first does not tell that the session was revoked', () async {
    late final Phone phone;
    phone = await Phone.of(FakeServer((request) async {
      if (request.method != 'DELETE') return problem(401, 'session_revoked');
      await expectLater(phone.linky.posts.listPosts(), throwsA(isA<SessionRevokedProblem>()));
      return answer(202, leaving);
    }));
    await phone.linky.leave();
    await phone.expectEmpty();
  });
}
