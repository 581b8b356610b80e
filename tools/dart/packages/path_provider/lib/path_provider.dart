// What we use of package:path_provider: a folder below that of the journeys.
import 'dart:io';

import 'package:flutter/services.dart';

Future<Directory> getApplicationSupportDirectory() async {
  if (RootIsolateToken.instance == null) BackgroundIsolateBinaryMessenger.instance;
  return Directory('${Platform.environment['FOLDER']}/support').create();
}
