// What screens see: states, live changes, acts, and a start without a network.
import 'dart:async';
import 'dart:io';

import 'package:linky/io.dart';
import 'package:linky/linky.dart';
import 'package:test/test.dart';

import 'base.dart';
import 'proxy.dart';

const gone = '01a22ec9-0fb5-789f-ac23-c6190fe8c000';

/// What a stream has shown, the last one last.
List<Loaded<T>> shownBy<T>(Watched<T> watched) {
  final shown = <Loaded<T>>[];
  final listening = watched.listen(shown.add);
  addTearDown(listening.cancel);
  return shown;
}

Future<Live> liveOf(Linky linky, {Directory? folder, Duration silence = const Duration(seconds: 65)}) async {
  final store = folder == null ? MemoryCopyStore() : FileCopyStore(File('${folder.path}/live.copy'));
  final waiting = Waiting(silence: silence, longest: const Duration(milliseconds: 300));
  final live = await openLive(linky, store, waiting: waiting);
  addTearDown(live.close);
  return live..start();
}

void main() {
  test('a screen tells loading from gone', () async {
    final live = await liveOf(await signedIn('hanako'));
    final post = shownBy(live.watchPost(gone));
    final comments = shownBy(live.watchComments(gone));
    await until('the first frame', () => post.isNotEmpty && comments.isNotEmpty);
    expect(post.first.state, LoadState.loading);
    expect(comments.first.data, isNull);
    await until('gone', () => post.last.isGone && comments.last.isGone);
    expect(post.last.data, isNull);
    expect(comments.last.hasMore, isFalse);
  });

  test('a screen tells offline from loading, shows what was there, and comes back', () async {
    final proxy = await proxyTo(base);
    addTearDown(proxy.close);
    proxy.refuses = true;
    final linky = await signedIn('hanako', url: proxy.url);
    final live = await liveOf(linky);
    final feed = shownBy(live.watchFeed());
    await until('failed', () => feed.isNotEmpty && feed.last.state == LoadState.failed);
    expect(feed.last.isOffline, isTrue);
    expect(feed.last.willRetry, isTrue);
    expect(feed.last.data, isNull);
    proxy.refuses = false;
    await until('loaded', () => feed.last.state == LoadState.loaded);
    expect(feed.last.data, isNotEmpty);
    proxy
      ..refuses = true
      ..cut();
    final watched = live.watchFeed();
    await expectLater(watched.refresh(), throwsA(isA<Unreachable>()));
    expect(watched.now.state, LoadState.failed);
    expect(watched.now.data, isNotEmpty);
  });

  test('a read in a tunnel gives up within ten seconds', () async {
    final proxy = await proxyTo(base);
    addTearDown(proxy.close);
    final linky = await signedIn('hanako', url: proxy.url);
    proxy.swallows = true;
    final watch = Stopwatch()..start();
    await expectLater(linky.users.getMe(), throwsA(isA<Unreachable>()));
    expect(watch.elapsed < const Duration(seconds: 12), isTrue, reason: '${watch.elapsed}');
  });

  test('comments of others come, once each, and more pages follow', () async {
    final hanako = await signedIn('hanako');
    final taro = await signedIn('taro');
    final post = await newPost(hanako);
    final live = await liveOf(hanako);
    final comments = shownBy(live.watchComments(post.id));
    await until('loaded', () => comments.isNotEmpty && comments.last.state == LoadState.loaded);
    expect(comments.last.data, <Comment>[]);
    final begun = comments.length;
    await taro.comments.createComment(post.id, const CommentCreate(body: '一つ目'));
    await until('the comment', () => comments.last.data?.length == 1);
    await Future<void>.delayed(const Duration(milliseconds: 500));
    expect(comments.length, begun + 1, reason: 'one difference, one event');
    for (var number = 0; number < 60; number++) {
      await taro.comments.createComment(post.id, CommentCreate(body: '$number'));
    }
    final other = await liveOf(await signedIn('hanako'));
    final watched = other.watchComments(post.id);
    final pages = shownBy(watched);
    await until('a page', () => pages.isNotEmpty && pages.last.state == LoadState.loaded);
    expect(pages.last.hasMore, isTrue);
    await watched.loadMore();
    expect(watched.now.hasMore, isFalse);
    expect(watched.now.data!.length, 61);
  });

  test('acts show at once, and are taken back if the server refuses', () async {
    final hanako = await signedIn('hanako');
    final post = await newPost(hanako);
    final live = await liveOf(hanako);
    final watched = live.watchPost(post.id);
    shownBy(watched);
    await until('loaded', () => watched.now.state == LoadState.loaded);
    final liking = live.acts.like(post.id);
    expect(watched.now.data!.liked, isTrue);
    expect(watched.now.data!.likeCount, 1);
    await liking;
    await live.acts.unlike(post.id);
    final fresh = await hanako.posts.getPost(post.id);
    expect((fresh.liked, fresh.likeCount), (false, 0));
    // The server may still tell of the like. What it tells last is what stays.
    await until('no like', () => !watched.now.data!.liked && watched.now.data!.likeCount == 0);

    final guest = appIn(newFolder());
    await guest.session.enterAsGuest();
    final asGuest = await liveOf(guest);
    final seen = asGuest.watchPost(post.id);
    shownBy(seen);
    await until('loaded', () => seen.now.state == LoadState.loaded);
    final refused = asGuest.acts.like(post.id);
    expect(seen.now.data!.liked, isTrue);
    await expectLater(refused, throwsA(isA<GuestNotAllowedProblem>()));
    expect((seen.now.data!.liked, seen.now.data!.likeCount), (false, 0));
  });

  test('blocking hides, reading empties the badge, and deleting takes away', () async {
    final hanako = await signedIn('hanako');
    final taro = await signedIn('taro');
    final post = await newPost(hanako);
    await taro.comments.createComment(post.id, const CommentCreate(body: '見えなくなる'));
    final live = await liveOf(hanako);
    final unread = live.watchUnread();
    final comments = live.watchComments(post.id);
    shownBy(unread);
    shownBy(comments);
    await until('loaded', () => (unread.now.data?.count ?? 0) > 0 && comments.now.data?.length == 1);
    final reading = live.acts.markAllRead();
    expect(unread.now.data!.count, 0);
    await reading;
    final taroId = (await taro.users.getMe()).id;
    final blocking = live.acts.block(taroId);
    expect(comments.now.data, <Comment>[]);
    await blocking;
    await live.acts.unblock(taroId);
    await until('back', () => comments.now.data?.length == 1);
    final mine = live.watchPost(post.id);
    shownBy(mine);
    await until('loaded', () => mine.now.data != null);
    final deleting = live.acts.deletePost(post.id);
    expect(mine.now.isGone, isTrue);
    await deleting;
    await until('gone', () => mine.now.isGone && comments.now.isGone);
  });

  test('a start without a network shows the first screens, and an outbox sends what was written', () async {
    final folder = newFolder();
    final hanako = await signedIn('hanako', folder: folder);
    final post = await newPost(hanako);
    final live = await liveOf(hanako, folder: folder);
    final first = [live.watchFeed(), live.watchLounges(), live.watchMe(), live.watchPost(post.id), live.watchUnread()];
    for (final one in first) {
      shownBy<Object?>(one as Watched<Object?>);
    }
    await until('loaded', () => first.every((one) => (one as Watched<Object?>).now.state == LoadState.loaded));
    await live.close();
    await hanako.close();

    final proxy = await proxyTo(base);
    addTearDown(proxy.close);
    proxy.refuses = true;
    final linky = appIn(folder, url: proxy.url);
    final later = await liveOf(linky, folder: folder);
    expect(later.watchFeed().now.data!.first.id, post.id);
    expect(later.watchLounges().now.data, isNotEmpty);
    expect(later.watchMe().now.data!.nickname, 'はなこ');
    expect(later.watchPost(post.id).now.data!.title, '旅');
    final events = <DraftEvent>[];
    linky.drafts.changes.listen(events.add);
    final draft = await linky.drafts.newComment(post.id, const CommentCreate(body: '圏外から'));
    await expectLater(draft.send(), throwsA(isA<Unreachable>()));
    await Future<void>.delayed(Duration.zero);
    expect((events.last as DraftFailed).willRetry, isTrue);
    expect(linky.drafts.outbox.length, 1);

    final comments = later.watchComments(post.id);
    shownBy(comments);
    proxy.refuses = false;
    later.reconnect();
    expect(await linky.start(), <LinkyError>[]);
    // Either the start or the open stream sends it, whichever sees first that the server is back.
    await until('sent', () => events.last is DraftSent);
    expect(linky.drafts.outbox, isEmpty);
    await until('the comment', () => comments.now.state == LoadState.loaded && comments.now.data?.length == 1);
  });

  test('a post that was cut off goes out when the network is back, without a start', () async {
    final proxy = await proxyTo(base);
    addTearDown(proxy.close);
    final log = <LogEvent>[];
    final linky = await signedIn('hanako', url: proxy.url, log: log.add);
    final live = await liveOf(linky);
    final connected = <bool>[];
    live.liveChanges.listen(connected.add);
    await until('live', () => live.isLive);
    final lounge = await firstLounge(linky);
    final draft = await linky.drafts.newPost(PostCreate(loungeId: lounge.id, title: '電波の谷間', body: '…'));
    for (var number = 0; number < 3; number++) {
      await draft.addPicture(picture);
    }
    final events = <DraftEvent>[];
    linky.drafts.changes.listen(events.add);
    final sending = draft.send();
    await until('bytes', () => events.any((one) => one is DraftSending && one.bytesSent > 0));
    proxy
      ..refuses = true
      ..cut();
    await expectLater(sending, throwsA(isA<Unreachable>()));
    await until('offline', () => !live.isLive && connected.last == false);
    expect(linky.drafts.outbox.single is DraftFailed, isTrue);
    log.clear();
    proxy.refuses = false;
    await until('sent', () => events.last is DraftSent);
    expect(((events.last as DraftSent).thing! as Post).images.length, 3);
    await until('connected', () => connected.last);
    await Future<void>.delayed(const Duration(seconds: 1));
    expect(events.whereType<DraftSent>().length, 1);
    expect(log.where((one) => one.operation == 'create_post' && one.status != null).length, 1);
    final own = await linky.posts.listMyPosts();
    expect(own.items.where((one) => one.title == '電波の谷間').length, 1);
  });

  test('leaving takes all from the device, and ends as leaving', () async {
    final folder = newFolder();
    final linky = appIn(folder);
    const password = 'yama-no-kodama-7312';
    await linky.register(const Register(email: 'kodama@example.com', nickname: 'こだま', password: password));
    final live = await liveOf(linky, folder: folder);
    final feed = live.watchFeed();
    shownBy(feed);
    await until('loaded', () => feed.now.state == LoadState.loaded && live.isLive);
    final lounge = await firstLounge(linky);
    final draft = await linky.drafts.newPost(PostCreate(loungeId: lounge.id, title: '秘密', body: '…'));
    await draft.addPicture(picture);
    await linky.devices.start('any', DevicePlatform.android, DeviceKind.fcmToken);
    final states = <AuthState>[];
    linky.session.changes.skip(1).listen(states.add);
    List<String> files() => [for (final one in folder.listSync(recursive: true).whereType<File>()) one.path];
    final before = files();
    expect(before.length >= 5, isTrue, reason: '$before');
    await expectLater(linky.leave(body: const Leave(password: 'falsch-und-lang-1')), throwsA(isA<WrongPasswordProblem>()));
    expect(files().length, before.length);
    await fault('lost-answer', onlyWrites: true);
    await linky.leave(body: const Leave(password: password));
    expect(linky.session.state, const SignedOutState(SignedOutState.left));
    expect(files(), <String>[]);
    await until('shown', () => feed.now.data == null);
    await Future<void>.delayed(const Duration(seconds: 1));
    expect(states, <AuthState>[const SignedOutState(SignedOutState.left)]);
    expect(files(), <String>[]);
  });

  test('the outbox tells of pictures and bytes, two at a time, and can be stopped', () async {
    final hanako = await signedIn('hanako');
    final lounge = await firstLounge(hanako);
    final draft = await hanako.drafts.newPost(PostCreate(loungeId: lounge.id, title: '写真', body: '…'));
    for (var number = 0; number < 3; number++) {
      await draft.addPicture(picture);
    }
    final events = <DraftEvent>[];
    hanako.drafts.changes.listen(events.add);
    await fault('slow=3s', times: 1, onlyWrites: true);
    final sending = draft.send();
    await until('bytes', () => events.any((one) => one is DraftSending && one.bytesSent > 0));
    draft.cancel();
    await expectLater(sending, throwsA(isA<Cancelled>()));
    await Future<void>.delayed(Duration.zero);
    expect(events.last is DraftCancelled, isTrue);
    expect(draft.isWanted, isFalse);
    await dev('DELETE', '/dev/fault');
    final post = await draft.send();
    expect(post.images.length, 3);
    await Future<void>.delayed(Duration.zero);
    final sendings = events.whereType<DraftSending>().toList();
    expect(sendings.last.picturesSent, 3);
    expect(sendings.last.bytesSent, sendings.last.bytes);
    expect((events.last as DraftSent).thing, post);
  });

  test('an open stream that is dead is noticed, and what was missed comes', () async {
    final proxy = await proxyTo(base);
    addTearDown(proxy.close);
    final hanako = await signedIn('hanako');
    final post = await newPost(hanako);
    final live = await liveOf(await signedIn('taro', url: proxy.url), silence: const Duration(seconds: 3));
    final comments = live.watchComments(post.id);
    shownBy(comments);
    await until('live', () => live.isLive && comments.now.state == LoadState.loaded);
    proxy.swallows = true;
    await hanako.comments.createComment(post.id, const CommentCreate(body: '届かない間に'));
    await until('dead', () => !live.isLive);
    expect(comments.now.data, <Comment>[]);
    proxy
      ..swallows = false
      ..cut();
    await until('the comment', () => comments.now.data?.length == 1, seconds: 40);
  });

  test('a token that ends inside an open stream loses nothing', () async {
    final linky = appIn(newFolder());
    await linky.session.adopt(await devSignIn('hanako@example.com', expiresIn: 8));
    final post = await newPost(linky);
    final live = await liveOf(linky);
    final comments = live.watchComments(post.id);
    shownBy(comments);
    final taro = await signedIn('taro');
    for (var number = 0; number < 12; number++) {
      await taro.comments.createComment(post.id, CommentCreate(body: '$number'));
      await Future<void>.delayed(const Duration(seconds: 1));
    }
    await until('all', () => comments.now.data?.length == 12);
    expect([for (final one in comments.now.data!) one.body], ['${0}', for (var n = 1; n < 12; n++) '$n']);
  });
}
