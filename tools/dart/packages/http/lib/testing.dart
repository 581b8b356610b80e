/// What the tests use of package:http/testing.dart.
library;

import 'http.dart';

class MockClient extends BaseClient {
  MockClient(this._handler);
  final Future<Response> Function(Request request) _handler;
  @override
  Future<StreamedResponse> send(BaseRequest request) async {
    final whole = Request(request.method, request.url);
    whole.headers.addAll(request.headers);
    whole.bodyBytes = await request.finalize().toBytes();
    final answer = await _handler(whole);
    return StreamedResponse(Stream.value(answer.bodyBytes), answer.statusCode, headers: answer.headers);
  }
}
