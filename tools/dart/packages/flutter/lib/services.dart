// What we use of package:flutter/services.dart: plugins work in another isolate once it is prepared.
import 'dart:isolate';

class RootIsolateToken {
  const RootIsolateToken._();
  static RootIsolateToken? get instance => _isRoot ? const RootIsolateToken._() : null;
  static bool get _isRoot => Isolate.current.debugName == 'main';
}

class BackgroundIsolateBinaryMessenger {
  static bool _isReady = RootIsolateToken._isRoot;

  static void ensureInitialized(RootIsolateToken token) => _isReady = true;

  /// Not of Flutter: what each call of a plugin asks first.
  static void check() {
    if (!_isReady) throw StateError('a plugin was called in an isolate that is not prepared');
  }
}
