// What the guide uses of package:crypto, 3.
const Hash sha256 = Hash();

class Hash {
  const Hash();
  external Digest convert(List<int> data);
}

class Digest {
  external List<int> get bytes;
}
