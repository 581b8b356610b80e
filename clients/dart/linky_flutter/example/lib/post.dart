// A post with its comments, as they come: also from a push or a link, of a post that may be gone.
import 'package:flutter/material.dart';
import 'package:linky/linky.dart';

import 'feed.dart';

class PostScreen extends StatefulWidget {
  const PostScreen(this.linky, this.live, this.postId, {super.key});

  final Linky linky;
  final Live live;
  final String postId;

  @override
  State<PostScreen> createState() => _PostScreenState();
}

class _PostScreenState extends State<PostScreen> {
  late final Watched<Post> post = widget.live.watchPost(widget.postId);
  late final Watched<List<Comment>> comments = widget.live.watchComments(widget.postId);
  final TextEditingController words = TextEditingController();
  Future<Draft<Comment>>? draft;

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
      body: StreamBuilder<Loaded<Post>>(
        stream: post,
        initialData: post.now,
        builder: (context, snapshot) => body(snapshot.requireData),
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
    final acts = widget.live.acts;
    return Column(children: [
      ListTile(
        title: Text(shown.title),
        subtitle: Text(shown.body),
        trailing: IconButton(
          icon: Icon(shown.liked ? Icons.favorite : Icons.favorite_border),
          onPressed: () => act(() => shown.liked ? acts.unlike(shown.id) : acts.like(shown.id)),
        ),
      ),
      Expanded(
        child: StreamBuilder<Loaded<List<Comment>>>(
          stream: comments,
          initialData: comments.now,
          builder: (context, snapshot) => list(snapshot.requireData),
        ),
      ),
      TextField(controller: words, decoration: const InputDecoration(labelText: 'コメント')),
      IconButton(icon: const Icon(Icons.send), onPressed: send),
    ]);
  }

  Widget list(Loaded<List<Comment>> loaded) {
    final shown = loaded.data;
    if (shown == null) {
      return Center(child: loaded.isLoading ? const CircularProgressIndicator() : Text(wordsOf(loaded.error)));
    }
    if (shown.isEmpty) return const Center(child: Text('まだコメントはありません。'));
    return ListView(children: [
      for (final one in shown) ListTile(title: Text(one.body), subtitle: Text(one.author.nickname)),
      if (loaded.hasMore)
        TextButton(onPressed: () => act(comments.loadMore), child: const Text('続きを読み込む')),
    ]);
  }
}
