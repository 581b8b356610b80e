import 'dart:convert';

import 'errors.dart';
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

  /// What the client's `PictureFiles` call its file.
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

List<Object?> _jsonOfAll(List<DraftPicture> pictures) {
  return pictures.map<Object?>((DraftPicture one) => one.toJson()).toList();
}

List<String> _idsOf(List<DraftPicture> pictures) {
  return pictures.map<String>((DraftPicture one) => one.id).toList();
}

List<DraftPicture> _by(Map<String, DraftPicture> changed, List<DraftPicture> pictures) {
  return pictures.map<DraftPicture>((DraftPicture one) => changed[one.id] ?? one).toList();
}

final List<DraftPicture> Function(Object?) _asPictures = listOf<DraftPicture>(DraftPicture.parse);

/// What a draft held when the user sent it. What is edited later is not sent by itself.
final class Wanted {
  /// Made by the draft.
  const Wanted(this.body, this.pictures);

  /// Reads what was stored.
  static Wanted parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Wanted(
      field<Map<String, Object?>>(json, 'body', asObject),
      field<List<DraftPicture>>(json, 'pictures', _asPictures),
    );
  }

  /// What was written.
  final Map<String, Object?> body;

  /// In their order.
  final List<DraftPicture> pictures;

  /// The body as it travels.
  Map<String, Object?> wholeBody(List<String?> imageIds) {
    return pictures.isEmpty ? body : <String, Object?>{...body, 'image_ids': imageIds};
  }

  /// What to store.
  Map<String, Object?> toJson() {
    return <String, Object?>{'body': body, 'pictures': _jsonOfAll(pictures)};
  }
}

/// All that is stored of a draft: whose it is, what is written, and what was sent.
final class DraftState {
  /// [attempts] are the bodies that may have arrived.
  const DraftState({
    required this.id,
    required this.userId,
    required this.kind,
    required this.target,
    required this.key,
    required this.body,
    this.pictures = const <DraftPicture>[],
    this.attempts = const <Map<String, Object?>>[],
    this.firstAttempt,
    this.wanted,
  });

  /// Reads what was stored. Throws [DraftUnreadable].
  static DraftState parse(String id, String text) {
    try {
      return _parse(asObject(jsonDecode(text)));
    } on FormatException {
      throw DraftUnreadable(id);
    } on MalformedAnswer {
      throw DraftUnreadable(id);
    }
  }

  static DraftState _parse(Map<String, Object?> json) {
    return DraftState(
      id: field<String>(json, 'id', asText),
      userId: field<String>(json, 'user_id', asText),
      kind: field<String>(json, 'kind', asText),
      target: field<String>(json, 'target', asText),
      key: field<String>(json, 'key', asText),
      body: field<Map<String, Object?>>(json, 'body', asObject),
      pictures: field<List<DraftPicture>>(json, 'pictures', _asPictures),
      attempts: field<List<Map<String, Object?>>>(
        json,
        'attempts',
        listOf<Map<String, Object?>>(asObject),
      ),
      firstAttempt: optionalField<DateTime>(json, 'first_attempt', asTime),
      wanted: optionalField<Wanted>(json, 'wanted', Wanted.parse),
    );
  }

  /// The draft's own id.
  final String id;

  /// Who has written it.
  final String userId;

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

  /// What the user has sent, until it was made or refused.
  final Wanted? wanted;

  /// The same with some parts changed.
  DraftState copyWith({
    String? key,
    Map<String, Object?>? body,
    List<DraftPicture>? pictures,
    List<Map<String, Object?>>? attempts,
    DateTime? Function()? firstAttempt,
    Wanted? Function()? wanted,
  }) {
    return DraftState(
      id: id,
      userId: userId,
      kind: kind,
      target: target,
      key: key ?? this.key,
      body: body ?? this.body,
      pictures: pictures ?? this.pictures,
      attempts: attempts ?? this.attempts,
      firstAttempt: firstAttempt == null ? this.firstAttempt : firstAttempt(),
      wanted: wanted == null ? this.wanted : wanted(),
    );
  }

  /// The pictures by their ids, also those that were taken out after the draft was sent.
  Map<String, DraftPicture> everyPicture() {
    final Map<String, DraftPicture> found = <String, DraftPicture>{};
    for (final DraftPicture one in wanted?.pictures ?? const <DraftPicture>[]) {
      found[one.id] = one;
    }
    for (final DraftPicture one in pictures) {
      found[one.id] = one;
    }
    return found;
  }

  /// The names of all their files.
  Set<String> files() {
    return everyPicture().values.map<String>((DraftPicture one) => one.path).toSet();
  }

  /// Changes each picture, in what is written and in what is wanted.
  DraftState withPictures(DraftPicture Function(DraftPicture picture) change) {
    final Map<String, DraftPicture> changed = <String, DraftPicture>{};
    for (final DraftPicture one in everyPicture().values) {
      changed[one.id] = change(one);
    }
    final Wanted? sent = wanted;
    final DraftState written = copyWith(pictures: _by(changed, pictures));
    if (sent == null) {
      return written;
    }
    final Wanted sentToo = Wanted(sent.body, _by(changed, sent.pictures));
    return written.copyWith(wanted: () => sentToo);
  }

  /// Takes a picture out of what is wanted.
  DraftState wantedWithout(String pictureId) {
    final Wanted? sent = wanted;
    if (sent == null) {
      return this;
    }
    final List<DraftPicture> others =
        sent.pictures.where((DraftPicture one) => one.id != pictureId).toList();
    return copyWith(wanted: () => Wanted(sent.body, others));
  }

  /// Remembers a body before it is sent.
  DraftState withAttempt(Map<String, Object?> sent, DateTime now) {
    return copyWith(
      attempts: <Map<String, Object?>>[...attempts, sent],
      firstAttempt: () => firstAttempt ?? now,
    );
  }

  /// Forgets a body of which the server said that it was not made.
  DraftState withoutAttempt(Map<String, Object?> refused) {
    final List<Map<String, Object?>> others =
        attempts.where((Map<String, Object?> one) => !sameValue(one, refused)).toList();
    return copyWith(
      attempts: others,
      firstAttempt: () => others.isEmpty ? null : firstAttempt,
    );
  }

  /// Whether it holds something else than what was sent.
  bool wasEdited(Wanted sent) {
    return !sameValue(body, sent.body) || !sameValue(_idsOf(pictures), _idsOf(sent.pictures));
  }

  /// What to store.
  String text() {
    return jsonEncode(<String, Object?>{
      'id': id,
      'user_id': userId,
      'kind': kind,
      'target': target,
      'key': key,
      'body': body,
      'pictures': _jsonOfAll(pictures),
      'attempts': attempts,
      'first_attempt': firstAttempt?.toUtc().toIso8601String(),
      'wanted': wanted?.toJson(),
    });
  }
}
