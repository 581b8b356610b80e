import 'dart:async';
import 'dart:convert';

import 'copy_gone.dart';
import 'copy_records.dart';
import 'copy_store.dart';
import 'cursors.dart';
import 'errors.dart';
import 'generated/enums.dart';
import 'generated/models.dart';
import 'generated/problems.dart';
import 'mutex.dart';
import 'reading.dart';

const int _version = 1;
const String _headKey = 'head';

/// Items that are loaded at once.
const int pageItems = 50;

/// The server takes no more. The one that was not used for longest goes.
const int mostTopics = 20;

/// Things that no list shows: those that are gone, and those beyond what was loaded.
const int _looseItems = 500;

const Set<String> _shownKinds = <String>{'post', 'comment', 'lounge', 'notification'};

/// The offline copy, and how it takes in what the server tells. It neither waits nor sends.
///
/// Each item has the position as of which it is true, and only what is newer changes it. The cursor
/// is saved in one step with what came before it, so it is never newer than the data.
class CopyState {
  /// Keeps its records in a store.
  CopyState(this._store, {this.mostItems = 2000});

  final CopyStore _store;

  /// How many items are kept.
  final int mostItems;

  final StreamController<void> _changes = StreamController<void>.broadcast();
  final Mutex _writing = Mutex();
  bool _isStored = true;

  /// Whose copy it is; null if no user is signed in.
  String? userId;

  /// How far the log was told.
  Cursor? cursor;

  /// Changes when the copy is emptied. What was asked for before must not come in then.
  int generation = 0;

  /// What is kept, by its key.
  final Map<String, Item> items = <String, Item>{};

  /// What is followed, by its key.
  final Map<String, Listing> lists = <String, Listing>{};

  /// How often something was marked. A page comes in with the moment when it was asked for.
  int moment = 0;

  final Map<String, int> _markedAt = <String, int>{};
  final Map<String, int> _marksToldAt = <String, int>{};
  final Map<String, Map<String, Object?>> _marked = <String, Map<String, Object?>>{};

  /// Authors whom this device has just blocked.
  final Set<String> hidden = <String>{};

  /// The keys of what this device has just deleted.
  final Set<String> concealed = <String>{};

  /// Why lists could not be loaded, by their keys.
  final Map<String, LinkyError> failures = <String, LinkyError>{};

  /// Why there is no cursor yet, so that nothing can be loaded.
  LinkyError? failure;

  /// How many screens show a list, by its key.
  final Map<String, int> watched = <String, int>{};

  GoneAuthors _gone = GoneAuthors();

  final Set<String> _dirty = <String>{};
  final Set<String> _openReset = <String>{};
  int _prunedTo = never;
  int _uses = 0;
  int _trimAt = _looseItems;

  /// An event after each change. Read again what the screen shows.
  Stream<void> get changes => _changes.stream;

  void _begin(String? user) {
    generation++;
    userId = user;
    cursor = null;
    items.clear();
    lists.clear();
    _markedAt.clear();
    _marksToldAt.clear();
    _marked.clear();
    hidden.clear();
    concealed.clear();
    failures.clear();
    failure = null;
    _gone = GoneAuthors();
    _dirty.clear();
    _openReset.clear();
    _prunedTo = never;
    _uses = 0;
    _trimAt = _looseItems;
  }

  // Opening and emptying.

  /// Reads what is stored. What another user left, or can't be read, is removed.
  Future<void> open(String? user) async {
    _begin(user);
    final int begun = generation;
    final Map<String, String> values = await _writing.run<Map<String, String>>(_store.readAll);
    if (begun != generation) {
      return; // Another user has signed in meanwhile.
    }
    bool isTheirs = false;
    try {
      isTheirs = user != null && _read(values, user);
    } on FormatException {
      isTheirs = false;
    } on MalformedAnswer {
      isTheirs = false;
    }
    if (!isTheirs) {
      clear(user);
    }
  }

  bool _read(Map<String, String> values, String user) {
    final Map<String, Object?> head = asObject(jsonDecode(values[_headKey] ?? '{}'));
    if (head['version'] != _version || head['user_id'] != user) {
      return false;
    }
    final String? stored = optionalField<String>(head, 'cursor', asText);
    cursor = stored == null ? null : Cursor.parse(stored);
    hidden.addAll(field<List<String>>(head, 'hidden', listOf<String>(asText)));
    _prunedTo = field<int>(head, 'pruned_to', asInt);
    _uses = field<int>(head, 'uses', asInt);
    _gone = GoneAuthors.parse(values[goneAuthorsKey] ?? '{}');
    bool isWhole = true;
    for (final MapEntry<String, String> entry in values.entries) {
      if (entry.key.startsWith('list/')) {
        lists[entry.key] = Listing.parse(entry.key, entry.value);
      } else if (entry.key.startsWith('item/')) {
        try {
          items[entry.key] = Item.parse(entry.key, entry.value);
        } on MalformedAnswer {
          isWhole = false; // An older version of the app lacked a field.
          _dirty.add(entry.key);
        }
      }
    }
    if (!isWhole) {
      for (final Listing listing in lists.values) {
        _forgetPages(listing);
      }
    }
    return true;
  }

  /// Forgets everything, on the disk too.
  void clear(String? user) {
    _begin(user);
    _isStored = true;
    _write(_store.clear);
    _tell();
  }

  /// Waits until all is on the disk.
  Future<void> settle() => _writing.run<void>(() async {});

  /// Waits until all is on the disk, and ends the stream of changes.
  Future<void> close() async {
    await settle();
    await _changes.close();
  }

  // What it follows.

  /// What is followed besides the user's own.
  List<String> get topics {
    final Set<String> all =
        lists.values.map<String>((Listing listing) => listing.topic).toSet();
    all.remove(me);
    final List<String> sorted = all.toList();
    sorted.sort();
    return sorted;
  }

  /// The lists that are followed. What was used last comes last.
  List<Listing> get followed {
    final List<Listing> all = lists.values.toList();
    all.sort((Listing a, Listing b) => a.used - b.used);
    return all;
  }

  /// Follows a list, or finds it. The topic that was not used for longest goes.
  Listing use(Listing wanted) {
    _uses++;
    final Listing known = lists[wanted.key] ?? wanted;
    final Cursor? now = cursor;
    if (!lists.containsKey(wanted.key) && now != null) {
      known.floor = now.position;
    }
    lists[wanted.key] = known;
    known.used = _uses;
    _dirty.add(known.key);
    while (topics.length > mostTopics) {
      _forgetTopic(_oldestTopic());
    }
    save();
    return known;
  }

  String _oldestTopic() {
    String oldest = '';
    int least = 2 * _uses + 1;
    for (final String topic in topics) {
      int used = 0;
      for (final Listing listing in lists.values) {
        if (listing.topic == topic) {
          // What a screen shows goes last.
          final int isShown = watched.containsKey(listing.key) ? _uses : 0;
          used = listing.used + isShown > used ? listing.used + isShown : used;
        }
      }
      if (used < least) {
        least = used;
        oldest = topic;
      }
    }
    return oldest;
  }

  /// Follows a topic no longer, and forgets its lists.
  void forget(String topic) {
    _forgetTopic(topic);
    _trimAt = 0;
    save();
  }

  void _forgetTopic(String topic) {
    for (final Listing listing in lists.values.toList()) {
      if (listing.topic == topic) {
        lists.remove(listing.key);
        _dirty.add(listing.key);
      }
    }
  }

  /// The lists to load, single things first, but not those below something that is gone.
  List<Listing> due() {
    final List<Listing> found = lists.values
        .where((Listing one) => one.isDue && hasRoots(one) && willRetry(failures[one.key]))
        .toList();
    found.sort((Listing a, Listing b) {
      return a.isSingle == b.isSingle ? b.used - a.used : (a.isSingle ? -1 : 1);
    });
    return found;
  }

  /// Whether a list that failed so is tried again by itself: not after a refusal.
  bool willRetry(LinkyError? error) {
    final status = error is Problem ? error.status : 0;
    return status < 400 || status >= 500 || const <int>[401, 408, 429].contains(status);
  }

  /// Notes why a list could not be loaded.
  void noteFailure(Listing listing, LinkyError error) {
    failures[listing.key] = error;
    _tell();
  }

  /// Notes why the server can't be asked for anything yet; null once it can.
  void noteConnection(LinkyError? error) {
    if ('$failure' != '$error') {
      failure = error;
      _tell();
    }
  }

  /// Tries what was refused again, and loads what is not told again.
  void expire() {
    failures.removeWhere((key, error) => !willRetry(error));
    for (final listing in lists.values) {
      if (!listing.isTold) {
        listing.asOf = never;
        _dirty.add(listing.key);
      }
    }
  }

  /// Whether nothing above a list is gone.
  bool hasRoots(Listing listing) {
    for (final String key in listing.roots) {
      final Item? root = items[key];
      if (root != null && root.value == null) {
        return false;
      }
    }
    return true;
  }

  /// Whether a list is still followed.
  bool isFollowed(Listing listing) => identical(lists[listing.key], listing);

  // What comes from a list.

  /// Whether a page is new enough. What is between it and the copy was told to no list.
  bool takes(Listing listing, Cursor asOf) {
    final Cursor? known = cursor;
    return known != null &&
        asOf.epoch == known.epoch &&
        asOf.position >= listing.floor &&
        asOf.position >= _prunedTo;
  }

  /// Takes a page, which shows all of its list after one id and up to another.
  ///
  /// [asked] is the moment when it was asked for: it may not know what was marked later.
  void putPage(
    Listing listing,
    String after,
    List<Map<String, Object?>> values,
    String? to,
    int asOf, [
    int? asked,
  ]) {
    final Set<String> ids = <String>{};
    for (final Map<String, Object?> value in values) {
      final String id = listing.isSingle ? listing.single : textIn(value, 'id');
      ids.add(id);
      final Map<String, Object?> later = 
          _markedAfter(asked, asOf, itemKey(listing.itemKind, id));
      put(listing.itemKind, id, <String, Object?>{...value, ...later}, asOf);
    }
    if (!listing.isTold) {
      listing.take(ids.toList(), isFirst: after.isEmpty);
      save();
      return;
    }
    for (final Item item in items.values.toList()) {
      final bool isMissing =
          item.value != null && !ids.contains(item.id) && listing.holds(item);
      if (isMissing && listing.isBetween(item.id, after, to)) {
        _drop(item.kind, item.id, asOf);
      }
    }
    save();
  }

  /// Takes what only this user makes of a thing: now, or as of a position where the server told it.
  ///
  /// What is gone keeps it for its return. It is remembered for pages that know less and come later.
  void takeMarks(String kind, String id, Map<String, Object?> fields, [int asOf = never]) {
    final String key = itemKey(kind, id);
    final Map<String, Object?> made = marksIn(kind, fields);
    if (asOf == never) {
      moment++;
      _markedAt[key] = moment;
    } else {
      final int told = _marksToldAt[key] ?? never;
      _marksToldAt[key] = asOf > told ? asOf : told;
    }
    _marked[key] = <String, Object?>{...?_marked[key], ...made};
    final Item? item = items[key];
    if (item != null) {
      item.mark(made);
      _dirty.add(key);
    }
  }

  Map<String, Object?> _markedAfter(int? asked, int asOf, String key) {
    final bool isOlder = asOf < (_marksToldAt[key] ?? never);
    final bool wasAskedBefore = asked != null && asked < (_markedAt[key] ?? 0);
    if (isOlder || wasAskedBefore) {
      return _marked[key] ?? const <String, Object?>{};
    }
    return const <String, Object?>{};
  }

  /// Notes which pages are loaded.
  void setLoaded(Listing listing, List<LoadedPage> pages, int asOf) {
    if (listing.isTold) {
      listing.pages = pages;
    } else {
      listing.settle(pages);
    }
    listing.asOf = asOf;
    failures.remove(listing.key);
    _dirty.add(listing.key);
    save();
  }

  /// The server says that a thing is not there for this user, or what a list hangs below.
  void noteMissing(Listing listing, String code, int asOf) {
    String kind = listing.topic.split(':').first;
    String id = listing.subject;
    if (listing.isSingle) {
      kind = listing.kind;
      id = listing.single;
    } else if (code == 'comment_not_found') {
      kind = 'comment';
      id = listing.root;
    }
    failures.remove(listing.key);
    _drop(kind, id, asOf);
    _forgetPages(listing);
    for (final Listing root in lists.values) {
      final bool isRoot = root.isSingle && root.itemKind == kind && root.single == id;
      if (isRoot && !identical(root, listing)) {
        _forgetPages(root); // It is asked for by itself: it may be back already.
      }
    }
    if (listing.isSingle) {
      listing.pages = <LoadedPage>[const LoadedPage('', null)];
      listing.asOf = asOf;
    }
    save();
  }

  // What comes as changes.

  /// Begins with the cursor of now: nothing before it was told.
  void start(Cursor now) {
    _advance(now, const <String>[]);
    save();
  }

  /// Takes what changed in the covered topics up to a cursor.
  void apply(List<Change> told, Cursor asOf, Cursor now, List<String> covered) {
    final Cursor? known = cursor;
    if (known != null && known.epoch != now.epoch) {
      reset(null, now, covered);
    }
    for (final Change change in told) {
      _apply(change, asOf.position);
    }
    if (_openReset.isNotEmpty) {
      _raiseFloors(asOf.position, _openReset); // It is true of these topics only as of now.
      _openReset.clear();
    }
    _advance(now, covered);
    save();
  }

  /// Something was not told. Loads these lists again, and shows what is there until then.
  void reset(List<String>? of, Cursor now, List<String> covered) {
    final Cursor? known = cursor;
    if (known != null && (known.epoch != now.epoch || known.position > now.position)) {
      _leaveEpoch(now);
    }
    final List<String> concerned = of ?? <String>[me, ...topics];
    for (final Listing listing in lists.values) {
      if (concerned.contains(listing.topic)) {
        listing.asOf = never;
        _dirty.add(listing.key);
      }
    }
    _openReset.clear();
    _openReset.addAll(concerned);
    _raiseFloors(now.position, _openReset);
    _advance(now, covered);
    save();
  }

  /// Positions of another log say nothing.
  void _leaveEpoch(Cursor now) {
    for (final Item item in items.values.toList()) {
      item.asOf = never;
      _dirty.add(item.key);
      if (item.value == null) {
        items.remove(item.key);
      }
    }
    for (final Listing listing in lists.values) {
      listing.asOf = never;
      listing.floor = 0;
      _dirty.add(listing.key);
    }
    _prunedTo = never;
    _gone = GoneAuthors();
    _marksToldAt.clear();
    _dirty.add(goneAuthorsKey);
    cursor = now;
  }

  void _advance(Cursor now, List<String> covered) {
    final Cursor? known = cursor;
    if (known == null || now.position > known.position) {
      cursor = now;
    }
    for (final Listing listing in lists.values) {
      if (!covered.contains(listing.topic)) {
        _raiseFloor(listing, now.position);
      }
    }
  }

  void _apply(Change change, int asOf) {
    final String kind = change.kind.value;
    final String? id = change.id;
    final Map<String, Object?>? value = change.put;
    final int? unread = change.unread;
    if (kind == 'badge' && unread != null) {
      put('badge', '', <String, Object?>{'count': unread, 'more': change.more ?? false}, asOf);
    } else if (kind == 'reload') {
      _reload(value == null ? null : ReloadTarget.parse(value), asOf);
    } else if (id != null && kind == 'author' && change.gone == true) {
      hidden.remove(id);
      _dropAuthor(id, asOf);
    } else if (id != null && value != null && kind == 'mark') {
      takeMarks(textIn(value, 'thing'), id, value, asOf);
    } else if (id != null && value != null && _shownKinds.contains(kind)) {
      final bool isUnknown = !items.containsKey(itemKey(kind, id));
      put(kind, id, value, asOf);
      if (isUnknown && kind == 'post') {
        _loadMarks(id, asOf);
      }
    } else if (id != null && change.gone == true && _shownKinds.contains(kind)) {
      _drop(kind, id, asOf);
    }
  }

  /// Has the lists loaded again that a `reload` names. One that names nothing known means all.
  void _reload(ReloadTarget? target, int asOf) {
    final String? postId = target?.postId;
    bool Function(Listing listing) isNamed;
    if (target?.scope == ReloadScope.notifications) {
      isNamed = (Listing one) => one.kind == 'notifications'; // The badge is told by itself.
    } else if (target?.scope == ReloadScope.post && postId != null) {
      final Item? post = items[itemKey('post', postId)];
      // Of a post that is not here it is not known in which lists it is.
      bool mayHold(Listing one) => post?.value == null || (post != null && one.holds(post));
      isNamed = (Listing one) {
        return one.topic == 'post:$postId' ||
            one.kind == 'notifications' ||
            ((one.kind == 'posts' || one.kind == 'feed') && mayHold(one));
      };
    } else {
      hidden.clear();
      // Loading a lounge counts as a look into it, and what users see of it stays the same.
      isNamed = (Listing one) => one.kind != 'lounge';
    }
    for (final Listing listing in lists.values.where(isNamed)) {
      _raiseFloor(listing, asOf);
    }
  }

  /// Has the lists loaded again in which a post comes back that was not there at the last loading.
  ///
  /// A change does not have what this user made of it before. A new post is above all others.
  void _loadMarks(String id, int asOf) {
    final Item? post = items[itemKey('post', id)];
    for (final Listing listing in lists.values) {
      final bool isBack = post != null &&
          listing.isTold &&
          listing.holds(post) &&
          items.values.any((Item one) => one.id.compareTo(id) > 0 && listing.holds(one));
      if (isBack) {
        _raiseFloor(listing, asOf);
      }
    }
  }

  // The items.

  /// Takes a state that is as of a position, if it is newer than what is there.
  void put(String kind, String id, Map<String, Object?> value, int asOf) {
    final String key = itemKey(kind, id);
    final Item? known = items[key];
    if (known != null && known.asOf > asOf) {
      return;
    }
    final int goneAt = _gone.since(value, asOf);
    if (goneAt != never) {
      _drop(kind, id, goneAt); // A page that was read before its author left.
      return;
    }
    concealed.remove(key);
    final bool wasGone = known != null && known.value == null;
    final Item item = known ?? Item(kind, id);
    item.put(value, asOf);
    items[key] = item;
    _dirty.add(key);
    if (kind == 'post') {
      _enterFeed(id);
    }
    if (wasGone) {
      for (final Listing listing in _below(item)) {
        _forgetPages(listing);
        _raiseFloor(listing, asOf);
      }
    }
  }

  /// Shows a post that is newer than the feed at its top.
  void _enterFeed(String id) {
    final feed = lists[Listing('feed', me).key];
    final isNewer = feed != null && feed.members.isNotEmpty && id.compareTo(feed.members.first) > 0;
    if (isNewer) {
      feed.members.insert(0, id);
      _dirty.add(feed.key);
    }
  }

  /// It is gone, and what hangs below it too.
  void _drop(String kind, String id, int asOf) {
    final String key = itemKey(kind, id);
    final Item item = items[key] ?? Item(kind, id);
    if (item.asOf > asOf) {
      return;
    }
    item.drop(asOf);
    items[key] = item;
    _dirty.add(key);
    for (final Listing listing in _below(item)) {
      _forgetPages(listing);
    }
    final String parent = kind == 'post' ? 'post_id' : 'parent_id';
    if (kind == 'post' || kind == 'comment') {
      for (final Item other in items.values.toList()) {
        if (other.kind == 'comment' && other.read(parent) == id && other.asOf <= asOf) {
          items.remove(other.key);
          _dirty.add(other.key);
        }
      }
    }
  }

  void _dropAuthor(String authorId, int asOf) {
    final int forgotten = _gone.note(authorId, asOf);
    _prunedTo = forgotten > _prunedTo ? forgotten : _prunedTo;
    _dirty.add(goneAuthorsKey);
    for (final Item item in items.values.toList()) {
      if (item.authorId == authorId) {
        _drop(item.kind, item.id, asOf);
      }
    }
  }

  List<Listing> _below(Item item) {
    return lists.values.where((Listing listing) => listing.roots.contains(item.key)).toList();
  }

  // The lists.

  void _raiseFloors(int position, Set<String> concerned) {
    for (final Listing listing in lists.values) {
      if (concerned.contains(listing.topic)) {
        _raiseFloor(listing, position);
      }
    }
  }

  void _raiseFloor(Listing listing, int position) {
    if (listing.floor < position) {
      listing.floor = position;
      _dirty.add(listing.key);
    }
  }

  void _forgetPages(Listing listing) {
    listing.pages = <LoadedPage>[];
    listing.asOf = never;
    _dirty.add(listing.key);
  }

  // Saving.

  /// Writes what changed, with the cursor, in one step. The steps keep their order.
  void save() {
    if (userId == null) {
      return;
    }
    if (items.length > _trimAt) {
      _trim();
    }
    final List<String> hiddenIds = hidden.toList();
    final Map<String, String> puts = <String, String>{
      _headKey: jsonEncode(<String, Object?>{
        'version': _version,
        'user_id': userId,
        'cursor': cursor?.toString(),
        'pruned_to': _prunedTo,
        'hidden': hiddenIds,
        'uses': _uses,
      }),
    };
    final Set<String> removed = <String>{};
    for (final String key in _dirty) {
      final CopyRecord? record = _record(key);
      if (record == null) {
        removed.add(key);
      } else {
        puts[key] = record.text();
      }
    }
    _dirty.clear();
    _write(() => _store.apply(puts, removed));
    _tell();
  }

  void _tell() {
    if (!_changes.isClosed) {
      _changes.add(null);
    }
  }

  /// A record is to be written with the next step.
  void touch(CopyRecord record) => _dirty.add(record.key);

  CopyRecord? _record(String key) {
    if (key == goneAuthorsKey) {
      return _gone;
    }
    return items[key] ?? lists[key];
  }

  /// After a step that failed nothing more is stored: the next cursor would be newer than its data.
  void _write(Future<void> Function() step) {
    unawaited(
      _writing.run<void>(() async {
        if (!_isStored) {
          return;
        }
        try {
          await step();
        } on Exception {
          _isStored = false;
        }
      }),
    );
  }

  /// Keeps the copy within its bounds.
  void _trim() {
    List<Item> loose = _loose();
    while (items.length - loose.length > mostItems && topics.length > 1) {
      _forgetTopic(_oldestTopic());
      loose = _loose();
    }
    if (items.length - loose.length > mostItems) {
      final List<Listing> longest = lists.values.toList();
      longest.sort((Listing a, Listing b) => b.pages.length - a.pages.length);
      final int kept = mostItems < pageItems ? 1 : mostItems ~/ pageItems;
      longest.first.pages = longest.first.pages.take(kept).toList();
      longest.first.members = longest.first.members.take(kept * pageItems).toList();
      _dirty.add(longest.first.key);
      loose = _loose();
    }
    loose.sort((Item a, Item b) => a.asOf - b.asOf);
    final int most = _looseItems ~/ 2;
    for (final Item item in loose.take(loose.length > most ? loose.length - most : 0)) {
      _prunedTo = item.asOf > _prunedTo ? item.asOf : _prunedTo;
      items.remove(item.key);
      _dirty.add(item.key);
    }
    _trimAt = items.length + most;
  }

  List<Item> _loose() {
    return items.values.where((Item item) {
      return !lists.values.any(
        (Listing one) => one.holds(item) && (one.isSingle || one.reaches(item.id)),
      );
    }).toList();
  }
}
