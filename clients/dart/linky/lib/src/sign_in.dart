import 'dart:convert';
import 'dart:math';

import 'client.dart';
import 'errors.dart';
import 'generated/enums.dart';
import 'generated/models.dart';
import 'generated/problems.dart';
import 'session.dart';
import 'sha256.dart';
import 'values.dart';

/// A provider's SDK gave no ID token: its set-up lacks something, such as Google's `serverClientId` or
/// LINE's scope `openid`. It is nothing that a user can mend.
final class NoIdToken extends LinkyError {
  /// Names the provider.
  const NoIdToken(this.provider);

  /// Whose SDK it is.
  final SocialProvider provider;

  @override
  String toString() => 'NoIdToken: the SDK of $provider gave no ID token';
}

/// The provider's page came back without a code: the user refused, or the provider failed.
final class SignInRefused extends LinkyError {
  /// Says why.
  const SignInRefused(this.error, this.description);

  /// `access_denied` if the user went back.
  final String error;

  /// In words, for logs.
  final String description;

  @override
  String toString() => 'SignInRefused: $error $description';
}

/// Signing in by LINE, Google and Apple, and proving it again.
extension SignIn on Linky {
  /// Signs in with what the provider's SDK gave, and keeps the session.
  ///
  /// A guest becomes a member with the same id. If the person has an account already, that is
  /// `IdentityTakenProblem`: ask, and sign in again with [keepsGuest] false and a new token.
  /// Throws [NoIdToken] if the SDK gave none.
  Future<Me> signInWith(
    SocialProvider provider, {
    required String? idToken,
    String? nonce,
    String? authorizationCode,
    bool keepsGuest = true,
  }) async {
    if (idToken == null || idToken.isEmpty) {
      throw NoIdToken(provider);
    }
    final form = NativeSignIn(idToken: idToken, nonce: nonce, authorizationCode: authorizationCode);
    final answer = keepsGuest && _isGuest
        ? await auth.upgradeGuestWithProvider(provider, form)
        : await auth.signInWithProvider(provider, form);
    return session.adopt(answer);
  }

  /// Registers by an address and a password, and keeps the session. A guest keeps the id.
  Future<Me> register(Register form) async {
    return _isGuest ? session.adopt(await auth.upgradeGuest(form)) : session.register(form);
  }

  /// Deletes the account, and forgets its user on this device at once: see [LinkySession.leave].
  Future<Leaving> leave({Leave? body, CallOptions? options}) => session.leave(body: body, options: options);

  bool get _isGuest {
    final state = session.state;
    return state is SignedInState && state.isGuest;
  }

  /// Signs in by the provider's page, and keeps the session.
  ///
  /// [open] shows the page in a browser tab, and returns the link that it ended with, as
  /// `FlutterWebAuth2.authenticate` does. Throws [SignInRefused] if that has no code.
  Future<Me> signInInBrowser(
    SocialProvider provider, {
    required String redirectUri,
    required Future<String> Function(Uri page) open,
  }) async {
    final exchange = await _askInBrowser(provider, redirectUri, open);
    return session.adopt(await auth.exchangeOauthCode(exchange));
  }

  Future<Exchange> _askInBrowser(
    SocialProvider provider,
    String redirectUri,
    Future<String> Function(Uri page) open,
  ) async {
    final verifier = _secret();
    final state = _secret();
    final page = transport.uriOf('/api/v1/auth/oauth/${provider.value}/authorize', {
      'redirect_uri': redirectUri,
      'state': state,
      'code_challenge': _unpadded(sha256Of(utf8.encode(verifier))),
      'code_challenge_method': 'S256',
    });
    final answer = Uri.parse(await open(page)).queryParameters;
    final code = answer['code'];
    if (answer['state'] != state) {
      throw const SignInRefused('state', 'the answer to another sign-in');
    }
    if (code == null) {
      throw SignInRefused(answer['error'] ?? '', answer['error_description'] ?? '');
    }
    return Exchange(code: code, codeVerifier: verifier);
  }

  /// Does what needs a fresh proof: linking a way to sign in, another address, leaving.
  ///
  /// If the server asks for one, [ask] lets the user sign in again: by the password, or with
  /// [proofBySdk] or [proofInBrowser]. Null is no. Then the server gets the proof, and the call is
  /// repeated. A wrong password is `WrongPasswordProblem`: ask again.
  Future<T> proving<T>(Future<T> Function() call, {required Future<Proof?> Function() ask}) async {
    try {
      return await call();
    } on ProofRequiredProblem {
      final proof = await ask();
      if (proof == null) {
        throw const Cancelled();
      }
      await auth.proveSession(proof);
      return await call();
    }
  }

  /// A proof by what the provider's SDK gave.
  Proof proofBySdk(SocialProvider provider, {required String? idToken, String? nonce}) {
    if (idToken == null || idToken.isEmpty) {
      throw NoIdToken(provider);
    }
    return Proof(provider: provider, idToken: idToken, nonce: nonce);
  }

  /// A proof by the provider's page.
  Future<Proof> proofInBrowser(
    SocialProvider provider, {
    required String redirectUri,
    required Future<String> Function(Uri page) open,
  }) async {
    final exchange = await _askInBrowser(provider, redirectUri, open);
    return Proof(code: exchange.code, codeVerifier: exchange.codeVerifier);
  }
}

String _secret() {
  final dice = Random.secure();
  return _unpadded(List<int>.generate(32, (_) => dice.nextInt(256)));
}

String _unpadded(List<int> bytes) => base64Url.encode(bytes).replaceAll('=', '');
