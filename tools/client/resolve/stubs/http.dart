// What we use of package:http/http.dart, 1.2.
class ClientException implements Exception {
  ClientException(String message, [Uri? uri]);
}

class Client {
  external factory Client();
  external Future<StreamedResponse> send(BaseRequest request);
  external void close();
}

class BaseClient implements Client {
  BaseClient();
  external Future<StreamedResponse> send(BaseRequest request);
  external void close();
}

class ByteStream extends Stream<List<int>> {
  ByteStream(Stream<List<int>> stream);
}

class BaseRequest {
  BaseRequest(String method, Uri url);
  external String get method;
  external Uri get url;
  external Map<String, String> get headers;
  int? contentLength;
  external ByteStream finalize();
}

class Request extends BaseRequest {
  Request(String method, Uri url);
  List<int> bodyBytes = const <int>[];
  external String get body;
}

class StreamedResponse {
  StreamedResponse(Stream<List<int>> stream, int statusCode, {Map<String, String> headers = const <String, String>{}});
  external int get statusCode;
  external Map<String, String> get headers;
  external ByteStream get stream;
}

class Response {
  Response(String body, int statusCode, {Map<String, String> headers = const <String, String>{}});
  Response.bytes(List<int> bodyBytes, int statusCode, {Map<String, String> headers = const <String, String>{}});
  external static Future<Response> fromStream(StreamedResponse response);
  external int get statusCode;
  external Map<String, String> get headers;
  external List<int> get bodyBytes;
  external String get body;
}
