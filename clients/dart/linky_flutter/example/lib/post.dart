// A post with its pictures and its comments, as they come: also from a push or a link, of a post that may be gone.
import 'package:flutter/material.dart';
import 'package:linky/linky.dart';

import 'feed.dart';
import 'offline.dart';
import 'pictures.dart';

class PostScreen extends StatefulWidget {
  const PostScreen(this.linky, this.live, this.postId, {super.key});

  final Linky linky;
  final Live live;
  final String postId;

  @override
  State<PostScreen> createState() => _PostScreenState();
}

class _PostScreenState extends State<PostScreen> {
  late Watched<Post> post = widget.live.watchPost(widget.postId);
  late Watched<List<Comment>> comments = widget.live.watchComments(widget.postId);
  final TextEditingController words = TextEditingController();
  Future<Draft<Comment>>? draft;

  @override
  void didUpdateWidget(PostScreen oldWidget) {
    super.didUpdateWidget(oldWidget);
    if (oldWidget.postId != widget.postId || oldWidget.live != widget.live) {
      post = widget.live.watchPost(widget.postId);
      comments = widget.live.watchComments(widget.postId);
      draft = null;
    }
  }

  @override
  void dispose() {
    words.dispose();
    super.dispose();
  }

  Future<void> act(Future<void> Function() call) async {
    try {
      await call();
    } on LinkyError catch (error) {
      if (mounted) tell(context, error);
    }
  }

  /// One draft until it is made: tapped twice it is one comment.
  Future<void> send() => act(() async {
        final form = CommentCreate(body: words.text);
        final composed = await (draft ??= widget.linky.drafts.newComment(widget.postId, form));
        await composed.edit(form);
        await composed.send();
        draft = null;
        words.clear();
      });

  @override
  Widget build(BuildContext context) {
    return Scaffold(
      appBar: AppBar(title: const Text('投稿')),
      body: SafeArea(
        child: StreamBuilder<Loaded<Post>>(
          stream: post,
          initialData: post.now,
          builder: (context, snapshot) => body(snapshot.requireData),
        ),
      ),
    );
  }

  Widget body(Loaded<Post> loaded) {
    final shown = loaded.data;
    if (shown == null) {
      return Center(
        child: switch (loaded.state) {
          LoadState.gone => const Text('この投稿は削除されたか、表示できません。'),
          LoadState.failed => Text(wordsOf(loaded.error)),
          _ => const CircularProgressIndicator(),
        },
      );
    }
    return Column(crossAxisAlignment: CrossAxisAlignment.stretch, children: [
      OfflineLine(widget.live),
      Expanded(
        child: StreamBuilder<Loaded<List<Comment>>>(
          stream: comments,
          initialData: comments.now,
          builder: (context, snapshot) => ListView(children: [...parts(shown), ...list(snapshot.requireData)]),
        ),
      ),
      Padding(
        padding: const EdgeInsets.all(8),
        child: Row(children: [
          Expanded(
            child: TextField(
              controller: words,
              decoration: const InputDecoration(labelText: 'コメント'),
              minLines: 1,
              maxLines: 3,
            ),
          ),
          IconButton(icon: const Icon(Icons.send), tooltip: 'コメントを送る', onPressed: send),
        ]),
      ),
    ]);
  }

  List<Widget> parts(Post shown) {
    final acts = widget.live.acts;
    final images = shown.images;
    return [
      ListTile(
        title: Text(shown.title),
        subtitle: Text('${shown.author.nickname}・${shown.lounge.name}'),
        trailing: IconButton(
          icon: Icon(shown.liked ? Icons.favorite : Icons.favorite_border),
          tooltip: shown.liked ? 'いいねを取り消す' : 'いいね',
          onPressed: () => act(() => shown.liked ? acts.unlike(shown.id) : acts.like(shown.id)),
        ),
      ),
      Padding(padding: const EdgeInsets.symmetric(horizontal: 16), child: Text(shown.body)),
      for (final (index, image) in images.indexed)
        Padding(
          padding: const EdgeInsets.symmetric(horizontal: 16, vertical: 8),
          child: PostPicture(image, '写真 ${index + 1} / ${images.length}'),
        ),
    ];
  }

  List<Widget> list(Loaded<List<Comment>> loaded) {
    final shown = loaded.data;
    if (shown == null) {
      return [Center(child: loaded.isLoading ? const CircularProgressIndicator() : Text(wordsOf(loaded.error)))];
    }
    return [
      if (shown.isEmpty) const Center(child: Text('まだコメントはありません。')),
      for (final one in shown) ListTile(title: Text(one.body), subtitle: Text(one.author.nickname)),
      if (loaded.hasMore)
        TextButton(onPressed: () => act(comments.loadMore), child: const Text('続きを読み込む')),
    ];
  }
}
