// The parts that Flutter brings, with stand-ins: key-chain, folders, background isolates, the app's life.
import 'dart:async';
import 'dart:io';
import 'dart:isolate';

import 'package:flutter/widgets.dart';
import 'package:flutter_secure_storage/flutter_secure_storage.dart';
import 'package:linky/linky.dart';
import 'package:linky_flutter/linky_flutter.dart';
import 'package:samples/keychain.dart';
import 'package:test/test.dart';

import 'base.dart';
import 'proxy.dart';

/// The app as the guide opens it. All of them share one key-chain and one folder.
Future<Linky> phone({String? url}) async {
  const policy = RetryPolicy(firstWait: Duration(milliseconds: 50));
  return openLinky(url ?? base, secrets: const Keychain(), policy: policy);
}

Future<String> idInBackground() async {
  final linky = await phone();
  try {
    return (await linky.users.getMe()).id;
  } finally {
    await linky.close();
  }
}

void main() {
  test('tokens are among the secrets of the app, also for a background isolate', () async {
    final linky = await phone();
    addTearDown(linky.close);
    final me = await linky.session.adopt(await devSignIn('hanako@example.com'));
    final secrets = await Keychain.storage.readAll();
    expect(secrets.values.any((one) => one.contains(me.id)), isTrue);
    final files = Directory('${Platform.environment['FOLDER']}/support').listSync(recursive: true);
    final words = files.whereType<File>().map((one) => one.readAsStringSync());
    expect(words.any((one) => one.contains(me.id)), isFalse);
    expect(await inBackground(idInBackground), me.id);
    await expectLater(Isolate.run(idInBackground), throwsA(isA<Error>()));
    await linky.session.signOut();
    expect((await Keychain.storage.readAll()).keys.where((one) => one == 'tokens'), isEmpty);
  });

  test('a key-chain that can not be read for a while signs nobody out', () async {
    final before = await phone();
    final me = await before.session.adopt(await devSignIn('hanako@example.com'));
    await before.close();
    FlutterSecureStorage.isUnreadable = true;
    addTearDown(() => FlutterSecureStorage.isUnreadable = false);
    final linky = await phone();
    addTearDown(linky.close);
    expect(linky.session.state, const SignedOutState('', isUnread: true));
    FlutterSecureStorage.isUnreadable = false;
    await linky.start();
    expect(linky.session.state, SignedInState(me.id, isGuest: false));
    await linky.session.signOut();
  });

  test('what goes out when the app comes back is told, and what does not, too', () async {
    final proxy = await proxyTo(base);
    addTearDown(proxy.close);
    final linky = await phone(url: proxy.url);
    addTearDown(linky.close);
    await linky.session.adopt(await devSignIn('hanako@example.com'));
    final post = await newPost(linky);
    final events = <DraftEvent>[];
    linky.drafts.changes.listen(events.add);
    var returns = 0;
    final life = LinkyLifecycle(linky, onResume: () => returns++);
    addTearDown(life.dispose);
    proxy
      ..refuses = true
      ..cut();
    final draft = await linky.drafts.newComment(post.id, const CommentCreate(body: '圏外から'));
    await expectLater(draft.send(), throwsA(isA<Unreachable>()));
    AppLifecycleListener.all.single.onPause!();
    AppLifecycleListener.all.single.onResume!();
    await until('the failure', () => events.whereType<DraftFailed>().length == 2);
    proxy.refuses = false;
    AppLifecycleListener.all.single.onResume!();
    await until('sent', () => events.last is DraftSent);
    expect(((events.last as DraftSent).thing! as Comment).body, '圏外から');
    expect(returns, 2);
    await linky.session.signOut();
  });
}
