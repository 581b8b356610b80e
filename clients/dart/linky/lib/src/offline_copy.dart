import 'copy_records.dart';
import 'copy_state.dart';
import 'errors.dart';
import 'generated/models.dart';
import 'loaded.dart';
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

  /// The newest posts of all lounges that were loaded.
  List<Post> feed() => _all<Post>(Listing('feed', me));

  /// The lounges that were loaded, the most popular first.
  List<Lounge> lounges() => _all<Lounge>(Listing('lounges', me));

  /// A list or a thing with its state. [read] takes its data, null if there is none.
  Loaded<T> stateOf<T>(Listing wanted, T? Function() read) {
    final listing = lists[wanted.key];
    if (userId == null) {
      return const Loaded(LoadState.failed, error: SignedOutError(''));
    }
    if (listing == null) {
      return const Loaded(LoadState.loading);
    }
    for (final key in listing.roots) {
      final root = items[key];
      if (root == null) {
        return _asAbove(key); // Nothing is shown below what is not known yet.
      }
      if (root.value != null && !_isShown(root)) {
        return const Loaded(LoadState.gone);
      }
    }
    final isKnown = listing.isSingle || listing.pages.isNotEmpty || !listing.isDue;
    final data = isKnown ? read() : null;
    if (!hasRoots(listing) || (data == null && !listing.isDue)) {
      return const Loaded(LoadState.gone);
    }
    final error = failures[listing.key] ?? (cursor == null ? failure : null);
    final hasMore = !listing.isSingle && !listing.isComplete;
    if (listing.isDue && error != null) {
      return Loaded(LoadState.failed,
          data: data, error: error, willRetry: willRetry(error), hasMore: hasMore && data != null);
    }
    final state = listing.isDue ? LoadState.loading : LoadState.loaded;
    return Loaded(state, data: data, hasMore: hasMore && data != null);
  }

  /// The state of what a list hangs below, while it is not known.
  Loaded<T> _asAbove<T>(String key) {
    for (final one in lists.values) {
      final error = failures[one.key] ?? (cursor == null ? failure : null);
      if (one.isSingle && itemKey(one.itemKind, one.single) == key && error != null) {
        return Loaded(LoadState.failed, error: error, willRetry: willRetry(error));
      }
    }
    return const Loaded(LoadState.loading);
  }

  /// The same of a single thing.
  Loaded<T> one<T>(Listing wanted) {
    final item = items[itemKey(wanted.itemKind, wanted.single)];
    if (item != null && item.value != null && !_isShown(item)) {
      return const Loaded(LoadState.gone); // This device has just deleted it, or blocked its author.
    }
    return stateOf<T>(wanted, () => _one<T>(wanted.itemKind, wanted.single));
  }

  /// The same of a list.
  Loaded<List<T>> all<T>(Listing wanted) => stateOf<List<T>>(wanted, () => _all<T>(wanted));

  /// The number of unread notifications, up to 999; null until it is known.
  int? get unread => _one<UnreadCount>('badge', '')?.count;

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
    if (listing.isTold) {
      held.sort((Item a, Item b) => a.id.compareTo(b.id) * order);
    } else {
      final place = <String, int>{
        for (final (index, id) in listing.members.indexed) id: index,
      };
      held.sort((a, b) => (place[a.id] ?? 0) - (place[b.id] ?? 0));
    }
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

  bool _isShown(Item item) {
    return item.value != null && !hidden.contains(item.authorId) && !concealed.contains(item.key);
  }

  // What the app itself did.

  // Each of these shows an act, and returns what takes it back.

  /// Shows nothing of a user whom the app has just blocked. The server soon says the same.
  void Function() hideAuthor(String authorId) {
    hidden.add(authorId);
    save();
    return () => showAuthor(authorId);
  }

  /// Shows a user again whom this device has hidden.
  void Function() showAuthor(String authorId) {
    final wasHidden = hidden.remove(authorId);
    save();
    return () => wasHidden ? hideAuthor(authorId) : null;
  }

  /// Shows a thing no longer that the app has just deleted.
  void Function() conceal(String kind, String id) {
    concealed.add(itemKey(kind, id));
    save();
    return () {
      concealed.remove(itemKey(kind, id));
      save();
    };
  }

  /// Shows what only this user makes of a thing.
  void Function() showMarks(String kind, String id, Map<String, Object?> marks) {
    final known = items[itemKey(kind, id)]?.marks ?? const <String, Object?>{};
    final before = <String, Object?>{
      for (final name in marks.keys)
        if (known.containsKey(name)) name: known[name],
    };
    mark(kind, id, marks);
    return () => mark(kind, id, before);
  }

  /// Shows that this user likes a post, with the count.
  void Function() showLike(String postId, bool liked) {
    final item = items[itemKey('post', postId)];
    final isChange = item?.value != null && item?.read('liked') != liked;
    final takeBack = showMarks('post', postId, {'liked': liked});
    if (!isChange) {
      return takeBack;
    }
    _count(postId, liked ? 1 : -1);
    return () {
      takeBack();
      _count(postId, liked ? -1 : 1);
    };
  }

  void _count(String postId, int difference) {
    final item = items[itemKey('post', postId)];
    final count = item?.read('like_count');
    if (item != null && count is int) {
      item.change({'like_count': count + difference < 0 ? 0 : count + difference});
      touch(item);
      save();
    }
  }

  /// Shows notifications as read; all of them without [ids].
  void Function() showRead(List<String>? ids) {
    final unreadItems = items.values.where((item) {
      final isMeant = ids == null || ids.contains(item.id);
      return item.kind == 'notification' && item.read('read') == false && isMeant;
    }).toList();
    final badge = items[itemKey('badge', '')];
    final count = badge?.read('count');
    for (final item in unreadItems) {
      item.change({'read': true});
      touch(item);
    }
    Map<String, Object?> before = const {};
    if (badge != null && count is int && badge.read('more') != true) {
      final left = ids == null ? 0 : count - unreadItems.length;
      before = badge.change({'count': left < 0 ? 0 : left});
      touch(badge);
    }
    save();
    return () {
      for (final item in unreadItems) {
        item.change({'read': false});
        touch(item);
      }
      badge?.change(before);
      save();
    };
  }

  /// Shows the user's own profile, as a call has answered it.
  void showMe(Me user) {
    final item = items[itemKey('me', '')];
    put('me', '', user.toJson(), item?.asOf ?? never);
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
