/// What the tests of the client use of package:test, and a runner of their suites.
library;

import 'dart:async';

class TestFailure implements Exception {
  TestFailure(this.message);
  final String message;
  @override
  String toString() => message;
}

class Matcher {
  const Matcher(this.words, this.fits);
  final String words;
  final bool Function(Object? value) fits;
}

class TypeMatcher<T> extends Matcher {
  TypeMatcher() : super('a $T', (Object? value) => value is T);
}

class _Throws extends Matcher {
  _Throws(this.inner) : super('throws ${inner.words}', (_) => false);
  final Matcher inner;
}

bool _isTrue(Object? value) => value == true;
bool _isFalse(Object? value) => value == false;
bool _isNull(Object? value) => value == null;
bool _isNotNull(Object? value) => value != null;
bool _isEmpty(Object? value) => (value as dynamic).isEmpty as bool;
bool _isNotEmpty(Object? value) => (value as dynamic).isNotEmpty as bool;
const Matcher isTrue = Matcher('true', _isTrue);
const Matcher isFalse = Matcher('false', _isFalse);
const Matcher isNull = Matcher('null', _isNull);
const Matcher isNotNull = Matcher('not null', _isNotNull);
const Matcher isEmpty = Matcher('empty', _isEmpty);
const Matcher isNotEmpty = Matcher('not empty', _isNotEmpty);
Matcher throwsA(Object? matcher) => _Throws(_matcher(matcher));
TypeMatcher<T> isA<T>() => TypeMatcher<T>();

bool _same(Object? a, Object? b) {
  if (a is List && b is List) {
    if (a.length != b.length) return false;
    for (int i = 0; i < a.length; i++) {
      if (!_same(a[i], b[i])) return false;
    }
    return true;
  }
  if (a is Map && b is Map) {
    return a.length == b.length && a.keys.every((Object? k) => b.containsKey(k) && _same(a[k], b[k]));
  }
  if (a is Set && b is Set) return a.length == b.length && a.containsAll(b);
  return a == b;
}

Matcher _matcher(Object? value) =>
    value is Matcher ? value : Matcher('$value', (Object? actual) => _same(actual, value));

void expect(Object? actual, Object? matcher, {String? reason}) {
  final Matcher wanted = _matcher(matcher);
  if (wanted is _Throws) {
    if (actual is Future<Object?>) {
      _open.add(_throws(actual, wanted));
      return;
    }
    try {
      (actual as Function)();
    } catch (error) {
      if (wanted.inner.fits(error)) return;
      throw TestFailure('threw $error, not ${wanted.inner.words}');
    }
    throw TestFailure('threw nothing, not ${wanted.inner.words}');
  }
  if (!wanted.fits(actual)) throw TestFailure('${reason ?? ''} expected ${wanted.words}, got $actual');
}

Future<void> expectLater(Object? actual, Object? matcher, {String? reason}) async {
  final Matcher wanted = _matcher(matcher);
  Object? what = actual;
  if (wanted is _Throws) {
    if (what is Function) {
      try {
        what = what();
      } catch (error) {
        what = Future<Object?>.error(error);
      }
    }
    return _throws(what! as Future<Object?>, wanted);
  }
  expect(what is Future<Object?> ? await what : what, matcher, reason: reason);
}

Future<void> _throws(Future<Object?> what, _Throws wanted) async {
  try {
    await what;
  } catch (error) {
    if (wanted.inner.fits(error)) return;
    throw TestFailure('threw $error, not ${wanted.inner.words}');
  }
  throw TestFailure('threw nothing, not ${wanted.inner.words}');
}

final List<(String, Object? Function(), Duration)> _tests = [];
final List<Future<void>> _open = [];

class Timeout {
  const Timeout(this.duration);
  final Duration duration;
}

void test(Object? description, Object? Function() body, {String? testOn, Timeout? timeout}) {
  _tests.add(('$description', body, timeout?.duration ?? const Duration(seconds: 60)));
}

final List<Object? Function()> _after = [];

/// Runs when the test has ended, the last one first.
void addTearDown(Object? Function() body) => _after.add(body);

/// Runs the tests of some suites, one after the other. Returns how many failed.
///
/// With words in [only], those whose suite or name has one of them.
Future<int> runSuites(Map<String, void Function()> suites, List<String> only) async {
  int passed = 0;
  int failed = 0;
  for (final MapEntry(key: suite, value: main) in suites.entries) {
    _tests.clear();
    main();
    final chosen = [
      for (final one in _tests)
        if (only.isEmpty || only.any((word) => suite.contains(word) || one.$1.contains(word))) one,
    ];
    if (chosen.isEmpty) continue;
    final watch = Stopwatch()..start();
    for (final (name, body, limit) in chosen) {
      final error = await _run(body, limit);
      if (error == null) {
        passed++;
      } else {
        failed++;
        print('FAILED  $suite: $name: $error');
      }
    }
    print('        $suite: ${chosen.length} tests, ${watch.elapsedMilliseconds} ms');
  }
  print('$passed passed, $failed failed');
  return failed;
}

/// What went wrong in a test, or null. An error that was not caught counts, too.
Future<String?> _run(Object? Function() body, Duration limit) async {
  String? error;
  final over = Completer<void>();
  runZonedGuarded(() async {
    try {
      await body();
      await Future.wait(_open);
    } catch (thrown, trace) {
      error ??= '$thrown\n$trace';
    }
    _open.clear();
    while (_after.isNotEmpty) {
      await _after.removeLast()();
    }
    // A turn of the loop, in which errors of futures that are not awaited come up.
    await Future<void>.delayed(Duration.zero);
    over.complete();
  }, (thrown, trace) => error ??= 'nobody caught $thrown\n$trace');
  await over.future.timeout(limit, onTimeout: () => error ??= 'took longer than $limit');
  _after.clear();
  return error;
}
