import 'dart:convert';

import 'package:http/http.dart' as http;
import 'package:http/testing.dart';

/// An answer with JSON.
http.Response answer(int status, Object? json, {Map<String, String>? headers}) {
  return http.Response.bytes(
    utf8.encode(jsonEncode(json)),
    status,
    headers: headers ?? const <String, String>{},
  );
}

/// A problem with a code.
http.Response problem(int status, String code, {Map<String, String>? headers}) {
  return answer(
    status,
    <String, Object?>{'status': status, 'code': code, 'title': '題', 'detail': '訳'},
    headers: headers,
  );
}

/// Tokens with a number.
Map<String, Object?> tokens(int number) {
  return <String, Object?>{
    'access_token': 'access-$number',
    'token_type': 'bearer',
    'expires_in': 1800,
    'refresh_token': 'refresh-$number',
    'refresh_expires_in': 604800,
  };
}

/// What is stored of a user who is signed in.
String storedTokens(int number, {String userId = 'u'}) {
  return jsonEncode(<String, Object?>{
    'access_token': 'access-$number',
    'refresh_token': 'refresh-$number',
    'expires_in': 1800,
    'user_id': userId,
    'is_guest': false,
  });
}

/// A server of answers by their requests, which remembers what it was asked.
final class FakeServer {
  /// Answers by a function.
  FakeServer(this.respond);

  /// Makes the answer.
  final Future<http.Response> Function(http.Request request) respond;

  /// All requests.
  final List<http.Request> requests = <http.Request>[];

  /// A client that asks it.
  http.Client client() {
    return MockClient((http.Request request) {
      requests.add(request);
      return respond(request);
    });
  }

  /// How many requests went to a path.
  int count(String path) {
    return requests.where((http.Request request) => request.url.path == path).length;
  }
}
