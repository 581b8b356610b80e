// What the guide uses of package:sign_in_with_apple, 7.
class SignInWithApple {
  external static Future<AuthorizationCredentialAppleID> getAppleIDCredential({
    required List<AppleIDAuthorizationScopes> scopes,
    String? nonce,
    String? state,
  });
}

class AppleIDAuthorizationScopes {
  const AppleIDAuthorizationScopes();
  static const AppleIDAuthorizationScopes email = AppleIDAuthorizationScopes();
  static const AppleIDAuthorizationScopes fullName = AppleIDAuthorizationScopes();
}

class AuthorizationCredentialAppleID {
  external String? get identityToken;
  external String get authorizationCode;
}
