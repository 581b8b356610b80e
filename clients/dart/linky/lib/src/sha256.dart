/// The SHA-256 of some bytes, for PKCE: so small a thing needs no package.
List<int> sha256Of(List<int> message) {
  final bytes = <int>[...message, 0x80];
  while (bytes.length % 64 != 56) {
    bytes.add(0);
  }
  final bits = message.length * 8;
  for (var shift = 56; shift >= 0; shift -= 8) {
    // Shifts of more than 31 bits differ in a browser; no message here is that long.
    bytes.add(shift > 24 ? 0 : (bits >> shift) & 0xff);
  }
  final hash = _fractionsOfRoots(8, 2);
  final constants = _constants;
  final words = List<int>.filled(64, 0);
  for (var block = 0; block < bytes.length; block += 64) {
    for (var index = 0; index < 16; index++) {
      final at = block + 4 * index;
      words[index] = _word(bytes[at] * 0x1000000 + (bytes[at + 1] << 16) + (bytes[at + 2] << 8) + bytes[at + 3]);
    }
    for (var index = 16; index < 64; index++) {
      final near = words[index - 2];
      final far = words[index - 15];
      final a = _turned(near, 17) ^ _turned(near, 19) ^ (near >> 10);
      final b = _turned(far, 7) ^ _turned(far, 18) ^ (far >> 3);
      words[index] = _word(words[index - 16] + b + words[index - 7] + a);
    }
    var [a, b, c, d, e, f, g, h] = hash;
    for (var index = 0; index < 64; index++) {
      final choice = (e & f) ^ (_word(~e) & g);
      final majority = (a & b) ^ (a & c) ^ (b & c);
      final fromE = _turned(e, 6) ^ _turned(e, 11) ^ _turned(e, 25);
      final fromA = _turned(a, 2) ^ _turned(a, 13) ^ _turned(a, 22);
      final first = _word(h + fromE + choice + constants[index] + words[index]);
      (h, g, f, e, d, c, b, a) = (g, f, e, _word(d + first), c, b, a, _word(first + fromA + majority));
    }
    for (final (index, one) in [a, b, c, d, e, f, g, h].indexed) {
      hash[index] = _word(hash[index] + one);
    }
  }
  return [
    for (final one in hash) ...[one >> 24 & 0xff, one >> 16 & 0xff, one >> 8 & 0xff, one & 0xff],
  ];
}

int _word(int number) => number & 0xffffffff;

int _turned(int word, int by) => _word((word >> by) | (word << (32 - by)));

final List<int> _constants = _fractionsOfRoots(64, 3);

/// The first 32 bits of the fractions of the roots of the first primes, exactly: by whole numbers.
List<int> _fractionsOfRoots(int many, int root) {
  final found = <int>[];
  for (var number = 2; found.length < many; number++) {
    var isPrime = true;
    for (var other = 2; other * other <= number; other++) {
      isPrime = isPrime && number % other != 0;
    }
    if (isPrime) {
      final wanted = BigInt.from(number) << (32 * root);
      var low = BigInt.zero;
      var high = BigInt.one << 40;
      while (high - low > BigInt.one) {
        final middle = (low + high) >> 1;
        if (middle.pow(root) <= wanted) {
          low = middle;
        } else {
          high = middle;
        }
      }
      found.add((low & BigInt.from(0xffffffff)).toInt());
    }
  }
  return found;
}
