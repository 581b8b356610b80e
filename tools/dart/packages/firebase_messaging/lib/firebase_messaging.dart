// What the guide uses of package:firebase_messaging, 16.
class FirebaseMessaging {
  external static FirebaseMessaging get instance;
  external static Stream<RemoteMessage> get onMessage;
  external static Stream<RemoteMessage> get onMessageOpenedApp;
  external Stream<String> get onTokenRefresh;
  external Future<NotificationSettings> requestPermission({bool alert = true, bool badge = true, bool sound = true});
  external Future<NotificationSettings> getNotificationSettings();
  external Future<String?> getToken({String? vapidKey});
  external Future<RemoteMessage?> getInitialMessage();
}

enum AuthorizationStatus { authorized, denied, notDetermined, provisional }

class NotificationSettings {
  external AuthorizationStatus get authorizationStatus;
}

class RemoteMessage {
  external Map<String, Object?> get data;
}
