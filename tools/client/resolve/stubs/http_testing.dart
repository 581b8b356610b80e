// What we use of package:http/testing.dart.
import 'package:http/http.dart';

class MockClient implements Client {
  MockClient(Future<Response> Function(Request request) handler);
}
