import 'dart:isolate';

import 'package:flutter/services.dart';

/// Does [work] in an isolate of its own, in which plugins work, too. Call `openLinky` there: both share
/// the tokens.
///
/// [work] takes along what it names, so let it be a function of a library.
Future<T> inBackground<T>(Future<T> Function() work) {
  final RootIsolateToken token = RootIsolateToken.instance!;
  return Isolate.run(() {
    BackgroundIsolateBinaryMessenger.ensureInitialized(token);
    return work();
  });
}
