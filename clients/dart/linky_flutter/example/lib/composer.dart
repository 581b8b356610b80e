// A composer with pictures, and what becomes of the post: it goes out also when the app was closed.
import 'dart:async';

import 'package:flutter/material.dart';
import 'package:linky/linky.dart';
import 'package:linky_flutter/linky_flutter.dart';

import 'feed.dart';
import 'pictures.dart';

class ComposerScreen extends StatefulWidget {
  const ComposerScreen(this.linky, this.draft, this.meta, {super.key});

  /// `linky.drafts.newPost(…)`, or one of `linky.drafts.all()`. Make it once, not at each tap.
  final Draft<Post> draft;
  final Linky linky;
  final Meta meta;

  @override
  State<ComposerScreen> createState() => _ComposerScreenState();
}

class _ComposerScreenState extends State<ComposerScreen> {
  late PostCreate form = PostCreate.parse(widget.draft.body);
  late final TextEditingController title = TextEditingController(text: form.title);
  late final TextEditingController body = TextEditingController(text: form.body);
  late final StreamSubscription<DraftEvent> listening;
  DraftEvent? last;

  @override
  void initState() {
    super.initState();
    listening = widget.linky.drafts.changes.where((event) => event.draftId == widget.draft.id).listen(show);
  }

  @override
  void dispose() {
    unawaited(listening.cancel());
    title.dispose();
    body.dispose();
    super.dispose();
  }

  /// It may also be sent later, when the network is back: the screen closes then, too.
  void show(DraftEvent event) {
    if (event is DraftSent) {
      Navigator.pop(context);
    } else {
      setState(() => last = event);
    }
  }

  Future<void> save() {
    form = form.copyWith(title: title.text, body: body.text);
    return widget.draft.edit(form);
  }

  /// Changes the pictures, and shows them.
  Future<void> change(Future<void> Function() act) async {
    try {
      await act();
    } on LinkyError catch (error) {
      if (mounted) tell(context, error);
    }
    if (mounted) setState(() {});
  }

  Future<void> pick() => change(() => pickPictures(widget.draft, limits: widget.meta.limits));

  Future<void> remove(String pictureId) => change(() => widget.draft.removePicture(pictureId));

  Future<void> moveUp(int index) {
    final ids = [for (final picture in widget.draft.pictures) picture.id];
    ids.insert(index - 1, ids.removeAt(index));
    return change(() => widget.draft.reorder(ids));
  }

  Future<void> send() async {
    await save();
    try {
      await widget.draft.send();
    } on PictureUnreadable catch (lost) {
      await remove(lost.pictureId);
      if (mounted) tell(context, lost);
    } on Cancelled {
      return; // It is a draft as before
    } on LinkyError catch (error) {
      if (mounted) tell(context, error); // Without a network it goes out when that is back
    }
  }

  @override
  Widget build(BuildContext context) {
    final pictures = widget.draft.pictures;
    return Scaffold(
      appBar: AppBar(title: const Text('新しい投稿')),
      body: SafeArea(
        child: ListView(padding: const EdgeInsets.all(16), children: [
          TextField(
            controller: title,
            decoration: const InputDecoration(labelText: '題'),
            onChanged: (_) => save(),
          ),
          const SizedBox(height: 16),
          TextField(
            controller: body,
            decoration: const InputDecoration(labelText: '本文'),
            minLines: 4,
            maxLines: 10,
            onChanged: (_) => save(),
          ),
          const SizedBox(height: 16),
          for (final (index, picture) in pictures.indexed) row(picture, index),
          TextButton(onPressed: pick, child: Text('写真を追加（${pictures.length} / ${widget.meta.limits.imagesPerPost} 枚）')),
          progress(last),
        ]),
      ),
    );
  }

  Widget row(DraftPicture picture, int index) {
    final label = '写真 ${index + 1}';
    return Padding(
      key: ValueKey(picture.id),
      padding: const EdgeInsets.symmetric(vertical: 4),
      child: Row(children: [
        DraftThumbnail(widget.draft, picture.id, label),
        const Expanded(child: SizedBox.shrink()),
        if (index > 0)
          IconButton(
            icon: const Icon(Icons.arrow_upward),
            tooltip: '$label を前へ移動',
            onPressed: () => moveUp(index),
          ),
        IconButton(icon: const Icon(Icons.close), tooltip: '$label を削除', onPressed: () => remove(picture.id)),
      ]),
    );
  }

  Widget progress(DraftEvent? event) {
    return switch (event) {
      DraftSending(:final picturesSent, :final pictures, :final bytesSent, :final bytes) => Row(children: [
          Expanded(
            child: Column(crossAxisAlignment: CrossAxisAlignment.start, children: [
              Text('写真 $picturesSent / $pictures'),
              LinearProgressIndicator(
                value: bytesSent < bytes ? bytesSent / bytes : null, // All is on its way: wait for the server
                semanticsLabel: '送信の進み具合',
              ),
            ]),
          ),
          IconButton(icon: const Icon(Icons.close), tooltip: '送信をやめる', onPressed: widget.draft.cancel),
        ]),
      DraftQueued() => const Center(child: CircularProgressIndicator(semanticsLabel: '送信を待っています')),
      DraftFailed(:final error, :final willRetry) => Column(children: [
          Text(wordsOf(error)),
          if (willRetry) const Text('電波が戻ったら自動で送ります。'),
          FilledButton(onPressed: send, child: const Text('もう一度送る')),
        ]),
      _ => FilledButton(onPressed: send, child: const Text('投稿する')),
    };
  }
}
