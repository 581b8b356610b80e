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
    final ResultPage<T> page = await _load(null);
    await _mutex.run<void>(() async {
      if (generation == _generation) {
        _merge(page);
      }
    });
  }

  /// Takes the first page again.
  void _merge(ResultPage<T> page) {
    final List<T> rest = page.nextCursor == null ? <T>[] : _restBelow(page);
    _items = <T>[...page.items, ...rest];
    if (rest.isEmpty) {
      _last = null;
      _next = page.nextCursor;
    }
    _began = true;
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
      final String? cursor = isComplete ? _last : _next;
      try {
        _take(generation, cursor, await _load(cursor));
      } on InvalidCursorProblem {
        if (cursor == null) {
          rethrow;
        }
        final ResultPage<T> first = await _load(null);
        if (generation == _generation) {
          _items = <T>[];
          _merge(first);
        }
      }
    });
  }

  /// Takes a page, unless it belongs to the list before.
  void _take(int generation, String? cursor, ResultPage<T> page) {
    if (generation != _generation) {
      return;
    }
    if (cursor == null && _began) {
      _merge(page); // The first page again: what is new may be at its top.
      return;
    }
    for (final T item in page.items) {
      put(item, atStart: false);
    }
    _last = cursor;
    _next = page.nextCursor;
    _began = true;
  }

  /// Shows an item that changed, or one that the app has just made.
  void put(T item, {bool atStart = true}) {
    final String key = _key(item);
    for (int index = 0; index < _items.length; index++) {
      if (_key(_items[index]) == key) {
        _items[index] = item;
        return;
      }
    }
    _items.insert(atStart ? 0 : _items.length, item);
  }

  /// Takes an item off the screen: it was deleted, or is not for this user any more.
  void remove(String key) {
    _items = _items.where((T item) => _key(item) != key).toList();
  }
}
