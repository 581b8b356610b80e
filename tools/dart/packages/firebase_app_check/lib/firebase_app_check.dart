// What the guide uses of package:firebase_app_check, 0.4.
class FirebaseAppCheck {
  external static FirebaseAppCheck get instance;
  external Future<void> activate({AndroidAppCheckProvider? providerAndroid, AppleAppCheckProvider? providerApple});
  external Future<String?> getToken([bool? forceRefresh]);
}

abstract class AndroidAppCheckProvider {}

class AndroidPlayIntegrityProvider implements AndroidAppCheckProvider {
  const AndroidPlayIntegrityProvider();
}

class AndroidDebugProvider implements AndroidAppCheckProvider {
  const AndroidDebugProvider({String? debugToken});
}

abstract class AppleAppCheckProvider {}

class AppleAppAttestWithDeviceCheckFallbackProvider implements AppleAppCheckProvider {
  const AppleAppAttestWithDeviceCheckFallbackProvider();
}

class AppleDebugProvider implements AppleAppCheckProvider {
  const AppleDebugProvider({String? debugToken});
}
