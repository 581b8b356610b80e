// What we use of package:fake_async, 1.3.
external T fakeAsync<T>(T Function(FakeAsync async) callback);

class FakeAsync {
  external void elapse(Duration duration);
}
