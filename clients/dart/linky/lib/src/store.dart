/// Where tokens and drafts are kept, and a lock that all isolates share which share the store.
abstract interface class Store {
  /// The value of a key, or null.
  Future<String?> read(String key);

  /// Replaces a value in one step: a crash leaves the old one or the new one.
  Future<void> write(String key, String value);

  /// Removes a key, if it is there.
  Future<void> delete(String key);

  /// The keys that begin with a prefix, sorted.
  Future<List<String>> keys(String prefix);

  /// Takes the lock if it is free; returns whether it was. Never waits.
  Future<bool> tryLock(String name);

  /// Gives the lock back.
  Future<void> unlock(String name);
}

/// Forgets everything when the program ends. For tests and scripts.
final class MemoryStore implements Store {
  final Map<String, String> _values = <String, String>{};
  final Set<String> _locked = <String>{};

  @override
  Future<String?> read(String key) async => _values[key];

  @override
  Future<void> write(String key, String value) async {
    _values[key] = value;
  }

  @override
  Future<void> delete(String key) async {
    _values.remove(key);
  }

  @override
  Future<List<String>> keys(String prefix) async {
    final List<String> found =
        _values.keys.where((String key) => key.startsWith(prefix)).toList();
    found.sort();
    return found;
  }

  @override
  Future<bool> tryLock(String name) async => _locked.add(name);

  @override
  Future<void> unlock(String name) async {
    _locked.remove(name);
  }
}
