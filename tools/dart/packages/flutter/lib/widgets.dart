// What we use of package:flutter/widgets.dart.
class AppLifecycleListener {
  AppLifecycleListener({void Function()? onResume, void Function()? onPause});
  external void dispose();
}
