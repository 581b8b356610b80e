// What we use of dart:convert.
external Object? jsonDecode(String source);
external String jsonEncode(Object? object);
const Utf8Codec utf8 = Utf8Codec();
const Base64Codec base64Url = Base64Codec();

class Utf8Codec {
  const Utf8Codec();
  external String decode(List<int> bytes);
  external List<int> encode(String string);
}

class Base64Codec {
  const Base64Codec();
  external String encode(List<int> bytes);
}
