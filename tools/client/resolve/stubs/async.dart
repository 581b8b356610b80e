// What we use of dart:async.
external void unawaited(Future<void>? future);

class Completer<T> {
  Completer();
  external bool get isCompleted;
  external Future<T> get future;
  external void complete([T? value]);
  external void completeError(Object error);
}

class MultiStreamController<T> extends StreamController<T> {
  external Object? Function()? get onCancel;
}

class Timer {
  Timer(Duration duration, void Function() callback);
  external void cancel();
}

class StreamController<T> {
  StreamController();
  external factory StreamController.broadcast();
  external Stream<T> get stream;
  external void add(T event);
  external Future<void> close();
}

class StreamSubscription<T> {
  external Future<void> cancel();
}
