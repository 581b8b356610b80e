// What the guide uses of package:flutter_web_auth_2, 4.
class FlutterWebAuth2 {
  external static Future<String> authenticate({required String url, required String callbackUrlScheme});
}
