import 'client.dart';
import 'errors.dart';
import 'generated/enums.dart';
import 'generated/models.dart';
import 'mutex.dart';
import 'offline_copy.dart';
import 'values.dart';

/// What the user does to things that a screen shows: it shows at once, and is taken back if the server
/// refuses it or can't be reached.
///
/// Each act throws what its call throws. Two acts on one thing go out in their order.
final class Acts {
  /// Made by `Live`.
  Acts(this._linky, this._copy);

  final Linky _linky;
  final OfflineCopy _copy;
  final Map<String, Mutex> _queues = <String, Mutex>{};
  final Map<String, int> _lastOf = <String, int>{};

  /// Likes a post.
  Future<void> like(String postId) => _like(postId, true);

  /// Likes a post no longer.
  Future<void> unlike(String postId) => _like(postId, false);

  Future<void> _like(String postId, bool liked) {
    final posts = _linky.posts;
    return _act(
      'post/$postId',
      () => _copy.showLike(postId, liked),
      () => liked ? posts.likePost(postId) : posts.unlikePost(postId),
    );
  }

  /// Notifies the user of each new comment on a post.
  Future<void> follow(String postId) => _follow(postId, true);

  /// Notifies the user no longer.
  Future<void> unfollow(String postId) => _follow(postId, false);

  Future<void> _follow(String postId, bool watching) {
    final posts = _linky.posts;
    return _act(
      'post/$postId',
      () => _copy.showMarks('post', postId, {'watching': watching}),
      () => watching ? posts.watchPost(postId) : posts.unwatchPost(postId),
    );
  }

  /// Makes a lounge a favourite.
  Future<void> addFavorite(String loungeId) => _favorite(loungeId, true);

  /// Makes a lounge no favourite.
  Future<void> removeFavorite(String loungeId) => _favorite(loungeId, false);

  Future<void> _favorite(String loungeId, bool isFavorite) {
    final lounges = _linky.lounges;
    return _act(
      'lounge/$loungeId',
      () => _copy.showMarks('lounge', loungeId, {'is_favorite': isFavorite}),
      () => isFavorite ? lounges.addFavoriteLounge(loungeId) : lounges.removeFavoriteLounge(loungeId),
    );
  }

  /// Says which posts of a lounge become notifications.
  Future<void> notifyOf(String loungeId, LoungeNotifications form) {
    return _act(
      'lounge/$loungeId',
      () => _copy.showMarks('lounge', loungeId, {'notification_level': form.level.value}),
      () => _linky.lounges.setLoungeNotifications(loungeId, form),
    );
  }

  /// Marks notifications as read.
  Future<void> markRead(List<String> notificationIds) {
    return _act(
      'notifications',
      () => _copy.showRead(notificationIds),
      () => _linky.notifications.markNotificationsRead(MarkRead(ids: notificationIds)),
    );
  }

  /// Marks all notifications as read.
  Future<void> markAllRead() {
    return _act(
      'notifications',
      () => _copy.showRead(null),
      () => _linky.notifications.markNotificationsRead(const MarkRead(all: true)),
    );
  }

  /// Blocks a user: nothing of theirs shows.
  Future<void> block(String userId) {
    return _act('user/$userId', () => _copy.hideAuthor(userId), () => _linky.users.blockUser(userId));
  }

  /// Blocks a user no longer. Their things come back with the lists, which are loaded again.
  Future<void> unblock(String userId) {
    return _act('user/$userId', () => _copy.showAuthor(userId), () => _linky.users.unblockUser(userId));
  }

  /// Mutes a post.
  Future<void> mute(String postId) {
    return _act('post/$postId', () => () {}, () => _linky.posts.mutePost(postId));
  }

  /// Mutes a post no longer.
  Future<void> unmute(String postId) {
    return _act('post/$postId', () => () {}, () => _linky.posts.unmutePost(postId));
  }

  /// Deletes a post of the user.
  Future<void> deletePost(String postId) {
    return _act(
      'post/$postId',
      () => _copy.conceal('post', postId),
      () => _linky.posts.deletePost(postId),
    );
  }

  /// Deletes a comment of the user.
  Future<void> deleteComment(String commentId) {
    return _act(
      'comment/$commentId',
      () => _copy.conceal('comment', commentId),
      () => _linky.comments.deleteComment(commentId),
    );
  }

  /// Changes the user's own profile.
  Future<Me> updateMe(MeUpdate form, {String? ifMatch}) async {
    final me = await _linky.users.updateMe(form, ifMatch: ifMatch);
    _copy.showMe(me);
    return me;
  }

  /// Changes the user's picture. It is cut to a square.
  Future<Me> changeAvatar(Upload picture, {CallOptions? options}) async {
    final me = await _linky.users.changeAvatar(picture, options: options);
    _copy.showMe(me);
    return me;
  }

  /// Removes the user's picture.
  Future<Me> removeAvatar() async {
    final me = await _linky.users.removeAvatar();
    _copy.showMe(me);
    return me;
  }

  /// Reports a post, a comment or a user. `linky.drafts.newReport` does so without a network, too.
  Future<Report> report(ReportCreate form) => _linky.reports.createReport(form);

  /// Shows it, sends it, and takes it back on a failure unless a later act on the same thing shows.
  Future<void> _act(
    String thing,
    void Function() Function() show,
    Future<Object?> Function() send,
  ) {
    final number = (_lastOf[thing] ?? 0) + 1;
    _lastOf[thing] = number;
    final takeBack = show();
    return (_queues[thing] ??= Mutex()).run(() async {
      try {
        await send();
      } on LinkyError {
        if (_lastOf[thing] == number) {
          takeBack();
        }
        rethrow;
      }
    });
  }
}
