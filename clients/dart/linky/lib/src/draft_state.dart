import 'dart:convert';

import 'reading.dart';

/// A picture of a draft. [imageId] is there once it was uploaded.
final class DraftPicture {
  /// Made by the draft.
  const DraftPicture(this.id, this.path, this.key, {this.imageId});

  /// Reads what was stored.
  static DraftPicture parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return DraftPicture(
      field<String>(json, 'id', asText),
      field<String>(json, 'path', asText),
      field<String>(json, 'key', asText),
      imageId: optionalField<String>(json, 'image_id', asText),
    );
  }

  /// The draft's own id of it.
  final String id;

  /// Where its file is.
  final String path;

  /// Its Idempotency-Key.
  final String key;

  /// The server's id.
  final String? imageId;

  /// What to store.
  Map<String, Object?> toJson() {
    return <String, Object?>{'id': id, 'path': path, 'key': key, 'image_id': imageId};
  }
}

/// All that is stored of a draft.
final class DraftState {
  /// [attempts] are the bodies that may have arrived.
  const DraftState({
    required this.id,
    required this.kind,
    required this.target,
    required this.key,
    required this.body,
    required this.pictures,
    required this.attempts,
    required this.firstAttempt,
  });

  /// Reads what was stored.
  static DraftState parse(String text) {
    final Map<String, Object?> json = asObject(jsonDecode(text));
    return DraftState(
      id: field<String>(json, 'id', asText),
      kind: field<String>(json, 'kind', asText),
      target: field<String>(json, 'target', asText),
      key: field<String>(json, 'key', asText),
      body: field<Map<String, Object?>>(json, 'body', asObject),
      pictures: field<List<DraftPicture>>(
        json,
        'pictures',
        listOf<DraftPicture>(DraftPicture.parse),
      ),
      attempts: field<List<Map<String, Object?>>>(
        json,
        'attempts',
        listOf<Map<String, Object?>>(asObject),
      ),
      firstAttempt: optionalField<DateTime>(json, 'first_attempt', asTime),
    );
  }

  /// The draft's own id.
  final String id;

  /// post, comment, lounge_request or report.
  final String kind;

  /// What it belongs to: the post of a comment.
  final String target;

  /// Its Idempotency-Key.
  final String key;

  /// What the user has written.
  final Map<String, Object?> body;

  /// In their order.
  final List<DraftPicture> pictures;

  /// The bodies that were sent and may have arrived.
  final List<Map<String, Object?>> attempts;

  /// When the first of them was sent.
  final DateTime? firstAttempt;

  /// The same with some parts changed.
  DraftState copyWith({
    String? key,
    Map<String, Object?>? body,
    List<DraftPicture>? pictures,
    List<Map<String, Object?>>? attempts,
    DateTime? Function()? firstAttempt,
  }) {
    return DraftState(
      id: id,
      kind: kind,
      target: target,
      key: key ?? this.key,
      body: body ?? this.body,
      pictures: pictures ?? this.pictures,
      attempts: attempts ?? this.attempts,
      firstAttempt: firstAttempt == null ? this.firstAttempt : firstAttempt(),
    );
  }

  /// What to store.
  String text() {
    return jsonEncode(<String, Object?>{
      'id': id,
      'kind': kind,
      'target': target,
      'key': key,
      'body': body,
      'pictures': pictures.map<Object?>((DraftPicture one) => one.toJson()).toList(),
      'attempts': attempts,
      'first_attempt': firstAttempt?.toUtc().toIso8601String(),
    });
  }
}
