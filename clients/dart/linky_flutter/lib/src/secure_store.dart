import 'package:linky/linky.dart';

/// Where secrets lie: the key-chain of iOS, the key store of Android. The app chooses the package.
abstract interface class Secrets {
  /// The value of a key, or null.
  Future<String?> read(String key);

  /// Replaces a value.
  Future<void> write(String key, String value);

  /// Removes a key, if it is there.
  Future<void> delete(String key);

  /// All keys with their values.
  Future<Map<String, String>> readAll();
}

/// Keeps tokens among the secrets of the app.
///
/// The lock is that of a store in files: a key-chain has none, and a background isolate must not
/// refresh the tokens while the app does.
final class SecureStore implements Store {
  /// Takes its locks from another store.
  const SecureStore(this._secrets, this._locks);

  final Secrets _secrets;
  final Store _locks;

  @override
  Future<String?> read(String key) => _secrets.read(key);

  @override
  Future<void> write(String key, String value) => _secrets.write(key, value);

  @override
  Future<void> delete(String key) => _secrets.delete(key);

  @override
  Future<List<String>> keys(String prefix) async {
    final all = await _secrets.readAll();
    return all.keys.where((key) => key.startsWith(prefix)).toList()..sort();
  }

  @override
  Future<bool> tryLock(String name) => _locks.tryLock(name);

  @override
  Future<void> unlock(String name) => _locks.unlock(name);
}
