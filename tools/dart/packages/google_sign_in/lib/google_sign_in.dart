// What the guide uses of package:google_sign_in, 7.
class GoogleSignIn {
  external static GoogleSignIn get instance;
  external Future<void> initialize({String? clientId, String? serverClientId, String? nonce});
  external Future<GoogleSignInAccount> authenticate({List<String> scopeHint = const <String>[]});
}

class GoogleSignInAccount {
  external GoogleSignInAuthentication get authentication;
}

class GoogleSignInAuthentication {
  external String? get idToken;
}
