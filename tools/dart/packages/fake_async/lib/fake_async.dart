/// What the tests use of package:fake_async.
library;

import 'dart:async';

T fakeAsync<T>(T Function(FakeAsync async) callback) {
  final FakeAsync fake = FakeAsync._();
  return fake._zone.run(() => callback(fake));
}

class FakeAsync {
  FakeAsync._();
  Duration _now = Duration.zero;
  final List<_Timer> _timers = <_Timer>[];
  final List<void Function()> _micro = <void Function()>[];
  late final Zone _zone = Zone.current.fork(
    specification: ZoneSpecification(
      createTimer: (Zone self, ZoneDelegate parent, Zone zone, Duration after, void Function() act) {
        final _Timer timer = _Timer(this, _now + (after.isNegative ? Duration.zero : after), (_) => act());
        _timers.add(timer);
        return timer;
      },
      createPeriodicTimer: (Zone self, ZoneDelegate parent, Zone zone, Duration every, void Function(Timer) act) {
        final _Timer timer = _Timer(this, _now + every, act, every);
        _timers.add(timer);
        return timer;
      },
      scheduleMicrotask: (Zone self, ZoneDelegate parent, Zone zone, void Function() act) {
        _micro.add(() => zone.run(act));
      },
    ),
  );
  void flushMicrotasks() {
    while (_micro.isNotEmpty) {
      _micro.removeAt(0)();
    }
  }
  void elapse(Duration duration) {
    final Duration until = _now + duration;
    flushMicrotasks();
    while (true) {
      _Timer? next;
      for (final _Timer one in _timers) {
        if (one._at <= until && (next == null || one._at < next._at)) next = one;
      }
      if (next == null) break;
      _now = next._at > _now ? next._at : _now;
      next._fire();
      flushMicrotasks();
    }
    _now = until;
  }
}

class _Timer implements Timer {
  _Timer(this._fake, this._at, this._act, [this._every]);
  final FakeAsync _fake;
  Duration _at;
  final void Function(Timer) _act;
  final Duration? _every;
  int _tick = 0;
  void _fire() {
    _tick++;
    final Duration? every = _every;
    if (every == null) {
      _fake._timers.remove(this);
    } else {
      _at += every;
    }
    _act(this);
  }
  @override
  void cancel() => _fake._timers.remove(this);
  @override
  bool get isActive => _fake._timers.contains(this);
  @override
  int get tick => _tick;
}
