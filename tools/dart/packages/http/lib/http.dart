/// What the clients use of package:http 1.5, over dart:io.
library;

import 'dart:async';
import 'dart:convert';
import 'dart:io' as io;
import 'dart:typed_data';

class ClientException implements Exception {
  ClientException(this.message, [this.uri]);
  final String message;
  final Uri? uri;
  @override
  String toString() => 'ClientException: $message, uri=$uri';
}

class RequestAbortedException extends ClientException {
  RequestAbortedException([Uri? uri]) : super('the request was aborted', uri);
}

class ByteStream extends StreamView<List<int>> {
  ByteStream(super.stream);
  Future<Uint8List> toBytes() async {
    final all = BytesBuilder(copy: false);
    await for (final part in this) {
      all.add(part);
    }
    return all.takeBytes();
  }
}

abstract class BaseRequest {
  BaseRequest(this.method, this.url);
  final String method;
  final Uri url;
  final Map<String, String> headers = {};
  int? contentLength;
  bool _isFinal = false;
  ByteStream finalize() {
    if (_isFinal) throw StateError('sent already');
    _isFinal = true;
    return ByteStream(const Stream.empty());
  }
}

abstract mixin class Abortable implements BaseRequest {
  Future<void>? get abortTrigger;
}

class Request extends BaseRequest {
  Request(super.method, super.url);
  List<int> bodyBytes = const [];
  String get body => utf8.decode(bodyBytes);
  @override
  ByteStream finalize() {
    super.finalize();
    return ByteStream(Stream.value(bodyBytes));
  }
}

class AbortableRequest extends Request with Abortable {
  AbortableRequest(super.method, super.url, {this.abortTrigger});
  @override
  final Future<void>? abortTrigger;
}

class StreamedResponse {
  StreamedResponse(Stream<List<int>> stream, this.statusCode, {this.headers = const {}})
      : stream = stream is ByteStream ? stream : ByteStream(stream);
  final ByteStream stream;
  final int statusCode;
  final Map<String, String> headers;
}

class Response {
  Response(String body, int statusCode, {Map<String, String> headers = const {}})
      : this.bytes(utf8.encode(body), statusCode, headers: headers);
  Response.bytes(List<int> bytes, this.statusCode, {this.headers = const {}})
      : bodyBytes = Uint8List.fromList(bytes);
  static Future<Response> fromStream(StreamedResponse from) async {
    return Response.bytes(await from.stream.toBytes(), from.statusCode, headers: from.headers);
  }

  final Uint8List bodyBytes;
  final int statusCode;
  final Map<String, String> headers;
  String get body => utf8.decode(bodyBytes);
}

abstract interface class Client {
  factory Client() = _IoClient;
  Future<StreamedResponse> send(BaseRequest request);
  void close();
}

abstract class BaseClient implements Client {
  @override
  void close() {}
}

class _IoClient extends BaseClient {
  final io.HttpClient _inner = io.HttpClient();

  @override
  Future<StreamedResponse> send(BaseRequest request) async {
    final abort = request is Abortable ? request.abortTrigger : null;
    final cut = _Cut(request.url);
    unawaited(abort?.then((_) => cut.now()));
    try {
      final body = request.finalize();
      final out = await _inner.openUrl(request.method, request.url);
      cut.out = out;
      out.contentLength = (request is Request ? request.bodyBytes.length : request.contentLength) ?? -1;
      request.headers.forEach(out.headers.set);
      await out.addStream(body);
      final answer = await out.close();
      final headers = <String, String>{};
      answer.headers.forEach((name, values) => headers[name] = values.join(','));
      return StreamedResponse(cut.through(answer), answer.statusCode, headers: headers);
    } on StateError catch (error) {
      throw ClientException(error.message, request.url); // The client is closed.
    } on io.SocketException catch (error) {
      if (cut.isCut) throw RequestAbortedException(request.url);
      throw ClientException('with SocketException: ${error.message} (${error.osError})', request.url);
    } on io.HttpException catch (error) {
      if (cut.isCut) throw RequestAbortedException(request.url);
      throw ClientException(error.message, request.url);
    }
  }

  @override
  void close() => _inner.close(force: true);
}

/// Ends a request or its answer when it is aborted.
class _Cut {
  _Cut(this.url);
  final Uri url;
  io.HttpClientRequest? out;
  bool isCut = false;
  StreamSubscription<List<int>>? _reading;
  StreamController<List<int>>? _to;

  void now() {
    isCut = true;
    out?.abort(io.HttpException('aborted', uri: url));
    final to = _to;
    if (to != null && !to.isClosed) {
      _reading?.cancel();
      to.addError(RequestAbortedException(url));
      to.close();
    }
  }

  Stream<List<int>> through(io.HttpClientResponse answer) {
    if (isCut) throw RequestAbortedException(url);
    final to = _to = StreamController<List<int>>(sync: true);
    to.onListen = () {
      _reading = answer.listen(to.add, onError: (Object error) {
        to.addError(ClientException('$error', url));
        to.close();
      }, onDone: to.close, cancelOnError: true);
    };
    to.onPause = () => _reading?.pause();
    to.onResume = () => _reading?.resume();
    to.onCancel = () => _reading?.cancel();
    return to.stream;
  }
}
