import 'package:flutter_secure_storage/flutter_secure_storage.dart';
import 'package:linky/linky.dart';

/// Keeps tokens in the key-chain of iOS and the encrypted storage of Android.
///
/// The lock is that of a store in files: the key-chain has none, and a background isolate must not
/// refresh the tokens while the app does.
final class SecureStore implements Store {
  /// Takes its locks from another store.
  const SecureStore(this._locks);

  final Store _locks;

  static const FlutterSecureStorage _storage = FlutterSecureStorage(
    aOptions: AndroidOptions(encryptedSharedPreferences: true),
    iOptions: IOSOptions(accessibility: KeychainAccessibility.first_unlock),
  );

  @override
  Future<String?> read(String key) => _storage.read(key: key);

  @override
  Future<void> write(String key, String value) => _storage.write(key: key, value: value);

  @override
  Future<void> delete(String key) => _storage.delete(key: key);

  @override
  Future<List<String>> keys(String prefix) async {
    final Map<String, String> all = await _storage.readAll();
    final List<String> found = all.keys.where((String key) => key.startsWith(prefix)).toList();
    found.sort();
    return found;
  }

  @override
  Future<bool> tryLock(String name) => _locks.tryLock(name);

  @override
  Future<void> unlock(String name) => _locks.unlock(name);
}
