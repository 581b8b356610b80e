import 'dart:convert';

import 'errors.dart';
import 'generated/marks.dart';
import 'generated/models.dart';
import 'reading.dart';

/// The position of what was never loaded, or has to be loaded again.
const int never = -1;

/// The topic of the user's own things.
const String me = 'me';

/// Reads the model of a kind.
Object parseKind(String kind, Map<String, Object?> value) {
  if (kind == 'post') {
    return Post.parse(value);
  }
  if (kind == 'comment') {
    return Comment.parse(value);
  }
  if (kind == 'lounge') {
    return Lounge.parse(value);
  }
  if (kind == 'notification') {
    return NotificationItem.parse(value);
  }
  if (kind == 'me') {
    return Me.parse(value);
  }
  return UnreadCount.parse(value);
}

/// What is stored: an item, or a list.
abstract class CopyRecord {
  /// Where it is stored.
  String get key;

  /// What is stored.
  String text();
}

/// A thing as of a position. Without a value it is gone; the marks are kept for its return.
final class Item implements CopyRecord {
  /// Gone, until it is put.
  Item(this.kind, this.id);

  /// Reads what was stored. Throws [MalformedAnswer] for what an older version stored.
  static Item parse(String key, String text) {
    final List<String> parts = key.split('/');
    final Object? stored = jsonDecode(text);
    if (parts.length != 3 || stored is! List<Object?> || stored.length != 3) {
      throw const MalformedAnswer('an item was expected');
    }
    final Item item = Item(parts[1], parts[2]);
    item.asOf = asInt(stored[0]);
    item.marks = asObject(stored[2]);
    final Object? value = stored[1];
    if (value != null) {
      item.value = asObject(value);
      item._parsed = parseKind(item.kind, asObject(value));
    }
    return item;
  }

  /// post, comment, lounge, notification, badge or me.
  final String kind;

  /// Of the thing.
  final String id;

  /// As of which position it is true.
  int asOf = never;

  /// As its GET shows it; null if it is gone.
  Map<String, Object?>? value;

  /// What only the reader makes.
  Map<String, Object?> marks = <String, Object?>{};

  Object? _parsed;

  @override
  String get key => itemKey(kind, id);

  /// The model; null if it is gone.
  Object? get parsed {
    final Map<String, Object?>? known = value;
    if (known == null) {
      return null;
    }
    _parsed ??= parseKind(kind, known);
    return _parsed;
  }

  /// A field of the value.
  Object? read(String name) => value?[name];

  /// Who wrote it, or whose act it tells.
  Object? get authorId => authorIn(value);

  /// Takes a newer state. Marks that it lacks stay as they were.
  void put(Map<String, Object?> newer, int position) {
    final Map<String, Object?> names = marksOf[kind] ?? const <String, Object?>{};
    final Map<String, Object?> whole = <String, Object?>{};
    whole.addAll(names);
    whole.addAll(marks);
    whole.addAll(newer);
    value = whole;
    marks = <String, Object?>{};
    for (final String name in names.keys) {
      marks[name] = whole[name];
    }
    asOf = position;
    _parsed = null;
  }

  /// Changes fields in place: what it shows is as old as before. Returns what they were.
  Map<String, Object?> change(Map<String, Object?> made) {
    final known = value;
    if (known == null) {
      return const <String, Object?>{};
    }
    value = <String, Object?>{...known, ...made};
    _parsed = null;
    return <String, Object?>{for (final name in made.keys) name: known[name]};
  }

  /// Takes what the reader made of it. Its other fields are as old as before.
  void mark(Map<String, Object?> made) {
    marks = <String, Object?>{...marks, ...made};
    final Map<String, Object?>? known = value;
    if (known != null) {
      value = <String, Object?>{...known, ...made};
      _parsed = null;
    }
  }

  /// Notes that it is gone.
  void drop(int position) {
    value = null;
    asOf = position;
    _parsed = null;
  }

  @override
  String text() => jsonEncode(<Object?>[asOf, value, marks]);
}

/// Of some fields those that only the reader makes.
Map<String, Object?> marksIn(String kind, Map<String, Object?> fields) {
  final Map<String, Object?> found = <String, Object?>{};
  for (final String name in (marksOf[kind] ?? const <String, Object?>{}).keys) {
    if (fields.containsKey(name)) {
      found[name] = fields[name];
    }
  }
  return found;
}

/// Where an item is stored.
String itemKey(String kind, String id) => 'item/$kind/$id';

/// The id in an author or a lounge.
Object? idIn(Object? value) => value is Map<String, Object?> ? value['id'] : null;

/// Who wrote a thing, or whose act it tells.
Object? authorIn(Map<String, Object?>? value) => idIn(value?['author'] ?? value?['actor']);

/// A page that is loaded: the id that it ends with, and the cursor of the next; null at the end.
final class LoadedPage {
  /// Of its parts.
  const LoadedPage(this.edge, this.next);

  /// The last id of the page.
  final String edge;

  /// For the next page.
  final String? next;
}

/// A list, or a single thing, of which some pages are loaded.
///
/// It is true as of [asOf], and later changes are in it. It is to be loaded again where that is
/// below its [floor]: something in between was not told.
final class Listing implements CopyRecord {
  /// Not loaded yet.
  Listing(this.kind, this.topic, [this.root = '']);

  /// Reads what was stored.
  static Listing parse(String key, String text) {
    final List<String> parts = key.split('/');
    final Object? stored = jsonDecode(text);
    if (parts.length != 4 || stored is! List<Object?> || stored.length < 4) {
      throw const MalformedAnswer('a list was expected');
    }
    final Listing listing = Listing(parts[1], parts[2], parts[3]);
    listing.asOf = asInt(stored[0]);
    listing.floor = asInt(stored[1]);
    listing.used = asInt(stored[2]);
    final List<LoadedPage> Function(Object?) pagesIn = listOf<LoadedPage>(_pageIn);
    listing.pages = pagesIn(stored[3]).toList();
    if (!listing.isTold && stored.length > 4) {
      listing.members = listOf<String>(asText)(stored[4]).toList();
    }
    return listing;
  }

  static LoadedPage _pageIn(Object? value) {
    if (value is List<Object?> && value.length == 2) {
      final Object? next = value[1];
      return LoadedPage(asText(value[0]), next == null ? null : asText(next));
    }
    throw const MalformedAnswer('a page was expected');
  }

  /// post, comment, lounge, badge or me; comments, replies, posts, notifications, feed or lounges.
  final String kind;

  /// `me`, `post:{id}` or `lounge:{id}`.
  final String topic;

  /// The comment below which it hangs.
  final String root;

  /// As of which position it is true.
  int asOf = never;

  /// The position that it must have.
  int floor = 0;

  /// Higher for what was used later.
  int used = 0;

  /// What is loaded.
  List<LoadedPage> pages = <LoadedPage>[];

  /// The ids of a list that is not told, in the server's order.
  List<String> members = <String>[];

  /// What is being loaded of such a list, and whether from its beginning.
  List<String> coming = <String>[];
  bool beginsAgain = false;

  /// Whether the server tells what comes into it and goes. Others are loaded again at each start.
  bool get isTold => !const <String>['feed', 'lounges', 'me'].contains(kind);

  /// Takes the ids of a page of a list that is not told.
  void take(List<String> ids, {required bool isFirst}) {
    if (isFirst) {
      coming = <String>[];
      beginsAgain = true;
    }
    coming.addAll(ids);
  }

  /// Shows what was loaded. What was there below the first page stays if the page meets it.
  void settle(List<LoadedPage> loaded) {
    final known = coming.toSet();
    final last = members.lastIndexWhere(known.contains);
    final keepsRest = beginsAgain && loaded.length == 1 && pages.isNotEmpty && last >= 0;
    if (!beginsAgain) {
      members = <String>[...members, ...coming.where((id) => !members.contains(id))];
    } else if (keepsRest && loaded.single.next != null) {
      members = <String>[...coming, ...members.skip(last + 1)];
    } else {
      members = coming;
    }
    if (!keepsRest || loaded.single.next == null) {
      pages = loaded;
    }
    coming = <String>[];
    beginsAgain = false;
  }

  @override
  String get key => 'list/$kind/$topic/$root';

  /// The id in the topic; empty for `me`.
  String get subject {
    final List<String> parts = topic.split(':');
    return parts.length == 2 ? parts.last : '';
  }

  /// Whether it is a single thing.
  bool get isSingle => const <String>['post', 'comment', 'lounge', 'badge', 'me'].contains(kind);

  /// The id of its one item, where it is a single thing.
  String get single => root.isEmpty ? subject : root;

  /// What it holds.
  String get itemKind {
    const Map<String, String> kinds = <String, String>{
      'comments': 'comment',
      'replies': 'comment',
      'posts': 'post',
      'notifications': 'notification',
      'feed': 'post',
      'lounges': 'lounge',
    };
    return kinds[kind] ?? kind;
  }

  /// Whether the newest come first.
  bool get newestFirst => kind == 'posts' || kind == 'notifications' || kind == 'feed';

  /// Where it comes from.
  String get path {
    final Map<String, String> paths = <String, String>{
      'post': '/posts/$subject',
      'comment': '/comments/$root',
      'lounge': '/lounges/$subject',
      'badge': '/notifications/unread-count',
      'comments': '/posts/$subject/comments',
      'replies': '/posts/$subject/comments',
      'posts': '/lounges/$subject/posts',
      'feed': '/posts',
      'lounges': '/lounges',
      'me': '/users/me',
    };
    return paths[kind] ?? '/notifications';
  }

  /// Whether it is to be loaded (again).
  bool get isDue => asOf < floor || asOf == never;

  /// Whether its end is loaded.
  bool get isComplete => pages.isNotEmpty && pages.last.next == null;

  /// The keys of what it hangs below. A single comment hangs only below its post.
  List<String> get roots {
    final List<String> above = <String>[];
    if (subject.isNotEmpty && kind != 'post' && kind != 'lounge') {
      above.add(itemKey(topic.split(':').first, subject));
      if (kind == 'replies') {
        above.add(itemKey('comment', root));
      }
    }
    return above;
  }

  /// Whether an id is in what was loaded.
  bool reaches(String id) {
    if (!isTold) {
      return true;
    }
    if (isComplete || pages.isEmpty) {
      return isComplete;
    }
    final int order = id.compareTo(pages.last.edge);
    return newestFirst ? order >= 0 : order <= 0;
  }

  /// Whether an item belongs to this list, loaded or not.
  bool holds(Item item) {
    if (item.kind != itemKind) {
      return false;
    }
    if (isSingle) {
      return item.id == single;
    }
    if (!isTold) {
      return members.contains(item.id);
    }
    if (kind == 'posts') {
      return idIn(item.read('lounge')) == subject;
    }
    if (kind == 'notifications') {
      return true;
    }
    return item.read('post_id') == subject && (item.read('parent_id') ?? '') == root;
  }

  /// Whether an id is in a page that begins after one id and ends with another.
  bool isBetween(String id, String after, String? to) {
    final int order = newestFirst ? -1 : 1;
    final bool isAfter = after.isEmpty || id.compareTo(after) * order > 0;
    return isAfter && (to == null || id.compareTo(to) * order <= 0);
  }

  @override
  String text() {
    final List<Object?> stored =
        pages.map<Object?>((LoadedPage page) => <Object?>[page.edge, page.next]).toList();
    return jsonEncode(<Object?>[asOf, floor, used, stored, if (!isTold) members]);
  }
}
