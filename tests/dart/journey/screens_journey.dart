// The screens of the example, on a stand-in of Flutter that lays out: nothing overflows or is endless on a
// small phone with large text and a keyboard, and pictures and labels are there.
import 'package:flutter/material.dart';
import 'package:flutter/screen.dart';
import 'package:image_picker/image_picker.dart';
import 'package:linky/linky.dart';
import 'package:test/test.dart';

import '../../../clients/dart/linky_flutter/example/lib/composer.dart';
import '../../../clients/dart/linky_flutter/example/lib/feed.dart';
import '../../../clients/dart/linky_flutter/example/lib/post.dart';
import 'base.dart';
import 'proxy.dart';

/// Width, height, how large the text is, and the keyboard: a usual phone, and a small one with large text.
const List<(double, double, double, double)> phones = [(390, 844, 1, 336), (320, 568, 2, 216)];

Screen open(Widget home, (double, double, double, double) phone) {
  final (width, height, textScale, keyboard) = phone;
  final screen = Screen(home, width: width, height: height, textScale: textScale, keyboard: keyboard);
  addTearDown(screen.close);
  return screen..frame();
}

/// Everything fitted, and a screen reader has something to say.
void expectSound(Screen screen) {
  expect(screen.errors, <String>{});
  expect(screen.all<SafeArea>(), isNotEmpty);
  expect(screen.tappables.keys.where((one) => one.isEmpty), isEmpty);
  for (final box in screen.all<Image>()) {
    expect((box.widget as Image).semanticLabel, isNotNull);
  }
}

Future<Live> liveOf(Linky linky) async {
  final waiting = Waiting(longest: const Duration(milliseconds: 300));
  final live = await openLive(linky, MemoryCopyStore(), waiting: waiting);
  addTearDown(live.close);
  return live..start();
}

TextField field(Screen screen, String label) => screen
    .all<TextField>()
    .map((box) => box.widget as TextField)
    .firstWhere((one) => one.decoration?.labelText == label);

void main() {
  test('the composer fits while it sends, shows its pictures, and closes when the post is made', () async {
    final proxy = await proxyTo(base);
    addTearDown(proxy.close);
    final linky = await signedIn('hanako', url: proxy.url);
    final live = await liveOf(linky);
    await until('live', () => live.isLive);
    final meta = await linky.meta.getMeta();
    final lounge = await firstLounge(linky);
    for (final phone in phones) {
      final draft = await linky.drafts.newPost(PostCreate(loungeId: lounge.id, title: '', body: ''));
      final screen = open(ComposerScreen(linky, draft, meta), phone);
      field(screen, '題').enter('三枚の写真');
      field(screen, '本文').enter('川沿いを歩きました。\n' * 12);
      ImagePicker.picked = [picture, picture, picture];
      screen.tap('写真を追加');
      await screen.until('thumbnails', () => screen.all<Image>().length == 3);
      final ids = [for (final one in draft.pictures) one.id];
      screen.tap('写真 3 を前へ移動');
      await screen.until('moved', () => draft.pictures[1].id == ids[2]);
      screen.tap('写真 1 を削除');
      await screen.until('removed', () => screen.all<Image>().length == 2);
      expect([for (final one in draft.pictures) one.id], [ids[2], ids[1]]);
      expectSound(screen);

      proxy.refuses = true;
      proxy.cut();
      screen.tap('投稿する');
      await screen.until('failed', () => screen.shows('電波が戻ったら自動で送ります。'));
      expectSound(screen);
      var bars = 0;
      proxy.refuses = false;
      await screen.until('sent', () {
        bars += screen.all<LinearProgressIndicator>().length;
        return screen.depth == 0;
      });
      expect(bars > 0, isTrue);
      expect(screen.errors, <String>{});
      expect(linky.drafts.outbox, isEmpty);
      final post = (await linky.posts.listMyPosts()).items.first;
      expect((post.title, post.images.length), ('三枚の写真', 2));
    }
  });

  test('the feed and a post show pictures and fit, and a comment can be written', () async {
    final hanako = await signedIn('hanako');
    final lounge = await firstLounge(hanako);
    final draft = await hanako.drafts.newPost(PostCreate(
      loungeId: lounge.id,
      title: 'とても長い題の投稿で、小さな画面では何行にもなるもの',
      body: '長い本文。' * 300,
    ));
    for (var number = 0; number < 3; number++) {
      await draft.addPicture(picture);
    }
    final post = await draft.send();
    final linky = await signedIn('taro');
    final live = await liveOf(linky);
    for (final phone in phones) {
      final screen = open(FeedScreen(linky, live), phone);
      await screen.until('the feed', () => screen.shows(post.title));
      expect(screen.all<Image>(), isNotEmpty);
      expectSound(screen);
      screen.tap(post.title);
      await screen.until('the post', () => screen.depth == 2 && screen.shows(post.body));
      expect(screen.all<Image>().length, 3);
      expectSound(screen);
      final words = 'いい写真ですね ${screen.width}';
      field(screen, 'コメント').enter(words);
      screen.tap('コメントを送る');
      await screen.until('the comment', () => screen.shows(words));
      screen.tap('いいね');
      await screen.until('the like', () => screen.tappables.keys.contains('いいねを取り消す'));
      screen.tap('いいねを取り消す');
      await screen.until('no like', () => screen.tappables.keys.contains('いいね'));
      expectSound(screen);
      expect(screen.told, <Widget>[]);
    }
  });

  test('the screens say so when the app is offline for some seconds, and no longer when it is back', () async {
    final proxy = await proxyTo(base);
    addTearDown(proxy.close);
    final linky = await signedIn('hanako', url: proxy.url);
    final live = await liveOf(linky);
    final screen = open(FeedScreen(linky, live), phones.last);
    await screen.until('the feed', () => live.isLive && screen.all<ListTile>().isNotEmpty);
    proxy
      ..refuses = true
      ..cut();
    await screen.until('offline', () => screen.shows('オフラインです'));
    expect(screen.all<ListTile>(), isNotEmpty);
    proxy.refuses = false;
    await screen.until('back', () => live.isLive && !screen.shows('オフラインです'));
    expectSound(screen);
  });
}
