import 'dart:async';

import 'errors.dart';
import 'reading.dart';

/// Called with the bytes sent so far, and with all bytes.
typedef Progress = void Function(int sent, int total);

/// Called for each attempt of a call.
typedef Log = void Function(LogEvent event);

/// A part of a list. A null [nextCursor] is the end; a short page is not.
final class ResultPage<T> {
  /// Made of an answer.
  const ResultPage(this.items, this.nextCursor);

  /// The items.
  final List<T> items;

  /// For the next page.
  final String? nextCursor;
}

/// Reads a page.
ResultPage<T> Function(Object?) pageOf<T>(T Function(Object?) parse) {
  return (Object? value) {
    final Map<String, Object?> json = asObject(value);
    return ResultPage<T>(
      field<List<T>>(json, 'items', listOf<T>(parse)),
      field<String?>(json, 'next_cursor', maybe<String>(asText)),
    );
  };
}

/// JSON as it came, and the position of the server's log as of which it is true.
final class Answer {
  /// Made by the transport.
  const Answer(this.json, this.asOf);

  /// The answer.
  final Object? json;

  /// A cursor; empty if the server named none.
  final String asOf;
}

/// Cancels calls: give it to them as an option, and call [cancel] when the user leaves.
final class Cancellation {
  final Completer<void> _completer = Completer<void>();

  /// Whether [cancel] was called.
  bool get isCancelled => _completer.isCompleted;

  /// Completes when [cancel] is called.
  Future<void> get cancelled => _completer.future;

  /// Ends the calls that have this cancellation.
  void cancel() {
    if (!_completer.isCompleted) {
      _completer.complete();
    }
  }

  /// Throws [Cancelled] if [cancel] was called.
  void check() {
    if (isCancelled) {
      throw const Cancelled();
    }
  }
}

/// A file to send.
final class Upload {
  /// Takes the bytes.
  const Upload(this.bytes, {this.name = 'picture'});

  /// The bytes.
  final List<int> bytes;

  /// The server ignores it.
  final String name;
}

/// What a caller may choose for one call.
final class CallOptions {
  /// All parts may be left out.
  const CallOptions({
    this.key,
    this.timeout,
    this.within,
    this.attempts,
    this.repeatable = false,
    this.progress,
    this.cancel,
    this.language,
    this.userId,
    this.onSilence,
  });

  /// The Idempotency-Key. Without one each call gets its own, so that its retries are safe.
  final String? key;

  /// How long an attempt may take. Of an upload or an export: how long it may be silent, so that no
  /// byte goes out or comes in.
  final Duration? timeout;

  /// How long the call may take, with all its attempts and the waits between them. A read ends after
  /// ten seconds, if the client was not opened with another time; other calls have no such end.
  final Duration? within;

  /// How often the call is sent at most.
  final int? attempts;

  /// Send it again after a lost answer though its method does not say that it may be.
  final bool repeatable;

  /// Hears of the progress of an upload.
  final Progress? progress;

  /// Cancels the call.
  final Cancellation? cancel;

  /// The language of errors.
  final String? language;

  /// Send it as this user only. If another one is signed in, `SignedOutError` is thrown.
  final String? userId;

  /// Hears of each attempt that the server may have carried out, though it did not say so.
  final void Function()? onSilence;

  /// The same with a key, as a user, or with another listener.
  CallOptions copyWith({String? key, String? userId, void Function()? onSilence}) {
    return CallOptions(
      key: key ?? this.key,
      timeout: timeout,
      within: within,
      attempts: attempts,
      repeatable: repeatable,
      progress: progress,
      cancel: cancel,
      language: language,
      userId: userId ?? this.userId,
      onSilence: onSilence ?? this.onSilence,
    );
  }
}

/// One request, as the generated code describes it.
final class Call {
  /// Made by the generated code.
  const Call({
    required this.operation,
    required this.method,
    required this.path,
    this.query = const <String, Object?>{},
    this.headers = const <String, String?>{},
    this.body,
    this.upload,
    this.isPublic = false,
    this.keyed = false,
    this.cached = false,
    this.options = const CallOptions(),
  });

  /// The operation's id.
  final String operation;

  /// GET, POST and so on.
  final String method;

  /// With its ids.
  final String path;

  /// What is null is not sent.
  final Map<String, Object?> query;

  /// What is null is not sent.
  final Map<String, String?> headers;

  /// The JSON body.
  final HasJson? body;

  /// The file.
  final Upload? upload;

  /// Whether it is sent without a token.
  final bool isPublic;

  /// Whether it takes an Idempotency-Key.
  final bool keyed;

  /// Whether its answer has an ETag.
  final bool cached;

  /// What the caller chose.
  final CallOptions options;

  /// Whether the server collects all of a user's data first, which may take minutes.
  bool get isExport => operation == 'export_me';

  /// Whether somebody waits for it, and nothing is lost if it is given up.
  bool get isRead => method == 'GET' && !isExport;

  /// How often it is sent at most; null for as often as any call. An export that timed out may still
  /// be under way, and a user gets one at a time.
  int? get attempts => options.attempts ?? (isExport ? 1 : null);

  /// Whether sending it twice does what sending it once does.
  bool get mayBeRepeated => method != 'POST' || keyed || options.repeatable;
}

/// What a session is made of.
final class Tokens {
  /// [expiresIn] counts from when the pair was handed out.
  const Tokens(this.accessToken, this.refreshToken, this.expiresIn, this.userId, this.isGuest);

  /// Reads what was stored.
  static Tokens parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Tokens(
      field<String>(json, 'access_token', asText),
      field<String>(json, 'refresh_token', asText),
      field<int>(json, 'expires_in', asInt),
      field<String>(json, 'user_id', asText),
      field<bool>(json, 'is_guest', asBool),
    );
  }

  /// For calls.
  final String accessToken;

  /// For new tokens; works once.
  final String refreshToken;

  /// In seconds.
  final int expiresIn;

  /// Whose they are.
  final String userId;

  /// Whether the user is a guest.
  final bool isGuest;

  /// What to store.
  Map<String, Object?> toJson() {
    return <String, Object?>{
      'access_token': accessToken,
      'refresh_token': refreshToken,
      'expires_in': expiresIn,
      'user_id': userId,
      'is_guest': isGuest,
    };
  }
}

/// Who is signed in.
sealed class AuthState {
  /// For the states below.
  const AuthState();
}

/// Before `start` has read the store.
final class NotStarted extends AuthState {
  /// Has no parts.
  const NotStarted();

  @override
  String toString() => 'NotStarted';
}

/// A user is signed in.
final class SignedInState extends AuthState {
  /// Names the user.
  const SignedInState(this.userId, {required this.isGuest});

  /// The user.
  final String userId;

  /// Whether the user is a guest.
  final bool isGuest;

  @override
  bool operator ==(Object other) {
    return other is SignedInState && other.userId == userId && other.isGuest == isGuest;
  }

  @override
  int get hashCode => Object.hash(userId, isGuest);

  @override
  String toString() => 'SignedInState: $userId${isGuest ? ', a guest' : ''}';
}

/// No user is signed in. [code] says why; it is empty if the user signed out.
final class SignedOutState extends AuthState {
  /// Says why.
  const SignedOutState(this.code, {this.isUnread = false});

  /// The [code] after the user has left: the account is deleted, and nothing of it is on the device.
  static const String left = 'left';

  /// Why the server ended the session, such as `session_revoked`, or [left].
  final String code;

  /// Whether the store could not be read yet, so that a user may be signed in after all.
  ///
  /// Ask before you enter as a guest unasked: any sign-in writes over the tokens that are there.
  final bool isUnread;

  @override
  bool operator ==(Object other) {
    return other is SignedOutState && other.code == code && other.isUnread == isUnread;
  }

  @override
  int get hashCode => Object.hash(code, isUnread);

  @override
  String toString() => 'SignedOutState: $code${isUnread ? 'the store could not be read' : ''}';
}

/// The account is suspended: show [detail]. The tokens stay, for when the suspension ends.
final class SuspendedState extends AuthState {
  /// Made of the server's answer.
  const SuspendedState(this.userId, this.detail, this.appealUrl);

  /// The user.
  final String userId;

  /// The reason, in the user's language.
  final String detail;

  /// Where the user can appeal; empty if the server names no place.
  final String appealUrl;

  @override
  bool operator ==(Object other) {
    return other is SuspendedState && other.userId == userId && other.detail == detail;
  }

  @override
  int get hashCode => Object.hash(userId, detail);

  @override
  String toString() => 'SuspendedState: $userId';
}

/// One attempt of a call, for a log. It holds no token, no text and no query.
final class LogEvent {
  /// Made by the transport.
  const LogEvent({
    required this.operation,
    required this.method,
    required this.path,
    required this.attempt,
    required this.took,
    required this.status,
    required this.code,
    required this.requestId,
    required this.retryIn,
  });

  /// The operation's id.
  final String operation;

  /// GET, POST and so on.
  final String method;

  /// With its ids.
  final String path;

  /// 1 for the first.
  final int attempt;

  /// How long it took.
  final Duration took;

  /// Null if no answer came.
  final int? status;

  /// The problem's code, or what cut the connection.
  final String code;

  /// The server's name for the request.
  final String requestId;

  /// When the next attempt follows; null if none does.
  final Duration? retryIn;

  @override
  String toString() =>
      '$method $path: ${status ?? 'no answer'} $code, attempt $attempt, ${took.inMilliseconds} ms, $requestId';
}
