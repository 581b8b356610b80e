// What we use of package:flutter/services.dart: plugins work in another isolate once it is prepared.
import 'dart:isolate';

class RootIsolateToken {
  const RootIsolateToken._();
  static RootIsolateToken? get instance => _isRoot ? const RootIsolateToken._() : null;
  static bool get _isRoot => Isolate.current.debugName == 'main';
}

class BinaryMessenger {
  const BinaryMessenger._();
}

class BackgroundIsolateBinaryMessenger {
  static BinaryMessenger? _instance;

  /// Plugins ask for it with each call, but not in the root isolate.
  static BinaryMessenger get instance =>
      _instance ?? (throw StateError('a plugin was called in an isolate that is not prepared'));

  static void ensureInitialized(RootIsolateToken token) => _instance = const BinaryMessenger._();
}
