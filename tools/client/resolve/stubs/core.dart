// What we use of dart:core, as declarations without bodies.
external bool identical(Object? a, Object? b);
external int identityHashCode(Object? object);
external void print(Object? object);

const Override override = Override();

class Override {
  const Override();
}

class Object {
  const Object();
  external int get hashCode;
  external Type get runtimeType;
  external String toString();
  external static int hash(Object? a, Object? b);
  external static int hashAll(Iterable<Object?> objects);
}

class Type {}

class Null {}

class Never {}

class Function {
  external Object? call();
}

class Exception {}

class FormatException implements Exception {
  const FormatException([String message = '']);
  external String get message;
}

class UnsupportedError {
  UnsupportedError(String message);
}

class num {
  external double toDouble();
  external int toInt();
  external num abs();
}

class int extends num {
  external String toRadixString(int radix);
  external static int? tryParse(String source);
  external static int parse(String source);
}

class double extends num {}

class bool {}

class String {
  external int get length;
  external bool get isEmpty;
  external bool get isNotEmpty;
  external int compareTo(String other);
  external int indexOf(String pattern, [int start = 0]);
  external bool endsWith(String other);
  external bool startsWith(String other);
  external bool contains(Object other);
  external String substring(int start, [int? end]);
  external List<String> split(String pattern);
  external String trim();
  external String padLeft(int width, [String padding = ' ']);
  external String replaceAll(Object from, String replacement);
}

class RegExp {
  RegExp(String source, {bool unicode = false});
  external bool hasMatch(String input);
}

class Iterable<E> {
  external int get length;
  external bool get isEmpty;
  external bool get isNotEmpty;
  external E get first;
  external E get last;
  external E get single;
  external bool contains(Object? element);
  external bool any(bool Function(E element) test);
  external Iterable<T> map<T>(T Function(E element) convert);
  external Iterable<E> where(bool Function(E element) test);
  external Iterable<T> whereType<T>();
  external E firstWhere(bool Function(E element) test, {E Function()? orElse});
  external Iterable<E> skip(int count);
  external Iterable<E> take(int count);
  external String join([String separator = '']);
  external List<E> toList({bool growable = true});
  external Set<E> toSet();
}

class List<E> extends Iterable<E> {
  external factory List.unmodifiable(Iterable<Object?> elements);
  external factory List.generate(int length, E Function(int index) generator, {bool growable = true});
  external E elementAtIndex(int index);
  external Iterable<E> get reversed;
  external void add(E value);
  external void clear();
  external E removeLast();
  external void insert(int index, E element);
  external int indexOf(E element, [int start = 0]);
  external List<E> sublist(int start, [int? end]);
  external void sort([int Function(E a, E b)? compare]);
}

class Set<E> extends Iterable<E> {
  external bool add(E value);
  external void addAll(Iterable<E> elements);
  external void clear();
  external bool remove(Object? value);
}

class Map<K, V> {
  external factory Map.unmodifiable(Map<Object?, Object?> other);
  external int get length;
  external bool get isEmpty;
  external bool get isNotEmpty;
  external Iterable<K> get keys;
  external Iterable<V> get values;
  external Iterable<MapEntry<K, V>> get entries;
  external V? elementAtIndex(K key);
  external bool containsKey(Object? key);
  external V? remove(Object? key);
  external void addAll(Map<K, V> other);
  external void clear();
}

class MapEntry<K, V> {
  const MapEntry(K key, V value);
  external K get key;
  external V get value;
}

class Duration {
  const Duration({int days = 0, int hours = 0, int minutes = 0, int seconds = 0, int milliseconds = 0});
  static const Duration zero = Duration();
  external int get inSeconds;
  external int get inMilliseconds;
  external Duration abs();
}

class DateTime {
  external factory DateTime.now();
  external static DateTime parse(String text);
  external static DateTime? tryParse(String text);
  external DateTime add(Duration duration);
  external DateTime toUtc();
  external DateTime add(Duration duration);
  external Duration difference(DateTime other);
  external String toIso8601String();
}

class Stopwatch {
  Stopwatch();
  external Duration get elapsed;
  external void start();
  external void reset();
}

class Uri {
  external factory Uri.https(String authority, [String path = '', Map<String, Object?>? query]);
  external static Uri parse(String uri);
  external static String encodeComponent(String component);
  external static String decodeComponent(String component);
  external Uri replace({Map<String, Object?>? queryParameters});
  external List<String> get pathSegments;
  external Map<String, String> get queryParameters;
  external String get path;
}

class Future<T> {
  external factory Future.value([T? value]);
  external factory Future.delayed(Duration duration, [T Function()? computation]);
  external static Future<T> any<T>(Iterable<Future<T>> futures);
  external static Future<List<T>> wait<T>(Iterable<Future<T>> futures);
  external Future<R> then<R>(R Function(T value) onValue);
}

class Stream<T> {
  external factory Stream.multi(
    void Function(MultiStreamController<T> controller) onListen, {
    bool isBroadcast = false,
  });
  external Future<T> get first;
  external Stream<T> skip(int count);
  external Stream<T> timeout(Duration limit);
  external StreamSubscription<T> listen(
    void Function(T event) onData, {
    void Function(Object error)? onError,
    void Function()? onDone,
    bool? cancelOnError,
  });
}
