/// The place in the app that a push opens.
sealed class PushRoute {
  /// For the places below.
  const PushRoute();
}

/// A post, at one of its comments if there is one.
final class PostRoute extends PushRoute {
  /// Made of a push.
  const PostRoute(this.postId, {this.commentId, this.parentId});

  /// The post.
  final String postId;

  /// The comment to show.
  final String? commentId;

  /// The comment that it replies to.
  final String? parentId;
}

/// A lounge.
final class LoungeRoute extends PushRoute {
  /// Made of a push.
  const LoungeRoute(this.loungeId);

  /// The lounge.
  final String loungeId;
}

/// A request for a lounge.
final class LoungeRequestRoute extends PushRoute {
  /// Made of a push.
  const LoungeRequestRoute(this.loungeRequestId);

  /// The request.
  final String loungeRequestId;
}

/// The list of notifications: for kinds of pushes that this package does not know.
final class NotificationsRoute extends PushRoute {
  /// Has no parts.
  const NotificationsRoute();
}

/// The place that a push is about. The ids decide, so that a new type of push opens too.
PushRoute routeOf(Map<String, Object?> data) {
  final String? postId = _textIn(data, 'post_id');
  if (postId != null) {
    return PostRoute(
      postId,
      commentId: _textIn(data, 'comment_id'),
      parentId: _textIn(data, 'parent_id'),
    );
  }
  final String? loungeId = _textIn(data, 'lounge_id');
  if (loungeId != null) {
    return LoungeRoute(loungeId);
  }
  final String? requestId = _textIn(data, 'lounge_request_id');
  return requestId == null ? const NotificationsRoute() : LoungeRequestRoute(requestId);
}

String? _textIn(Map<String, Object?> data, String name) {
  final Object? value = data[name];
  return value is String && value.isNotEmpty ? value : null;
}
