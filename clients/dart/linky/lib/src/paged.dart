import 'generated/problems.dart';
import 'mutex.dart';
import 'values.dart';

/// A list on a screen: it refreshes, grows at its end, and takes in what the app itself made.
final class Paged<T> {
  /// Loads pages by a cursor, and knows an item by its key.
  Paged(this._load, this._key);

  final Future<ResultPage<T>> Function(String? cursor) _load;
  final String Function(T item) _key;
  final Mutex _mutex = Mutex();
  List<T> _items = <T>[];
  String? _last;
  String? _next;
  bool _began = false;
  int _generation = 0;
  int _moment = 0;
  final Map<String, int> _touched = <String, int>{};
  final Map<String, bool> _made = <String, bool>{};

  /// All that was loaded. No item is in it twice.
  List<T> get items => List<T>.unmodifiable(_items);

  /// Whether the end was reached.
  bool get isComplete => _began && _next == null;

  /// Loads the first page again.
  ///
  /// If it meets what is there already, the rest stays, and the list does not jump. Otherwise too
  /// much is new in between, and the list begins again.
  Future<void> refresh() async {
    _generation++;
    final int generation = _generation;
    final int asked = _moment;
    final ResultPage<T> page = await _load(null);
    await _mutex.run<void>(() async {
      if (generation == _generation) {
        _merge(page, asked);
      }
    });
  }

  /// Takes the first page again.
  void _merge(ResultPage<T> page, int asked, {bool beginsAgain = false}) {
    final bool isAll = beginsAgain || page.nextCursor == null;
    final List<T> rest = isAll ? <T>[] : _restBelow(page);
    _items = _withMade(<T>[..._current(page, asked), ...rest], asked);
    if (rest.isEmpty) {
      _last = null;
      _next = page.nextCursor;
    }
    _began = true;
  }

  /// A page's items. What the app put or removed since it was asked for is newer than it.
  List<T> _current(ResultPage<T> page, int asked) {
    final Map<String, T> own = <String, T>{};
    for (final T item in _items) {
      own[_key(item)] = item;
    }
    final List<T> current = <T>[];
    for (final T item in page.items) {
      final T? mine = own[_key(item)];
      if (!_isNewer(item, asked)) {
        current.add(item);
      } else if (mine != null) {
        current.add(mine);
      }
    }
    return current;
  }

  bool _isNewer(T item, int asked) => (_touched[_key(item)] ?? 0) > asked;

  /// The items, and what the app has made since they were asked for.
  List<T> _withMade(List<T> items, int asked) {
    final Set<String> shown = items.map<String>(_key).toSet();
    final List<T> made = _items
        .where((T item) => _isNewer(item, asked) && !shown.contains(_key(item)))
        .toList();
    return <T>[
      ...made.where((T item) => _made[_key(item)] == true),
      ...items,
      ...made.where((T item) => _made[_key(item)] == false),
    ];
  }

  /// What is loaded below the page. What the page lacks between two of its items is gone.
  List<T> _restBelow(ResultPage<T> page) {
    final Set<String> fresh = page.items.map<String>(_key).toSet();
    int end = 0;
    for (int index = 0; index < _items.length; index++) {
      if (fresh.contains(_key(_items[index]))) {
        end = index + 1;
      }
    }
    return end == 0 ? <T>[] : _items.sublist(end);
  }

  /// Adds the next page. At the end it looks whether the last page has grown.
  ///
  /// If the server knows the cursor no longer, the list begins again.
  Future<void> loadMore() {
    return _mutex.run<void>(() async {
      final int generation = _generation;
      final int asked = _moment;
      final String? cursor = isComplete ? _last : _next;
      try {
        _take(generation, asked, cursor, await _load(cursor));
      } on InvalidCursorProblem {
        if (cursor == null) {
          rethrow;
        }
        final ResultPage<T> first = await _load(null);
        if (generation == _generation) {
          _merge(first, asked, beginsAgain: true);
        }
      }
    });
  }

  /// Takes a page, unless it belongs to the list before.
  void _take(int generation, int asked, String? cursor, ResultPage<T> page) {
    if (generation != _generation) {
      return;
    }
    if (cursor == null && _began) {
      _merge(page, asked); // The first page again: what is new may be at its top.
      return;
    }
    for (final T item in _current(page, asked)) {
      _put(item, atStart: false);
    }
    _last = cursor;
    _next = page.nextCursor;
    _began = true;
  }

  /// Shows an item that changed, or one that the app has just made.
  ///
  /// A page that was asked for before takes neither back.
  void put(T item, {bool atStart = true}) {
    _touch(_key(item));
    if (_put(item, atStart: atStart)) {
      _made[_key(item)] = atStart;
    }
  }

  /// Takes an item off the screen: it was deleted, or is not for this user any more.
  void remove(String key) {
    _touch(key);
    _items = _items.where((T item) => _key(item) != key).toList();
  }

  void _touch(String key) {
    _moment++;
    _touched[key] = _moment;
  }

  /// Returns whether it was not there yet.
  bool _put(T item, {required bool atStart}) {
    final String key = _key(item);
    for (int index = 0; index < _items.length; index++) {
      if (_key(_items[index]) == key) {
        _items[index] = item;
        return false;
      }
    }
    _items.insert(atStart ? 0 : _items.length, item);
    return true;
  }
}
