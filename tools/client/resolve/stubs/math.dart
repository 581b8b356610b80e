// What we use of dart:math.
external num pow(num x, num exponent);

class Random {
  Random([int? seed]);
  external factory Random.secure();
  external double nextDouble();
  external int nextInt(int max);
}
