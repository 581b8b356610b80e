// What the guide uses of package:flutter_local_notifications, 18.
class FlutterLocalNotificationsPlugin {
  FlutterLocalNotificationsPlugin();
  external T? resolvePlatformSpecificImplementation<T>();
}

class AndroidFlutterLocalNotificationsPlugin {
  external Future<void> createNotificationChannel(AndroidNotificationChannel channel);
}

class AndroidNotificationChannel {
  const AndroidNotificationChannel(String id, String name, {Importance importance = Importance.defaultImportance});
}

class Importance {
  const Importance();
  static const Importance defaultImportance = Importance();
  static const Importance high = Importance();
}
