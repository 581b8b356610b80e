// What the guide uses of package:flutter_line_sdk, 2.7.
class LineSDK {
  external static LineSDK get instance;
  external Future<void> setup(String channelId);
  external Future<LoginResult> login({List<String> scopes = const <String>[], LoginOption? option});
}

class LoginOption {
  LoginOption(bool onlyWebLogin, String botPrompt, {int requestCode = 8192});
  String? idTokenNonce;
}

class LoginResult {
  external LineAccessToken get accessToken;
}

class LineAccessToken {
  external String? get idTokenRaw;
}
