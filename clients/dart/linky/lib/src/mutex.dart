import 'dart:async';

/// Runs one thing at a time, in the order in which they were asked for.
final class Mutex {
  Future<void> _last = Future<void>.value();

  /// Runs the body when all bodies before it have ended.
  Future<T> run<T>(Future<T> Function() body) async {
    final Future<void> before = _last;
    final Completer<void> done = Completer<void>();
    _last = done.future;
    await before;
    try {
      return await body();
    } finally {
      done.complete();
    }
  }
}
