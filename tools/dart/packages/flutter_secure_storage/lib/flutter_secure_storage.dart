// What the guide uses of package:flutter_secure_storage, 10 and 11.
class AndroidOptions {
  const AndroidOptions({bool resetOnError = true});
}

class KeychainAccessibility {
  const KeychainAccessibility();
  static const KeychainAccessibility first_unlock = KeychainAccessibility();
}

class IOSOptions {
  const IOSOptions({KeychainAccessibility? accessibility});
}

class FlutterSecureStorage {
  const FlutterSecureStorage({AndroidOptions? aOptions, IOSOptions? iOptions});
  external Future<String?> read({required String key});
  external Future<void> write({required String key, required String? value});
  external Future<void> delete({required String key});
  external Future<Map<String, String>> readAll();
}
