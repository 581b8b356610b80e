// A composer with pictures, and what becomes of the post: it goes out also when the app was closed.
import 'package:flutter/material.dart';
import 'package:linky/linky.dart';
import 'package:linky_flutter/linky_flutter.dart';

import 'feed.dart';

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

  @override
  void dispose() {
    title.dispose();
    body.dispose();
    super.dispose();
  }

  Future<void> save() {
    form = form.copyWith(title: title.text, body: body.text);
    return widget.draft.edit(form);
  }

  Future<void> pick() async {
    await pickPictures(widget.draft, limits: widget.meta.limits);
    setState(() {});
  }

  Future<void> send() async {
    await save();
    try {
      await widget.draft.send();
      if (mounted) Navigator.pop(context);
    } on PictureUnreadable catch (lost) {
      await widget.draft.removePicture(lost.pictureId);
      if (mounted) tell(context, lost);
    } on Cancelled {
      return; // It is a draft as before
    } on LinkyError catch (error) {
      if (mounted) tell(context, error); // Without a network the next start sends it
    }
  }

  @override
  Widget build(BuildContext context) {
    return Scaffold(
      appBar: AppBar(title: const Text('新しい投稿')),
      body: Column(children: [
        TextField(controller: title, decoration: const InputDecoration(labelText: '題'), onChanged: (_) => save()),
        TextField(controller: body, maxLines: 10, onChanged: (_) => save()),
        Row(children: [
          IconButton(icon: const Icon(Icons.image), onPressed: pick),
          Text('写真 ${widget.draft.pictures.length} 枚'),
        ]),
        StreamBuilder<DraftEvent>(
          stream: widget.linky.drafts.changes.where((event) => event.draftId == widget.draft.id),
          builder: (context, snapshot) => progress(snapshot.data),
        ),
      ]),
    );
  }

  Widget progress(DraftEvent? event) {
    return switch (event) {
      DraftSending(:final picturesSent, :final pictures, :final bytesSent, :final bytes) => Row(children: [
          Text('写真 $picturesSent / $pictures'),
          LinearProgressIndicator(value: bytes == 0 ? null : bytesSent / bytes),
          IconButton(icon: const Icon(Icons.close), onPressed: widget.draft.cancel),
        ]),
      DraftQueued() => const CircularProgressIndicator(),
      DraftFailed(:final error, :final willRetry) => Column(children: [
          Text(wordsOf(error)),
          if (willRetry) const Text('電波が戻ったら自動で送ります。'),
          FilledButton(onPressed: send, child: const Text('もう一度送る')),
        ]),
      _ => FilledButton(onPressed: send, child: const Text('投稿する')),
    };
  }
}
