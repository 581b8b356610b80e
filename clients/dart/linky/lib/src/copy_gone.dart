import 'dart:convert';

import 'copy_records.dart';
import 'reading.dart';

/// Where those who are gone are stored.
const String goneAuthorsKey = 'gone_authors';

/// The one that went first is forgotten.
const int _most = 500;

/// Since when each author is gone. What is older of theirs does not come back.
final class GoneAuthors implements CopyRecord {
  /// None yet.
  GoneAuthors();

  /// Reads what was stored.
  static GoneAuthors parse(String text) {
    final GoneAuthors gone = GoneAuthors();
    final Map<String, int> Function(Object?) positionsIn = mapOf<int>(asInt);
    gone._at.addAll(positionsIn(jsonDecode(text)));
    return gone;
  }

  final Map<String, int> _at = <String, int>{};

  @override
  String get key => goneAuthorsKey;

  /// Notes that an author is gone. Returns the position before which no page may come in.
  int note(String authorId, int asOf) {
    final int before = _at.remove(authorId) ?? never;
    _at[authorId] = before > asOf ? before : asOf;
    return _at.length > _most ? _at.remove(_at.keys.first) ?? never : never;
  }

  /// Since when the author of a thing is gone that is true as of a position, or [never].
  int since(Map<String, Object?> value, int asOf) {
    final int at = _at['${authorIn(value)}'] ?? never;
    return at > asOf ? at : never;
  }

  @override
  String text() => jsonEncode(_at);
}
