/// Where the offline copy is kept. Only one client may have a store open.
abstract interface class CopyStore {
  /// All texts by their keys.
  Future<Map<String, String>> readAll();

  /// Saves and removes in one step: after a crash all of it is done, or nothing of it.
  Future<void> apply(Map<String, String> put, Set<String> remove);

  /// Removes everything.
  Future<void> clear();
}

/// Forgets everything when the app ends.
final class MemoryCopyStore implements CopyStore {
  final Map<String, String> _values = <String, String>{};

  @override
  Future<Map<String, String>> readAll() async {
    final Map<String, String> copy = <String, String>{};
    copy.addAll(_values);
    return copy;
  }

  @override
  Future<void> apply(Map<String, String> put, Set<String> remove) async {
    for (final String key in remove) {
      _values.remove(key);
    }
    _values.addAll(put);
  }

  @override
  Future<void> clear() async {
    _values.clear();
  }
}
