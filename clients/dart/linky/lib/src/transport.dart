import 'dart:async';
import 'dart:convert';

import 'package:http/http.dart' as http;

import 'errors.dart';
import 'generated/problems.dart';
import 'lost_answers.dart';
import 'policy.dart';
import 'reading.dart';
import 'silence.dart';
import 'values.dart';

const int _chunkBytes = 65536;

/// How long no byte may go out or come in while a picture goes out, before the attempt is given up.
/// It may wait 45 seconds for its turn on the server.
const Duration uploadTimeout = Duration(seconds: 120);

/// The same once all of it was handed over. A browser, and the buffers of a phone, take a picture
/// whole and send it later: the server gives it 45 seconds to wait, and then 200 to come in.
const Duration uploadedTimeout = Duration(seconds: 260);

/// The server collects all of a user's data before it sends any of it.
const Duration exportTimeout = Duration(minutes: 10);

/// Answers with an ETag that are kept, for a 304.
const int _remembered = 200;

/// The tag of what such a call answers with is for the next change.
const Set<String> _changing = <String>{'PATCH', 'PUT', 'DELETE'};

/// New tokens for a call. A server whose clock is off refuses each one: that must end.
const int _maxRefreshes = 2;

const String _boundary = 'linky-7f3c1d09a6b24e58';

/// Gives a token of Firebase App Check, or null. An app wraps `FirebaseAppCheck.instance.getToken`.
typedef AppCheck = Future<String?> Function();

/// What the transport asks of the session.
abstract interface class TokenSource {
  /// The token for the next call. Throws [SignedOutError] if no user is signed in.
  Future<String> accessToken();

  /// The same with its user. With a [userId] another user's are none.
  Future<Tokens> tokensFor(String? userId);

  /// Whether there is another token to try after one was refused.
  Future<bool> renew(String refused, String code);

  /// Shows that the account is suspended.
  Future<void> noteSuspension(Problem problem);
}

/// When a call ends though no answer came: its caller has cancelled it, or its time is over.
final class _Ending {
  _Ending(this.call, Duration? within, this.attempt) : _within = within {
    if (within != null) {
      _timer = Timer(within, () => _end(null));
    }
    unawaited(call.options.cancel?.cancelled.then((_) => _end(const Cancelled())));
  }

  final Call call;
  final _Attempt attempt;
  final Duration? _within;
  final Stopwatch _watch = Stopwatch()..start();
  final Completer<void> _over = Completer<void>();
  LinkyError? _error;
  Timer? _timer;

  void _end(LinkyError? error) {
    if (!_over.isCompleted) {
      _error = error;
      _over.complete();
    }
  }

  /// What comes first. Throws if that is the end.
  Future<T> or<T>(Future<T> other, {bool mayArrive = false}) => Future.any([
        other,
        _over.future.then((_) => throw _error ?? _tooLate(mayArrive)),
      ]);

  /// Completes with the end.
  Future<void> get over => _over.future;

  /// Whether there is no time for another attempt after such a wait.
  bool isPast(Duration wait) {
    final within = _within;
    return within != null && _watch.elapsed + wait >= within;
  }

  LinkyError _tooLate(bool mayArrive) {
    return Unreachable(
      '${call.operation}: no answer within ${_within?.inMilliseconds} ms',
      mayHaveArrived: mayArrive || attempt.mayHaveArrived,
    );
  }

  void dispose() => _timer?.cancel();
}

final class _Attempt {
  int number = 0;
  int refreshes = 0;
  bool mayHaveArrived = false;
  String? userId;
  final Stopwatch watch = Stopwatch();

  /// The server may have done what it was asked, and did not say so.
  void wentUnanswered(Call call) {
    mayHaveArrived = true;
    call.options.onSilence?.call();
  }
}

/// One attempt, which is given up when no byte has gone out or come in for too long.
///
/// With [isWhole] the limit holds for all of it: a proxy may send a byte now and then without an end.
final class _Pulse {
  _Pulse(this._limit, {required this.isWhole}) {
    _wait();
  }

  final bool isWhole;
  Duration _limit;
  Timer? _timer;
  bool _isOver = false;
  final Completer<void> _silence = Completer<void>();

  /// Completes when it was quiet for too long.
  Future<void> get silence => _silence.future;

  /// A byte has gone out or come in. With a [limit] it may be quiet for so long from now on.
  ///
  /// Throws [Silence] once the attempt is over: what is left of it is not sent beside the next one.
  void beat([Duration? limit]) {
    if (_isOver) {
      throw const Silence('given up', mayHaveArrived: true);
    }
    if (isWhole) {
      return;
    }
    _limit = limit ?? _limit;
    _wait();
  }

  /// Ends the attempt.
  void stop() {
    _isOver = true;
    _timer?.cancel();
  }

  void _wait() {
    _timer?.cancel();
    _timer = Timer(_limit, _giveUp);
  }

  void _giveUp() {
    _isOver = true;
    _silence.complete();
  }
}

final class _Seen {
  const _Seen(this.etag, this.json);

  final String etag;
  final Object? json;
}

/// Sends calls to one server: tokens, retries, time-outs, what was seen before, and logs.
final class Transport {
  /// Calls a server by its address.
  Transport(
    String baseUrl, {
    http.Client? client,
    this.policy = const RetryPolicy(),
    this.language = 'ja',
    this.appCheck,
    this.log,
  })  : _baseUrl = baseUrl.endsWith('/') ? baseUrl.substring(0, baseUrl.length - 1) : baseUrl,
        _http = client ?? http.Client();

  final String _baseUrl;
  final http.Client _http;

  /// When a call is sent again.
  final RetryPolicy policy;

  /// The language of errors from now on: `ja` or `en`.
  String language;

  /// Gives the token of App Check for each call, if the app has it.
  final AppCheck? appCheck;

  /// Hears of each attempt.
  final Log? log;

  final Map<String, _Seen> _seen = <String, _Seen>{};
  TokenSource? _tokens;

  /// Takes tokens from a session.
  void useTokensOf(TokenSource tokens) {
    _tokens = tokens;
  }

  /// Closes the connections.
  void close() {
    _http.close();
  }

  /// Forgets what was read: another user may see something else.
  void forget() {
    _seen.clear();
  }

  /// The ETag with which a path was last read or changed, for `ifMatch`.
  String? etagOf(String path) => _seen[path]?.etag;

  /// Sends a call and reads its answer.
  Future<T> call<T>(Call call, T Function(Object?) parse) async {
    final _Seen? seen = call.cached ? _seen[call.path] : null;
    final http.Response response = await _answer(call, seen?.etag);
    if (seen != null && response.statusCode == 304) {
      return parse(seen.json);
    }
    final Object? json = _jsonIn(response, call);
    final T value = _parsed(call, json, parse);
    final String? etag = response.headers['etag'];
    if (etag != null && (call.cached || _changing.contains(call.method))) {
      _remember(thingOf(call), _Seen(etag, json));
    }
    return value;
  }

  T _parsed<T>(Call call, Object? json, T Function(Object?) parse) {
    try {
      return parse(json);
    } on MalformedAnswer catch (error) {
      throw MalformedAnswer('${call.operation}: ${error.message}');
    }
  }

  /// Keeps what was read, or what a change made of it.
  void _remember(String path, _Seen seen) {
    _seen.remove(path);
    _seen[path] = seen;
    if (_seen.length > _remembered) {
      _seen.remove(_seen.keys.first);
    }
  }

  /// Sends a call; returns its JSON as it is, and as of which position it is true.
  Future<Answer> read(Call call) async {
    final http.Response response = await _answer(call, null);
    return Answer(_jsonIn(response, call), response.headers['linky-as-of'] ?? '');
  }

  /// Opens an answer that goes on. Cancel its stream to close it.
  Future<http.StreamedResponse> stream(Call call) async {
    final _Attempt attempt = _Attempt();
    while (true) {
      attempt.number++;
      final String token = await _source().accessToken();
      final http.Request request = _jsonRequest(call);
      request.headers.addAll(await _headersOf(call, null));
      request.headers['Accept'] = 'text/event-stream';
      request.headers['Authorization'] = 'Bearer $token';
      attempt.watch.reset();
      attempt.watch.start();
      final http.StreamedResponse streamed =
          await _opened<http.StreamedResponse>(call, () => _http.send(request));
      if (streamed.statusCode == 200) {
        return streamed;
      }
      final http.Response response =
          await _opened<http.Response>(call, () => http.Response.fromStream(streamed));
      final Problem problem = problemIn(response);
      if (!await _renewed(attempt, token, problem)) {
        _note(call, attempt, response, problem.code, null);
        if (problem is AccountSuspendedProblem) {
          await _source().noteSuspension(problem);
        }
        throw problem;
      }
    }
  }

  Future<T> _opened<T>(Call call, Future<T> Function() ask) async {
    try {
      return await _heard<T>(ask, _Pulse(policy.readWithin, isWhole: true));
    } on Silence catch (silence) {
      throw Unreachable(
        '${call.operation}: ${silence.what}',
        mayHaveArrived: silence.mayHaveArrived,
      );
    }
  }

  /// What the network gives in time. Throws [Silence] if that is nothing, for whatever reason:
  /// package:http wraps some errors of dart:io, but not those of TLS.
  Future<T> _heard<T>(Future<T> Function() ask, _Pulse pulse) async {
    try {
      final List<Future<T>> either = <Future<T>>[ask(), _silent<T>(pulse)];
      return await Future.any(either);
    } on LinkyError {
      rethrow; // The caller cancelled it.
    } on Silence {
      rethrow;
    } on Exception catch (error) {
      throw silenceOf(error);
    } finally {
      pulse.stop();
    }
  }

  Future<T> _silent<T>(_Pulse pulse) async {
    await pulse.silence;
    throw const Silence('timeout', mayHaveArrived: true);
  }

  /// Sends a call that answers nothing.
  Future<void> send(Call call) async {
    await _answer(call, null);
  }

  /// Sends a call that answers with a file.
  Future<List<int>> fetch(Call call) async {
    final http.Response response = await _answer(call, null);
    return response.bodyBytes;
  }

  Object? _jsonIn(http.Response response, Call call) {
    try {
      return jsonDecode(utf8.decode(response.bodyBytes));
    } on FormatException {
      throw MalformedAnswer('${call.operation}: the answer is not JSON');
    }
  }

  /// Sends a call until it is answered, until its end, or until it makes no sense to go on.
  Future<http.Response> _answer(Call call, String? etag) async {
    final attempt = _Attempt();
    final within = call.options.within ?? (call.isRead ? policy.readWithin : null);
    final ending = _Ending(call, within, attempt);
    try {
      return await _answerBefore(ending, call, etag, attempt);
    } finally {
      ending.dispose();
    }
  }

  Future<http.Response> _answerBefore(
    _Ending ending,
    Call call,
    String? etag,
    _Attempt attempt,
  ) async {
    call.options.cancel?.check();
    final headers = await ending.or(_headersOf(call, etag));
    while (true) {
      attempt.number++;
      call.options.cancel?.check();
      final String? token = call.isPublic ? null : await ending.or(_tokenFor(call, attempt));
      attempt.watch.reset();
      attempt.watch.start();
      Duration wait = Duration.zero;
      http.Response? response;
      try {
        response = await _once(ending, call, headers, token);
      } on Silence catch (silence) {
        wait = _afterSilence(ending, call, attempt, silence);
      }
      if (response != null) {
        final int status = response.statusCode;
        if (status < 300 || status == 304) {
          _note(call, attempt, response, '', null);
          return response;
        }
        final Problem problem = problemIn(response);
        final http.Response? done = await _doneBefore(call, attempt, problem);
        if (done != null) {
          _note(call, attempt, response, problem.code, null);
          return done;
        }
        if (token == null || !await ending.or(_renewed(attempt, token, problem))) {
          wait = await _afterProblem(ending, call, attempt, response, problem);
        }
      }
      if (wait > Duration.zero) {
        await ending.or(Future<void>.delayed(wait));
      }
    }
  }

  /// The answer that was lost, where a refusal says that an attempt before had worked.
  Future<http.Response?> _doneBefore(Call call, _Attempt attempt, Problem problem) async {
    if (!attempt.mayHaveArrived) {
      return null;
    }
    final Map<String, Object?>? lost = lostAnswer(call, problem);
    if (lost != null) {
      return http.Response.bytes(utf8.encode(jsonEncode(lost)), 200);
    }
    final String? path = pathToRead(call, problem);
    if (path == null) {
      return null;
    }
    final Call reading = Call(
      operation: call.operation,
      method: 'GET',
      path: path,
      options: call.options.copyWith(userId: attempt.userId), // No other user reads it.
    );
    try {
      final http.Response response = await _answer(reading, null);
      return isAsWanted(call, asObject(_jsonIn(response, reading))) ? response : null;
    } on LinkyError {
      return null; // What is there can't be read, so the refusal holds.
    }
  }

  /// A token of the user who began the call. Who signs in meanwhile does not go on with it.
  Future<String> _tokenFor(Call call, _Attempt attempt) async {
    final Tokens tokens = await _source().tokensFor(attempt.userId ?? call.options.userId);
    attempt.userId = tokens.userId;
    return tokens.accessToken;
  }

  TokenSource _source() {
    final TokenSource? tokens = _tokens;
    if (tokens == null) {
      throw const SignedOutError('');
    }
    return tokens;
  }

  Future<Map<String, String>> _headersOf(Call call, String? etag) async {
    final Map<String, String> headers = <String, String>{
      'Accept': 'application/json',
      'Accept-Language': call.options.language ?? language,
    };
    if (call.keyed) {
      headers['Idempotency-Key'] = call.options.key ?? randomId();
    }
    if (etag != null) {
      headers['If-None-Match'] = etag;
    }
    final appToken = await _appToken();
    if (appToken != null) {
      headers['X-Firebase-AppCheck'] = appToken;
    }
    for (final MapEntry<String, String?> entry in call.headers.entries) {
      final String? value = entry.value;
      if (value != null) {
        headers[entry.key] = value;
      }
    }
    return headers;
  }

  /// A call goes on without a token that can't be had: the server decides.
  Future<String?> _appToken() async {
    try {
      return await appCheck?.call();
    } on Exception {
      return null;
    }
  }

  /// Sends it once. What is given up is ended, so that it does not go on beside the next attempt.
  Future<http.Response> _once(
    _Ending ending,
    Call call,
    Map<String, String> headers,
    String? token,
  ) async {
    final upload = call.upload;
    final isWhole = upload == null && !call.isExport && !call.isRead;
    final pulse = _Pulse(_limitOf(call), isWhole: isWhole);
    final abort = Completer<void>();
    final request = upload == null
        ? _jsonRequest(call, abort.future)
        : _FormRequest(call, upload, pulse, _uriOf(call), abort.future);
    request.headers.addAll(headers);
    if (token != null) {
      request.headers['Authorization'] = 'Bearer $token';
    }
    try {
      final answer = _heard<http.Response>(() => _received(request, pulse), pulse);
      return await ending.or(answer, mayArrive: true);
    } catch (_) {
      pulse.stop();
      abort.complete();
      rethrow;
    }
  }

  /// How long an attempt may take, or be silent.
  Duration _limitOf(Call call) {
    return call.options.timeout ??
        switch (call) {
          Call(isExport: true) => exportTimeout,
          Call(isRead: true) => policy.readSilence,
          Call(upload: null) => policy.timeout,
          _ => uploadTimeout,
        };
  }

  Future<http.Response> _received(http.BaseRequest request, _Pulse pulse) async {
    final http.StreamedResponse streamed = await _http.send(request);
    final http.StreamedResponse heard = http.StreamedResponse(
      _parts(streamed, pulse),
      streamed.statusCode,
      headers: streamed.headers,
    );
    return http.Response.fromStream(heard);
  }

  Stream<List<int>> _parts(http.StreamedResponse streamed, _Pulse pulse) async* {
    await for (final List<int> part in streamed.stream) {
      pulse.beat();
      yield part;
    }
  }

  http.Request _jsonRequest(Call call, [Future<void>? abort]) {
    final request = http.AbortableRequest(call.method, _uriOf(call), abortTrigger: abort);
    final HasJson? body = call.body;
    if (body != null) {
      request.headers['Content-Type'] = 'application/json';
      request.bodyBytes = utf8.encode(jsonEncode(body.toJson()));
    }
    return request;
  }

  /// The whole address of a path.
  Uri uriOf(String path, Map<String, String> query) {
    final uri = Uri.parse('$_baseUrl$path');
    return query.isEmpty ? uri : uri.replace(queryParameters: query);
  }

  Uri _uriOf(Call call) {
    final Map<String, String> query = <String, String>{};
    for (final MapEntry<String, Object?> entry in call.query.entries) {
      if (entry.value != null) {
        query[entry.key] = '${jsonOf(entry.value)}';
      }
    }
    return uriOf(call.path, query);
  }

  /// How long to wait after no answer came. Throws [Unreachable] to give up.
  Duration _afterSilence(_Ending ending, Call call, _Attempt attempt, Silence silence) {
    if (silence.mayHaveArrived) {
      attempt.wentUnanswered(call);
    }
    final bool mayHaveArrived = attempt.mayHaveArrived;
    final Duration? wait =
        policy.afterSilence(call, attempt.number, mayHaveArrived: mayHaveArrived);
    _note(call, attempt, null, silence.what, wait);
    if (wait == null || ending.isPast(wait)) {
      throw Unreachable('${call.operation}: ${silence.what}', mayHaveArrived: mayHaveArrived);
    }
    return wait;
  }

  /// How long to wait after a refusal. Throws the problem to give up.
  Future<Duration> _afterProblem(
    _Ending ending,
    Call call,
    _Attempt attempt,
    http.Response response,
    Problem problem,
  ) async {
    if (problem is AccountSuspendedProblem && !call.isPublic) {
      await _source().noteSuspension(problem);
    }
    final Duration? wait = policy.afterProblem(call, attempt.number, problem);
    _note(call, attempt, response, problem.code, wait);
    if (wait == null || ending.isPast(wait)) {
      throw problem;
    }
    final bool isUnknown = const <int>[408, 502, 503, 504].contains(problem.status);
    if (isUnknown && problem.code != 'overloaded') {
      attempt.wentUnanswered(call);
    }
    return wait;
  }

  /// Whether there is another token to try, after one was refused.
  Future<bool> _renewed(_Attempt attempt, String token, Problem problem) async {
    if (problem.status != 401 || attempt.refreshes >= _maxRefreshes) {
      return false;
    }
    attempt.refreshes++;
    return _source().renew(token, problem.code);
  }

  void _note(
    Call call,
    _Attempt attempt,
    http.Response? response,
    String code,
    Duration? retryIn,
  ) {
    final Log? listener = log;
    if (listener == null) {
      return;
    }
    listener(
      LogEvent(
        operation: call.operation,
        method: call.method,
        path: call.path,
        attempt: attempt.number,
        took: attempt.watch.elapsed,
        status: response?.statusCode,
        code: code,
        requestId: response?.headers['x-request-id'] ?? '',
        retryIn: retryIn,
      ),
    );
  }
}

/// A multipart form with one file, in pieces: between two of them the caller hears of the
/// progress and may cancel, and it ends if its attempt was given up.
final class _FormRequest extends http.BaseRequest with http.Abortable {
  _FormRequest(this.call, this.upload, this.pulse, Uri url, this.abortTrigger)
      : super(call.method, url) {
    headers['Content-Type'] = 'multipart/form-data; boundary=$_boundary';
    contentLength = _begin().length + upload.bytes.length + _end().length;
  }

  final Call call;
  final Upload upload;
  final _Pulse pulse;

  @override
  final Future<void>? abortTrigger;

  List<int> _begin() {
    final String name = upload.name.replaceAll(RegExp('[^A-Za-z0-9._-]'), '');
    return utf8.encode(
      '--$_boundary\r\n'
      'Content-Disposition: form-data; name="file"; filename="${name.isEmpty ? 'file' : name}"\r\n'
      'Content-Type: application/octet-stream\r\n\r\n',
    );
  }

  List<int> _end() => utf8.encode('\r\n--$_boundary--\r\n');

  @override
  http.ByteStream finalize() {
    super.finalize();
    return http.ByteStream(_chunks());
  }

  Stream<List<int>> _chunks() async* {
    final int total = upload.bytes.length;
    yield _begin();
    pulse.beat();
    for (int start = 0; start < total; start += _chunkBytes) {
      call.options.cancel?.check();
      final int end = start + _chunkBytes < total ? start + _chunkBytes : total;
      yield upload.bytes.sublist(start, end);
      pulse.beat();
      call.options.progress?.call(end, total);
    }
    pulse.beat(call.options.timeout ?? uploadedTimeout);
    yield _end();
  }
}

/// The problem in an answer. A proxy's page becomes an [UnknownProblem].
Problem problemIn(http.Response response) {
  Map<String, Object?> body = <String, Object?>{};
  try {
    final Object? json = jsonDecode(utf8.decode(response.bodyBytes));
    if (json is Map<String, Object?>) {
      body = json;
    }
  } on FormatException {
    body = <String, Object?>{};
  }
  final String? asOf = response.headers['linky-as-of'];
  if (asOf != null) {
    body['as_of'] = asOf; // As of when something is not there.
  }
  final int? seconds = int.tryParse(response.headers['retry-after'] ?? '');
  final Duration? retryAfter = seconds == null ? null : Duration(seconds: seconds);
  final String requestId = response.headers['x-request-id'] ?? textIn(body, 'request_id');
  return Problem.of(response.statusCode, body, retryAfter, requestId);
}
