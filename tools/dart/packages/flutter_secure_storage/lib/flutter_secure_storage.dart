// What the guide uses of package:flutter_secure_storage, 10 and 11. Its key-chain is a file, which both
// isolates of an app see.
import 'dart:convert';
import 'dart:io';

import 'package:flutter/services.dart';

class AndroidOptions {
  const AndroidOptions({this.resetOnError = true});
  final bool resetOnError;
}

class KeychainAccessibility {
  const KeychainAccessibility();
  static const KeychainAccessibility first_unlock = KeychainAccessibility();
}

class IOSOptions {
  const IOSOptions({KeychainAccessibility? accessibility});
}

class FlutterSecureStorage {
  const FlutterSecureStorage({this.aOptions = const AndroidOptions(), IOSOptions? iOptions});
  final AndroidOptions aOptions;

  /// Not of the package: whether it can't be read for now, as a key that the phone has lost for a while.
  static bool isUnreadable = false;

  static final File _file = File('${Platform.environment['FOLDER']}/keychain.json');

  Map<String, String> _all() {
    if (RootIsolateToken.instance == null) BackgroundIsolateBinaryMessenger.instance;
    if (isUnreadable && aOptions.resetOnError && _file.existsSync()) _file.deleteSync();
    if (isUnreadable) throw const FileSystemException('a key that is not there');
    if (!_file.existsSync()) return {};
    return (jsonDecode(_file.readAsStringSync()) as Map<String, Object?>).cast();
  }

  Future<String?> read({required String key}) async => _all()[key];

  Future<void> write({required String key, required String? value}) async {
    final all = _all()..remove(key);
    _file.writeAsStringSync(jsonEncode({...all, if (value != null) key: value}));
  }

  Future<void> delete({required String key}) => write(key: key, value: null);

  Future<Map<String, String>> readAll() async => _all();
}
