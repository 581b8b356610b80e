import 'dart:math';

import 'generated/problems.dart';
import 'values.dart';

/// How long a call goes on trying.
final class RetryPolicy {
  /// All parts may be left out.
  const RetryPolicy({
    this.attempts = 4,
    this.firstWait = const Duration(milliseconds: 500),
    this.longestWait = const Duration(seconds: 20),
    this.readWithin = const Duration(seconds: 10),
    this.readSilence = const Duration(seconds: 5),
    this.timeout = const Duration(seconds: 30),
    this.dice = throwDice,
  });

  /// How often a call is sent at most.
  final int attempts;

  /// It doubles each time.
  final Duration firstWait;

  /// A longer Retry-After is the user's to decide about: the problem is thrown.
  final Duration longestWait;

  /// How long a read may take, with all its attempts: somebody looks at a screen that waits.
  final Duration readWithin;

  /// How long an attempt of a read may be without a byte. A new connection may work where a dead one
  /// does not.
  final Duration readSilence;

  /// How long an attempt of another call may take.
  final Duration timeout;

  /// From 0 to 1. It keeps all clients of a busy server from coming back at once.
  final double Function() dice;

  /// How long until the next attempt after no answer came. Null gives up.
  Duration? afterSilence(Call call, int attempt, {required bool mayHaveArrived}) {
    if (mayHaveArrived && !call.mayBeRepeated) {
      return null;
    }
    return _backoff(call, attempt);
  }

  /// How long until the next attempt after a refusal. Null gives up.
  Duration? afterProblem(Call call, int attempt, Problem problem) {
    final Duration? wait = _backoff(call, attempt);
    if (problem.code == 'idempotency_in_progress') {
      return wait;
    }
    final bool passes = const <int>[408, 429, 502, 503, 504].contains(problem.status);
    // An overloaded server refused before it did anything.
    final bool isHarmless = call.mayBeRepeated || problem.code == 'overloaded';
    final Duration? asked = problem.retryAfter;
    if (wait == null || !passes || !isHarmless) {
      return null;
    }
    if (asked == null) {
      return wait;
    }
    return asked > longestWait ? null : asked + const Duration(seconds: 2) * dice();
  }

  Duration? _backoff(Call call, int attempt) {
    if (attempt >= (call.attempts ?? attempts)) {
      return null;
    }
    final Duration wait = firstWait * pow(2, attempt - 1);
    return (wait > longestWait ? longestWait : wait) * (0.5 + dice() / 2);
  }
}

/// Whether a thing was not made, and sending the same again makes no sense.
bool isRefusal(Problem problem) {
  return const <int>[400, 404, 409, 413, 415, 422].contains(problem.status) &&
      problem.code != 'idempotency_in_progress';
}

/// Whether this attempt made nothing. Another 503 may come from a commit that broke off.
bool wasTurnedAway(Problem problem) {
  return const <int>[401, 403, 429].contains(problem.status) || problem.code == 'overloaded';
}

final Random _random = Random();

/// A number from 0 to 1.
double throwDice() => _random.nextDouble();

final Random _secure = Random.secure();

/// A random UUID, for keys and ids.
String randomId() {
  final List<int> bytes = List<int>.generate(16, (int index) => _secure.nextInt(256));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  final String hex = bytes.map<String>((int byte) => byte.toRadixString(16).padLeft(2, '0')).join();
  return '${hex.substring(0, 8)}-${hex.substring(8, 12)}-${hex.substring(12, 16)}-'
      '${hex.substring(16, 20)}-${hex.substring(20)}';
}
