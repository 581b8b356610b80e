// What the guide uses of package:flutter/services.dart.
class RootIsolateToken {
  external static RootIsolateToken? get instance;
}

class BackgroundIsolateBinaryMessenger {
  external static void ensureInitialized(RootIsolateToken token);
}
