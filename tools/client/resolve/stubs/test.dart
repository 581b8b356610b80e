// What we use of package:test/test.dart.
external void test(Object? description, Object? Function() body, {String? testOn});
external void expect(Object? actual, Object? matcher, {String? reason});
external Future<void> expectLater(Object? actual, Object? matcher, {String? reason});
external Matcher throwsA(Object? matcher);
external TypeMatcher<T> isA<T>();
const Matcher isTrue = Matcher();
const Matcher isFalse = Matcher();
const Matcher isNull = Matcher();

class Matcher {
  const Matcher();
}

class TypeMatcher<T> extends Matcher {}
