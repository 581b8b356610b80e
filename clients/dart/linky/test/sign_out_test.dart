import 'dart:async';

import 'package:http/http.dart' as http;
import 'package:linky/linky.dart';
import 'package:linky/src/copy_records.dart';
import 'package:linky/src/cursors.dart';
import 'package:linky/src/offline_copy.dart';
import 'package:test/test.dart';

import 'fake_app.dart';
import 'fake_server.dart';

const String refreshPath = '/api/v1/auth/refresh';
const String logoutPath = '/api/v1/auth/logout';

/// A server on which the first token has expired, and something happens while it is asked.
FakeServer refreshing(Future<void> Function() meanwhile) {
  return FakeServer((http.Request request) async {
    if (request.url.path == logoutPath) {
      return answer(204, null);
    }
    if (request.url.path == refreshPath) {
      await meanwhile();
      return answer(200, tokens(2));
    }
    return problem(401, 'token_expired');
  });
}

/// A store that reads slowly, until told.
final class SlowStore implements Store {
  final MemoryStore _store = MemoryStore();

  /// Ends what is read.
  final Completer<void> gate = Completer<void>();

  @override
  Future<String?> read(String key) async {
    final String? value = await _store.read(key);
    await gate.future;
    return value;
  }

  @override
  Future<void> write(String key, String value) => _store.write(key, value);

  @override
  Future<void> delete(String key) => _store.delete(key);

  @override
  Future<List<String>> keys(String prefix) => _store.keys(prefix);

  @override
  Future<bool> tryLock(String name) => _store.tryLock(name);

  @override
  Future<void> unlock(String name) => _store.unlock(name);
}

/// A store that can't be read for a while, as a key-chain before the phone is unlocked.
final class LockedStore implements Store {
  final MemoryStore _store = MemoryStore();

  /// Whether reading fails.
  bool isLocked = true;

  @override
  Future<String?> read(String key) async {
    if (isLocked) {
      throw const FormatException('locked');
    }
    return _store.read(key);
  }

  @override
  Future<void> write(String key, String value) => _store.write(key, value);

  @override
  Future<void> delete(String key) => _store.delete(key);

  @override
  Future<List<String>> keys(String prefix) async {
    if (isLocked) {
      throw const FormatException('locked');
    }
    return _store.keys(prefix);
  }

  @override
  Future<bool> tryLock(String name) => _store.tryLock(name);

  @override
  Future<void> unlock(String name) => _store.unlock(name);
}

/// What an app left: three unread notifications.
Future<CopyStore> filledCopy() async {
  final MemoryCopyStore store = MemoryCopyStore();
  final OfflineCopy copy = OfflineCopy(store);
  await copy.open('u');
  final Listing badge = copy.use(Listing('badge', 'me'));
  copy.start(const Cursor('e', 10));
  copy.putPage(badge, '', <Map<String, Object?>>[<String, Object?>{'count': 3, 'more': false}], null, 10);
  await copy.close();
  return store;
}

/// What the server answers to a guest.
SignedIn guest() {
  return SignedIn.parse(<String, Object?>{
    'tokens': tokens(1),
    'user': <String, Object?>{
      'avatar_url': null,
      'bio': '',
      'created_at': '2026-11-25T01:34:56.953846Z',
      'email': null,
      'email_verified': false,
      'id': 'u',
      'is_guest': true,
      'locale': 'ja',
      'may_publish': 'guest',
      'needs_nickname': false,
      'nickname': '花子',
      'provider': 'guest',
      'role': 'guest',
      'terms_version': null,
    },
  });
}

void main() {
  test('a user who signs in while the store is read stays signed in', () async {
    final FakeServer server = FakeServer((http.Request request) => cut());
    final SlowStore store = SlowStore();
    final Linky linky = Linky(
      'http://linky.test',
      store: store,
      client: server.client(),
      policy: impatient,
    );
    final Future<void> opened = linky.session.open();
    final Future<Me> entered = linky.session.adopt(guest());
    await Future<void>.delayed(Duration.zero);
    store.gate.complete();
    await opened;
    await entered;
    expect(linky.session.state, const SignedInState('u', isGuest: true));
  });

  test('a later start takes nothing back that was learned', () async {
    final FakeServer server = FakeServer((http.Request request) async {
      return problem(403, 'account_suspended');
    });
    final Linky linky = await open(server, await signedInStore());
    await expectLater(linky.users.getMe(), throwsA(isA<AccountSuspendedProblem>()));
    await linky.start();
    expect(linky.session.state, const SuspendedState('u', '訳', ''));
  });

  test('a refresh does not take a sign-out back', () async {
    final MemoryStore store = await signedInStore();
    final Linky other = await open(refreshing(() async {}), store);
    final Linky linky = await open(refreshing(other.session.signOut), store);
    await expectLater(linky.users.getMe(), throwsA(isA<SignedOutError>()));
    expect(await store.keys(''), <String>[]);
  });

  test('a sign-out waits for no refresh', () async {
    final MemoryStore store = await signedInStore();
    final List<Linky> clients = <Linky>[];
    final FakeServer server = refreshing(() async {
      await clients.single.session.signOut();
    });
    clients.add(await open(server, store));
    await expectLater(clients.single.users.getMe(), throwsA(isA<SignedOutError>()));
    expect(await store.keys(''), <String>[]);
    expect(clients.single.session.state, const SignedOutState(''));
  });

  test('a refresh does not take the next user away', () async {
    final MemoryStore store = await signedInStore();
    final FakeServer server = refreshing(() async {
      await store.write('tokens', storedTokens(7, userId: 'another'));
    });
    final Linky linky = await open(server, store);
    await expectLater(linky.users.getMe(), throwsA(isA<SignedOutError>()));
    expect(await store.read('tokens'), storedTokens(7, userId: 'another'));
  });

  test('a sign-out is told until the server itself has answered', () async {
    final Map<String, http.Response> answers = <String, http.Response>{
      'told': answer(204, null),
      'told by a code': problem(422, 'validation_failed'),
      'cut on its way': problem(408, 'request_timeout'),
      'busy': problem(429, 'rate_limited', headers: <String, String>{'retry-after': '60'}),
      'a page of a proxy': answer(403, 'Forbidden'),
      'a proxy that has lost us': answer(404, <String, Object?>{'message': 'no such route'}),
    };
    for (final MapEntry<String, http.Response> entry in answers.entries) {
      final FakeServer server = FakeServer((http.Request request) async => entry.value);
      final MemoryStore store = await signedInStore();
      final Linky linky = await open(server, store);
      await linky.session.signOut();
      final List<String> left = await store.keys('signing_out/');
      expect(left.isEmpty, entry.key.startsWith('told'), reason: entry.key);
    }
  });

  test('who begins to listen hears the state now, and each change', () async {
    final Linky linky = await open(refreshing(() async {}), await signedInStore());
    final List<AuthState> heard = <AuthState>[];
    linky.session.changes.listen(heard.add);
    await linky.session.signOut();
    await Future<void>.delayed(Duration.zero);
    const SignedInState before = SignedInState('u', isGuest: false);
    expect(heard, <AuthState>[before, const SignedOutState('')]);
    expect(await linky.session.changes.first, const SignedOutState(''));
  });

  test('a store that cannot be read shows no user until it can', () async {
    final FakeServer server = FakeServer((http.Request request) => cut());
    final LockedStore store = LockedStore();
    await store.write('tokens', storedTokens(1));
    final Linky linky = await open(server, store);
    expect(linky.session.state, const SignedOutState('', isUnread: true));
    await linky.session.start();
    expect(linky.session.state, const SignedOutState('', isUnread: true));
    store.isLocked = false;
    expect(await store.read('tokens'), storedTokens(1));
    await linky.start();
    expect(linky.session.state, const SignedInState('u', isGuest: false));
    expect(server.requests.length, 0);
  });

  test('a store that cannot be read leaves the offline copy as it was', () async {
    final FakeServer server = FakeServer((http.Request request) => cut());
    final LockedStore store = LockedStore();
    await store.write('tokens', storedTokens(1));
    final Linky linky = await open(server, store);
    final Live live = await openLive(linky, await filledCopy());
    expect(live.copy.unread, null);
    store.isLocked = false;
    await linky.start();
    await Future<void>.delayed(Duration.zero);
    expect(live.copy.unread, 3);
    await live.close();
  });

  test('a store that held no user after all empties the offline copy', () async {
    final FakeServer server = FakeServer((http.Request request) => cut());
    final LockedStore store = LockedStore();
    final Linky linky = await open(server, store);
    final CopyStore left = await filledCopy();
    final Live live = await openLive(linky, left);
    expect((await left.readAll()).isEmpty, isFalse);
    store.isLocked = false;
    await linky.start();
    await Future<void>.delayed(Duration.zero);
    await live.close();
    expect(linky.session.state, const SignedOutState(''));
    expect((await left.readAll()).isEmpty, isTrue);
  });

  test('a store that fails later takes no user away', () async {
    final FakeServer server = FakeServer((http.Request request) => cut());
    final LockedStore store = LockedStore();
    await store.write('tokens', storedTokens(1));
    store.isLocked = false;
    final Linky linky = await open(server, store);
    store.isLocked = true;
    await linky.session.open();
    expect(linky.session.state, const SignedInState('u', isGuest: false));
  });

  test('a store that is read late takes nothing back that was learned', () async {
    final FakeServer server = FakeServer((http.Request request) async {
      return problem(403, 'account_suspended');
    });
    final LockedStore store = LockedStore();
    await store.write('tokens', storedTokens(1));
    final Linky linky = await open(server, store);
    store.isLocked = false;
    await expectLater(linky.users.getMe(), throwsA(isA<AccountSuspendedProblem>()));
    await linky.start();
    expect(linky.session.state, const SuspendedState('u', '訳', ''));
  });

  test('who is signed in is known before anything is sent', () async {
    final FakeServer server = FakeServer((http.Request request) => cut());
    final MemoryStore store = MemoryStore();
    await store.write('signing_out/one', 'refresh-1');
    final Linky linky = Linky('http://linky.test', store: store, client: server.client());
    await linky.session.open();
    expect(linky.session.state, const SignedOutState(''));
    expect(server.requests.length, 0);
  });

  test('no sign-out takes the place of an earlier one', () async {
    final FakeServer server = FakeServer((http.Request request) => cut());
    final MemoryStore store = await signedInStore();
    final Linky linky = await open(server, store);
    await linky.session.signOut();
    await store.write('tokens', storedTokens(2));
    await linky.session.signOut();
    final List<String> left = await store.keys('signing_out/');
    expect(left.length, 2);
  });
}
