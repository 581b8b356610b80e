import 'dart:async';

import 'package:flutter/widgets.dart';
import 'package:linky/linky.dart';

/// Sends what is left when the app comes back: drafts whose answers were lost, and sign-outs.
final class LinkyLifecycle {
  /// Begins to listen. [onResume] is for what the screen shows: lists to refresh.
  LinkyLifecycle(this._linky, {void Function()? onResume}) : _onResume = onResume {
    _listener = AppLifecycleListener(onResume: _resume);
  }

  final Linky _linky;
  final void Function()? _onResume;
  late final AppLifecycleListener _listener;

  /// Stops listening.
  void dispose() {
    _listener.dispose();
  }

  void _resume() {
    unawaited(_finish());
    _onResume?.call();
  }

  Future<void> _finish() async {
    try {
      await _linky.start();
    } on LinkyError {
      return; // There is no network yet. The next return tries again.
    }
  }
}
