// Pictures of a post, and of a draft.
import 'dart:typed_data';

import 'package:flutter/material.dart';
import 'package:linky/linky.dart';

/// The first picture of a post, for a list.
class PostThumbnail extends StatelessWidget {
  const PostThumbnail(this.post, {super.key});

  final Post post;

  @override
  Widget build(BuildContext context) {
    return Image.network(
      post.images.first.thumbnailUrl,
      width: 56,
      height: 56,
      fit: BoxFit.cover,
      semanticLabel: '写真 ${post.images.length} 枚',
      errorBuilder: missing,
    );
  }
}

/// A picture as wide as its place. Its room is there before it is loaded.
class PostPicture extends StatelessWidget {
  const PostPicture(this.image, this.label, {super.key});

  final PostImage image;

  /// For screen readers.
  final String label;

  @override
  Widget build(BuildContext context) {
    return AspectRatio(
      aspectRatio: image.width / image.height,
      child: Image.network(image.url, fit: BoxFit.cover, semanticLabel: label, errorBuilder: missing),
    );
  }
}

/// A picture of a draft, by the client's copy of it.
class DraftThumbnail extends StatefulWidget {
  const DraftThumbnail(this.draft, this.pictureId, this.label, {super.key});

  final Draft<Post> draft;
  final String pictureId;

  /// For screen readers.
  final String label;

  @override
  State<DraftThumbnail> createState() => _DraftThumbnailState();
}

class _DraftThumbnailState extends State<DraftThumbnail> {
  late final Future<Uint8List> bytes = read();

  Future<Uint8List> read() async => Uint8List.fromList(await widget.draft.read(widget.pictureId));

  @override
  Widget build(BuildContext context) {
    return SizedBox(
      width: 72,
      height: 72,
      child: FutureBuilder<Uint8List>(
        future: bytes,
        builder: (context, snapshot) {
          final read = snapshot.data;
          if (snapshot.error != null) return Icon(Icons.broken_image, semanticLabel: widget.label);
          if (read == null) return const SizedBox.shrink();
          return Image.memory(read, fit: BoxFit.cover, semanticLabel: widget.label, errorBuilder: missing);
        },
      ),
    );
  }
}

/// What shows in the place of a picture that can't be loaded or is none.
Widget missing(BuildContext context, Object error, StackTrace? stack) {
  return const Center(child: Icon(Icons.broken_image, semanticLabel: '表示できない写真'));
}
