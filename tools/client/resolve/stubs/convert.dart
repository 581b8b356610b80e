// What we use of dart:convert.
external Object? jsonDecode(String source);
external String jsonEncode(Object? object);
const Utf8Codec utf8 = Utf8Codec();

class Utf8Codec {
  const Utf8Codec();
  external String decode(List<int> bytes);
  external List<int> encode(String string);
}
