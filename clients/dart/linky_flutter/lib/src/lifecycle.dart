import 'dart:async';

import 'package:flutter/widgets.dart';
import 'package:linky/linky.dart';

/// Follows the server while the app is in front, and sends what is left when it comes back: what
/// the user has sent and no answer came for, and sign-outs. What becomes of it is told by
/// `linky.drafts.changes`.
final class LinkyLifecycle {
  /// Begins to listen. [onResume] is for what the screen shows and [live] does not keep.
  LinkyLifecycle(this._linky, {Live? live, void Function()? onResume})
      : _live = live,
        _onResume = onResume {
    _listener = AppLifecycleListener(onResume: _resume, onPause: _pause);
    live?.start();
  }

  final Linky _linky;
  final Live? _live;
  final void Function()? _onResume;
  late final AppLifecycleListener _listener;

  /// Stops listening, and closes the stream.
  void dispose() {
    _listener.dispose();
    _live?.stop();
  }

  /// A phone cuts the streams of an app in the background without a word: so it is closed now.
  void _pause() {
    _live?.stop();
  }

  void _resume() {
    _live?.start(); // Catches up by `GET /changes`, then opens a stream.
    unawaited(_finish());
    _onResume?.call();
  }

  Future<void> _finish() async {
    try {
      await _linky.start();
    } on Exception {
      return; // What failed of a draft was told. There is no network yet, or the key-chain is locked. The next return tries again.
    }
  }
}
