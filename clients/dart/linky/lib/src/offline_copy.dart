import 'copy_records.dart';
import 'copy_state.dart';
import 'generated/models.dart';
import 'reading.dart';

/// What an app shows: things and lists as they were told last, also without a network.
///
/// Each getter answers from memory. A comment is shown only below a post that is shown.
final class OfflineCopy extends CopyState {
  /// Keeps its records in a store.
  OfflineCopy(super.store, {super.mostItems});

  /// A post, unless it is gone or was not loaded.
  Post? post(String postId) => _one<Post>('post', postId);

  /// The comments of a post that were loaded, the oldest first.
  List<Comment> commentsOf(String postId) {
    return _all<Comment>(Listing('comments', 'post:$postId'));
  }

  /// The replies to a comment that were loaded, the oldest first.
  List<Comment> repliesTo(String postId, String commentId) {
    return _all<Comment>(Listing('replies', 'post:$postId', commentId));
  }

  /// A lounge, unless it is gone or was not loaded.
  Lounge? lounge(String loungeId) => _one<Lounge>('lounge', loungeId);

  /// The posts of a lounge that were loaded, the newest first.
  List<Post> postsOf(String loungeId) => _all<Post>(Listing('posts', 'lounge:$loungeId'));

  /// The notifications that were loaded, the newest first.
  List<NotificationItem> notifications() {
    return _all<NotificationItem>(Listing('notifications', me));
  }

  /// The number of unread notifications, up to 999; null until it is known.
  int? get unread => _one<UnreadCount>('badge', '')?.count;

  /// Whether there are more than [unread]: a badge shows `999+` then.
  bool get hasMoreUnread => _one<UnreadCount>('badge', '')?.more ?? false;

  /// Whether a list has pages that were not loaded.
  bool hasMore(String kind, String topic, [String root = '']) {
    final Listing? listing = lists[Listing(kind, topic, root).key];
    return listing != null && !listing.isComplete;
  }

  T? _one<T>(String kind, String id) {
    final Item? item = items[itemKey(kind, id)];
    final Object? model = item != null && _isShown(item) ? item.parsed : null;
    return model is T ? model : null;
  }

  List<T> _all<T>(Listing wanted) {
    final List<T> found = <T>[];
    final Listing? listing = lists[wanted.key];
    if (listing == null || !_showsRoots(listing)) {
      return found;
    }
    final List<Item> held = items.values.where((Item item) {
      return listing.holds(item) && listing.reaches(item.id) && _isShown(item);
    }).toList();
    final int order = listing.newestFirst ? -1 : 1;
    held.sort((Item a, Item b) => a.id.compareTo(b.id) * order);
    for (final Item item in held) {
      final Object? model = item.parsed;
      if (model is T) {
        found.add(model);
      }
    }
    return found;
  }

  bool _showsRoots(Listing listing) {
    for (final String key in listing.roots) {
      final Item? root = items[key];
      if (root == null || !_isShown(root)) {
        return false;
      }
    }
    return true;
  }

  bool _isShown(Item item) => item.value != null && !hidden.contains(item.authorId);

  // What the app itself did.

  /// Shows nothing of a user whom the app has just blocked. The server soon says the same.
  void hideAuthor(String authorId) {
    hidden.add(authorId);
    save();
  }

  /// Shows what the app has just made or changed (`toJson`), until the server tells of it.
  void show(String kind, Object? value) {
    final Map<String, Object?> json = asObject(value);
    final String id = textIn(json, 'id');
    final Item? item = items[itemKey(kind, id)];
    if (item == null) {
      put(kind, id, json, cursor?.position ?? never);
    } else if (item.value != null && !_isNewer(item, json)) {
      put(kind, id, json, item.asOf);
    }
    save();
  }

  /// Shows what this user has just made of a thing, such as `liked`, before the server tells it.
  ///
  /// A page that was asked for earlier and comes later does not take it back.
  void mark(String kind, String id, Map<String, Object?> marks) {
    takeMarks(kind, id, marks);
    save();
  }

  bool _isNewer(Item item, Map<String, Object?> json) {
    final Object? known = item.read('updated_at');
    final Object? other = json['updated_at'];
    if (known is! String || other is! String) {
      return false;
    }
    return asTime(known).difference(asTime(other)) > Duration.zero;
  }
}
