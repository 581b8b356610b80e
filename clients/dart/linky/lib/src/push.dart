import 'dart:async';

import 'client.dart';
import 'errors.dart';
import 'generated/enums.dart';

/// A place in the app that a push or a link opens.
sealed class AppRoute {
  /// For the places below.
  const AppRoute();
}

/// A post, at one of its comments if there is one.
final class PostRoute extends AppRoute {
  /// Made of a push or a link.
  const PostRoute(this.postId, {this.commentId, this.parentId});

  /// The post.
  final String postId;

  /// The comment to show.
  final String? commentId;

  /// The comment that it replies to, if a push has named it.
  final String? parentId;

  @override
  bool operator ==(Object other) {
    return other is PostRoute &&
        other.postId == postId &&
        other.commentId == commentId &&
        other.parentId == parentId;
  }

  @override
  int get hashCode => Object.hash(postId, commentId, parentId);

  @override
  String toString() => 'PostRoute: $postId ${commentId ?? ''}';
}

/// A lounge.
final class LoungeRoute extends AppRoute {
  /// Made of a push or a link.
  const LoungeRoute(this.loungeId);

  /// The lounge.
  final String loungeId;

  @override
  bool operator ==(Object other) => other is LoungeRoute && other.loungeId == loungeId;

  @override
  int get hashCode => loungeId.hashCode;

  @override
  String toString() => 'LoungeRoute: $loungeId';
}

/// A request for a lounge.
final class LoungeRequestRoute extends AppRoute {
  /// Made of a push.
  const LoungeRequestRoute(this.loungeRequestId);

  /// The request.
  final String loungeRequestId;

  @override
  bool operator ==(Object other) {
    return other is LoungeRequestRoute && other.loungeRequestId == loungeRequestId;
  }

  @override
  int get hashCode => loungeRequestId.hashCode;

  @override
  String toString() => 'LoungeRequestRoute: $loungeRequestId';
}

/// A page in the browser, as that of an appeal.
final class WebRoute extends AppRoute {
  /// Made of a push.
  const WebRoute(this.page);

  /// Open it in a browser.
  final Uri page;

  @override
  bool operator ==(Object other) => other is WebRoute && other.page == page;

  @override
  int get hashCode => page.hashCode;

  @override
  String toString() => 'WebRoute: $page';
}

/// The list of notifications: for kinds of pushes that this package does not know.
final class NotificationsRoute extends AppRoute {
  /// Has no parts.
  const NotificationsRoute();

  @override
  String toString() => 'NotificationsRoute';
}

/// The place of a link to a post, a comment or a lounge: `/p/…`, `/p/…/c/…` and `/l/…`. Null for any
/// other. The host is the operating system's to check.
AppRoute? routeOf(Uri link) {
  return switch (link.pathSegments.where((one) => one.isNotEmpty).toList()) {
    ['p', final postId] => PostRoute(postId),
    ['p', final postId, 'c', final commentId] => PostRoute(postId, commentId: commentId),
    ['l', final loungeId] => LoungeRoute(loungeId),
    _ => null,
  };
}

/// The place that a push is about. The ids decide, so that a new type of push opens too.
AppRoute routeOfPush(Map<String, Object?> data) {
  final postId = _textIn(data, 'post_id');
  final loungeId = _textIn(data, 'lounge_id');
  final requestId = _textIn(data, 'lounge_request_id');
  final page = Uri.tryParse(_textIn(data, 'url') ?? '');
  if (data['type'] == 'account_suspended' && page != null && page.hasScheme) {
    return WebRoute(page);
  }
  if (data['type'] == 'report_resolved' && !(page?.hasScheme ?? false)) {
    return const NotificationsRoute(); // What was reported is hidden or gone.
  }
  if (postId != null) {
    return PostRoute(
      postId,
      commentId: _textIn(data, 'comment_id'),
      parentId: _textIn(data, 'parent_id'),
    );
  }
  if (loungeId != null) {
    return LoungeRoute(loungeId);
  }
  return requestId == null ? const NotificationsRoute() : LoungeRequestRoute(requestId);
}

String? _textIn(Map<String, Object?> data, String name) {
  final value = data[name];
  return value is String && value.isNotEmpty ? value : null;
}

/// The channels of Android by their ids, with names for the settings of the phone.
///
/// Create them at each start: a push of a channel that is not there comes in Firebase's own.
Map<String, String> pushChannels(String language) {
  return language == 'ja'
      ? const <String, String>{
          'comments': 'コメント',
          'lounge_posts': 'ラウンジの新しい投稿',
          'lounge_requests': 'ラウンジの申請',
          'moderation': '運営からの連絡',
          'announcements': 'お知らせ',
        }
      : const <String, String>{
          'comments': 'Comments',
          'lounge_posts': 'New posts in lounges',
          'lounge_requests': 'Requests for lounges',
          'moderation': 'From the moderators',
          'announcements': 'Announcements',
        };
}

/// What pushes need of Firebase or another service: an app writes it in ten lines.
abstract interface class PushSource {
  /// Whether the user has allowed pushes already. Asks nothing.
  Future<bool> isAllowed();

  /// Asks the user. Returns whether pushes are allowed then.
  Future<bool> ask();

  /// The token to push to; null if there is none yet.
  Future<String?> token();

  /// An event whenever the token changes.
  Stream<void> get tokenChanges;
}

/// Registers for pushes at the right moments: at each start if the user has allowed it before, when the
/// token changes, at each sign-in, and when the app [ask]s.
final class Pushes {
  /// Of a client. Call [start] once at each start of the app.
  Pushes(this._linky, this._source, this._platform, {DeviceKind kind = DeviceKind.fcmToken})
      : _kind = kind;

  final Linky _linky;
  final PushSource _source;
  final DevicePlatform _platform;
  final DeviceKind _kind;
  StreamSubscription<void>? _changes;

  /// Registers if the user has allowed pushes before. It asks nothing.
  Future<void> start() async {
    _changes ??= _source.tokenChanges.listen((_) => unawaited(_registerIfAllowed()));
    await _registerIfAllowed();
  }

  /// Asks the user, after the first post for instance, and registers. Returns whether it is allowed.
  Future<bool> ask() async {
    final isAllowed = await _source.ask();
    if (isAllowed) {
      await _register();
    }
    return isAllowed;
  }

  Future<void> _registerIfAllowed() async {
    if (await _source.isAllowed()) {
      await _register();
    }
  }

  /// The next start tries again.
  Future<void> _register() async {
    try {
      final token = await _source.token();
      if (token != null) {
        await _linky.devices.start(token, _platform, _kind);
      }
    } on Exception {
      return;
    }
  }

  /// The place that a push opened, of which the server is told.
  AppRoute opened(Map<String, Object?> data) {
    final id = _textIn(data, 'notification_id');
    if (id != null) {
      _linky.notifications.noteNotificationOpened(id).ignore(); // Only a figure is missing.
    }
    return routeOfPush(data);
  }

  /// Listens no longer.
  Future<void> close() async {
    await _changes?.cancel();
    _changes = null;
  }
}
