import 'dart:convert';

import 'cursors.dart';
import 'errors.dart';
import 'generated/problems.dart';
import 'policy.dart';
import 'reading.dart';

/// The server sends much smaller events. A longer one would fill the memory.
const int _mostBytes = 8388608;

/// An event that came whole. The cursor is null where it moves nothing on.
final class ServerEvent {
  /// Of its parts.
  const ServerEvent(this.name, this.data, this.cursor, this.retry);

  /// hello, changes, beat, reset or bye.
  final String name;

  /// What it says.
  final Map<String, Object?> data;

  /// Counts once the event is whole.
  final Cursor? cursor;

  /// How long to wait after the stream.
  final Duration? retry;
}

/// Takes bytes, and gives the events in them. What has no blank line yet is not an event.
final class EventReader {
  List<int> _rest = <int>[];

  /// The events that are whole now.
  List<ServerEvent> feed(List<int> data) {
    final List<ServerEvent> events = <ServerEvent>[];
    final List<int> all = <int>[..._rest, ...data];
    int begin = 0;
    for (int index = 1; index < all.length; index++) {
      if (all[index] == 10 && all[index - 1] == 10 && index > begin) {
        final ServerEvent? event = _eventIn(utf8.decode(all.sublist(begin, index - 1)));
        if (event != null) {
          events.add(event);
        }
        begin = index + 1;
      }
    }
    _rest = all.sublist(begin);
    if (_rest.length > _mostBytes) {
      throw const MalformedAnswer('an event without an end');
    }
    return events;
  }

  ServerEvent? _eventIn(String text) {
    final Map<String, String> fields = <String, String>{};
    for (final String line in text.split('\n')) {
      final int colon = line.indexOf(':');
      if (colon > 0) {
        fields[line.substring(0, colon)] = line.substring(colon + 1).trim();
      }
    }
    final String? data = fields['data'];
    if (data == null) {
      return null; // Only a comment.
    }
    final String? cursor = fields['id'];
    final int? retry = int.tryParse(fields['retry'] ?? '');
    try {
      return ServerEvent(
        fields['event'] ?? 'message',
        asObject(jsonDecode(data)),
        cursor == null ? null : Cursor.parse(cursor),
        retry == null ? null : Duration(milliseconds: retry),
      );
    } on FormatException {
      throw const MalformedAnswer("an event's data is not JSON");
    }
  }
}

/// How long to wait before the next stream, before lists that failed, and before drafts that failed.
final class Waiting {
  /// All parts may be left out.
  Waiting({
    this.silence = const Duration(seconds: 65),
    this.polling = const Duration(seconds: 30),
    this.longest = const Duration(seconds: 60),
    this.dice = throwDice,
  });

  /// No byte for so long means a dead connection: the server sends a beat every 25 seconds.
  final Duration silence;

  /// Between two `GET /changes` where there is no room for a stream.
  final Duration polling;

  /// However often it failed.
  final Duration longest;

  /// From 0 to 1.
  final double Function() dice;

  Duration _retry = const Duration(seconds: 3);
  int _failures = 0;
  int _loadFailures = 0;
  int _sendFailures = 0;
  Duration _sendAfter = Duration.zero;
  final Stopwatch _clock = Stopwatch()..start();

  /// The server said something. `hello` ends a row of failures.
  void heard(ServerEvent event) {
    if (event.name == 'hello') {
      _failures = 0;
    }
    _retry = event.retry ?? _retry;
  }

  /// How long until the next stream, after a refusal or the reason of a `bye`.
  Duration after(LinkyError? error, String reason) {
    if (hasNoRoom(error, reason)) {
      return _spread(polling);
    }
    _failures++;
    return _doubled(_failures, error);
  }

  /// How long to wait after a row of failures. The server may ask for more.
  Duration _doubled(int failures, Exception? error) {
    Duration wait = _retry;
    for (int number = 1; number < failures && wait < longest; number++) {
      wait = wait * 2;
    }
    wait = _spread(wait > longest ? longest : wait);
    final Duration? asked = error is Problem ? error.retryAfter : null;
    return asked == null ? wait : _later(wait, asked);
  }

  /// What the server asked for, or longer: not all clients come back in the same moment.
  Duration _later(Duration wait, Duration asked) {
    final Duration spread = asked + const Duration(seconds: 2) * dice();
    return spread > wait ? spread : wait;
  }

  /// Whether the server had no room for the stream, so that `GET /changes` must do.
  bool hasNoRoom(LinkyError? error, String reason) {
    return reason == 'replaced' || (error is Problem && error.code == 'live_full');
  }

  /// How long until lists that could not be loaded are asked for again.
  Duration afterLoad(Exception error) {
    _loadFailures++;
    return _doubled(_loadFailures, error);
  }

  /// The lists were loaded, which ends a row of failures.
  void loaded() {
    _loadFailures = 0;
  }

  /// Whether drafts may go out now that the server has answered something else.
  ///
  /// It may answer and still not take what is sent, as where large uploads do not get through.
  bool maySend() => _clock.elapsed >= _sendAfter;

  /// Drafts failed again.
  void sentInVain() {
    _sendFailures++;
    _sendAfter = _clock.elapsed + _doubled(_sendFailures, null);
  }

  /// None is left, which ends a row of failures.
  void sent() {
    _sendFailures = 0;
    _sendAfter = Duration.zero;
  }

  /// Up to 30 % more or less, so that not all clients come back in the same moment.
  Duration _spread(Duration wait) => wait * (0.7 + dice() * 0.6);
}
