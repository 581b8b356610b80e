// The home feed: what was there shows at once, more comes at the end, and pulling loads it again.
import 'package:flutter/material.dart';
import 'package:linky/linky.dart';

import 'offline.dart';
import 'pictures.dart';
import 'post.dart';

class FeedScreen extends StatefulWidget {
  const FeedScreen(this.linky, this.live, {super.key});

  final Linky linky;
  final Live live;

  @override
  State<FeedScreen> createState() => _FeedScreenState();
}

class _FeedScreenState extends State<FeedScreen> {
  late Watched<List<Post>> feed = widget.live.watchFeed();
  bool isLoadingMore = false;

  @override
  void didUpdateWidget(FeedScreen oldWidget) {
    super.didUpdateWidget(oldWidget);
    if (oldWidget.live != widget.live) feed = widget.live.watchFeed();
  }

  Future<void> loadMore() async {
    if (isLoadingMore) return;
    setState(() => isLoadingMore = true);
    try {
      await feed.loadMore();
    } on LinkyError catch (error) {
      if (mounted) tell(context, error);
    } finally {
      if (mounted) setState(() => isLoadingMore = false);
    }
  }

  Future<void> refresh() async {
    try {
      await feed.refresh();
    } on LinkyError catch (error) {
      if (mounted) tell(context, error);
    }
  }

  @override
  Widget build(BuildContext context) {
    return Scaffold(
      appBar: AppBar(title: const Text('ホーム')),
      body: SafeArea(
        child: Column(crossAxisAlignment: CrossAxisAlignment.stretch, children: [
          OfflineLine(widget.live),
          Expanded(
            child: StreamBuilder<Loaded<List<Post>>>(
              stream: feed,
              initialData: feed.now,
              builder: (context, snapshot) => body(snapshot.requireData),
            ),
          ),
        ]),
      ),
    );
  }

  Widget body(Loaded<List<Post>> loaded) {
    final posts = loaded.data;
    if (posts == null) {
      return Center(child: loaded.isLoading ? const CircularProgressIndicator() : Text(wordsOf(loaded.error)));
    }
    return RefreshIndicator(
      onRefresh: refresh,
      child: ListView.builder(
        itemCount: posts.length + (loaded.hasMore ? 1 : 0),
        itemBuilder: (context, index) {
          if (index < posts.length) return tile(posts[index]);
          return TextButton(
            onPressed: loadMore,
            child: isLoadingMore ? const CircularProgressIndicator() : const Text('もっと見る'),
          );
        },
      ),
    );
  }

  Widget tile(Post post) {
    return ListTile(
      leading: post.images.isEmpty ? null : PostThumbnail(post),
      title: Text(post.title),
      subtitle: Text('${post.author.nickname}・${post.lounge.name}'),
      trailing: Text('♥ ${post.likeCount}'),
      onTap: () => Navigator.push<void>(
        context,
        MaterialPageRoute<void>(builder: (_) => PostScreen(widget.linky, widget.live, post.id)),
      ),
    );
  }
}

/// What to say of an error.
String wordsOf(LinkyError? error) {
  return switch (error) {
    Unreachable() => '通信できません。電波の良いところでもう一度お試しください。',
    Problem(:final detail) => detail,
    _ => 'うまくいきませんでした。もう一度お試しください。',
  };
}

void tell(BuildContext context, LinkyError error) {
  ScaffoldMessenger.of(context).showSnackBar(SnackBar(content: Text(wordsOf(error))));
}
