// Written by `make client` from openapi.json: edit that, not this file.

import 'package:meta/meta.dart';

import '../reading.dart';
import 'enums.dart';

/// A notification for all users who exist when it is published.
@immutable
final class Announcement implements HasJson {
  /// Makes one of its parts.
  const Announcement({required this.audience, required this.bodyEn, required this.bodyJa, required this.createdAt, required this.id, required this.publishAt, required this.published, required this.push, required this.titleEn, required this.titleJa});

  /// Reads one.
  static Announcement parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Announcement(
      audience: field<int>(json, 'audience', asInt),
      bodyEn: field<String?>(json, 'body_en', maybe<String>(asText)),
      bodyJa: field<String>(json, 'body_ja', asText),
      createdAt: field<DateTime>(json, 'created_at', asTime),
      id: field<String>(json, 'id', asText),
      publishAt: field<DateTime?>(json, 'publish_at', maybe<DateTime>(asTime)),
      published: field<bool>(json, 'published', asBool),
      push: field<bool>(json, 'push', asBool),
      titleEn: field<String?>(json, 'title_en', maybe<String>(asText)),
      titleJa: field<String>(json, 'title_ja', asText),
    );
  }

  /// How many users it went to; until it is published, how many users there are now, counted every
  /// five minutes
  final int audience;

  /// The text in English; null if there is none
  final String? bodyEn;

  /// The text in Japanese
  final String bodyJa;

  /// When it was created
  final DateTime createdAt;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// When it is published; null if that was immediately
  final DateTime? publishAt;

  /// Whether it is published
  final bool published;

  /// Whether it is also pushed
  final bool push;

  /// The heading in English; null if there is none
  final String? titleEn;

  /// The heading in Japanese
  final String titleJa;

  /// The same with some parts changed. What may be null is given as a function.
  Announcement copyWith({int? audience, String? Function()? bodyEn, String? bodyJa, DateTime? createdAt, String? id, DateTime? Function()? publishAt, bool? published, bool? push, String? Function()? titleEn, String? titleJa}) {
    return Announcement(
      audience: audience ?? this.audience,
      bodyEn: bodyEn == null ? this.bodyEn : bodyEn(),
      bodyJa: bodyJa ?? this.bodyJa,
      createdAt: createdAt ?? this.createdAt,
      id: id ?? this.id,
      publishAt: publishAt == null ? this.publishAt : publishAt(),
      published: published ?? this.published,
      push: push ?? this.push,
      titleEn: titleEn == null ? this.titleEn : titleEn(),
      titleJa: titleJa ?? this.titleJa,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'audience': audience,
      'body_en': bodyEn,
      'body_ja': bodyJa,
      'created_at': createdAt,
      'id': id,
      'publish_at': publishAt,
      'published': published,
      'push': push,
      'title_en': titleEn,
      'title_ja': titleJa,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Announcement &&
        sameValue(audience, other.audience) &&
        sameValue(bodyEn, other.bodyEn) &&
        sameValue(bodyJa, other.bodyJa) &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(id, other.id) &&
        sameValue(publishAt, other.publishAt) &&
        sameValue(published, other.published) &&
        sameValue(push, other.push) &&
        sameValue(titleEn, other.titleEn) &&
        sameValue(titleJa, other.titleJa);
  }

  @override
  int get hashCode => hashOf(<Object?>[audience, bodyEn, bodyJa, createdAt, id, publishAt, published, push, titleEn, titleJa]);

  @override
  String toString() => 'Announcement(audience: $audience, bodyEn: $bodyEn, bodyJa: $bodyJa, createdAt: $createdAt, id: $id, publishAt: $publishAt, published: $published, push: $push, titleEn: $titleEn, titleJa: $titleJa)';
}

/// A message to all users. Without an English text, everyone gets the Japanese one.
@immutable
final class AnnouncementCreate implements HasJson {
  /// Makes one of its parts.
  const AnnouncementCreate({required this.bodyJa, required this.titleJa, this.bodyEn, this.publishAt, this.push, this.titleEn});

  /// Reads one.
  static AnnouncementCreate parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return AnnouncementCreate(
      bodyJa: field<String>(json, 'body_ja', asText),
      titleJa: field<String>(json, 'title_ja', asText),
      bodyEn: optionalField<String>(json, 'body_en', asText),
      publishAt: optionalField<DateTime>(json, 'publish_at', asTime),
      push: optionalField<bool>(json, 'push', asBool),
      titleEn: optionalField<String>(json, 'title_en', asText),
    );
  }

  /// The text in Japanese
  final String bodyJa;

  /// The heading in Japanese
  final String titleJa;

  /// The text in English; null if there is none
  final String? bodyEn;

  /// When it is published, in the future; immediately if it is not sent. It goes to the users who
  /// exist then
  final DateTime? publishAt;

  /// Also push it to users whose settings allow it
  final bool? push;

  /// The heading in English; null if there is none
  final String? titleEn;

  /// The same with some parts changed. What may be null is given as a function.
  AnnouncementCreate copyWith({String? bodyJa, String? titleJa, String? Function()? bodyEn, DateTime? Function()? publishAt, bool? Function()? push, String? Function()? titleEn}) {
    return AnnouncementCreate(
      bodyJa: bodyJa ?? this.bodyJa,
      titleJa: titleJa ?? this.titleJa,
      bodyEn: bodyEn == null ? this.bodyEn : bodyEn(),
      publishAt: publishAt == null ? this.publishAt : publishAt(),
      push: push == null ? this.push : push(),
      titleEn: titleEn == null ? this.titleEn : titleEn(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'body_ja': bodyJa,
      'title_ja': titleJa,
      'body_en': bodyEn,
      'publish_at': publishAt,
      'push': push,
      'title_en': titleEn,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is AnnouncementCreate &&
        sameValue(bodyJa, other.bodyJa) &&
        sameValue(titleJa, other.titleJa) &&
        sameValue(bodyEn, other.bodyEn) &&
        sameValue(publishAt, other.publishAt) &&
        sameValue(push, other.push) &&
        sameValue(titleEn, other.titleEn);
  }

  @override
  int get hashCode => hashOf(<Object?>[bodyJa, titleJa, bodyEn, publishAt, push, titleEn]);

  @override
  String toString() => 'AnnouncementCreate(bodyJa: $bodyJa, titleJa: $titleJa, bodyEn: $bodyEn, publishAt: $publishAt, push: $push, titleEn: $titleEn)';
}

/// What to change. A field that is not sent stays as it is; `""` removes an English text.
@immutable
final class AnnouncementUpdate implements HasJson {
  /// Makes one of its parts.
  const AnnouncementUpdate({this.bodyEn, this.bodyJa, this.publishAt, this.push, this.titleEn, this.titleJa});

  /// Reads one.
  static AnnouncementUpdate parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return AnnouncementUpdate(
      bodyEn: optionalField<String>(json, 'body_en', asText),
      bodyJa: optionalField<String>(json, 'body_ja', asText),
      publishAt: optionalField<DateTime>(json, 'publish_at', asTime),
      push: optionalField<bool>(json, 'push', asBool),
      titleEn: optionalField<String>(json, 'title_en', asText),
      titleJa: optionalField<String>(json, 'title_ja', asText),
    );
  }

  /// The text in English; null if there is none
  final String? bodyEn;

  /// The text in Japanese
  final String? bodyJa;

  /// When it is published, in the future
  final DateTime? publishAt;

  /// Also push it to users whose settings allow it
  final bool? push;

  /// The heading in English; null if there is none
  final String? titleEn;

  /// The heading in Japanese
  final String? titleJa;

  /// The same with some parts changed. What may be null is given as a function.
  AnnouncementUpdate copyWith({String? Function()? bodyEn, String? Function()? bodyJa, DateTime? Function()? publishAt, bool? Function()? push, String? Function()? titleEn, String? Function()? titleJa}) {
    return AnnouncementUpdate(
      bodyEn: bodyEn == null ? this.bodyEn : bodyEn(),
      bodyJa: bodyJa == null ? this.bodyJa : bodyJa(),
      publishAt: publishAt == null ? this.publishAt : publishAt(),
      push: push == null ? this.push : push(),
      titleEn: titleEn == null ? this.titleEn : titleEn(),
      titleJa: titleJa == null ? this.titleJa : titleJa(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'body_en': bodyEn,
      'body_ja': bodyJa,
      'publish_at': publishAt,
      'push': push,
      'title_en': titleEn,
      'title_ja': titleJa,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is AnnouncementUpdate &&
        sameValue(bodyEn, other.bodyEn) &&
        sameValue(bodyJa, other.bodyJa) &&
        sameValue(publishAt, other.publishAt) &&
        sameValue(push, other.push) &&
        sameValue(titleEn, other.titleEn) &&
        sameValue(titleJa, other.titleJa);
  }

  @override
  int get hashCode => hashOf(<Object?>[bodyEn, bodyJa, publishAt, push, titleEn, titleJa]);

  @override
  String toString() => 'AnnouncementUpdate(bodyEn: $bodyEn, bodyJa: $bodyJa, publishAt: $publishAt, push: $push, titleEn: $titleEn, titleJa: $titleJa)';
}

/// An appeal, as its user sees it.
@immutable
final class Appeal implements HasJson {
  /// Makes one of its parts.
  const Appeal({required this.createdAt, required this.decidedAt, required this.id, required this.note, required this.status, required this.text});

  /// Reads one.
  static Appeal parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Appeal(
      createdAt: field<DateTime>(json, 'created_at', asTime),
      decidedAt: field<DateTime?>(json, 'decided_at', maybe<DateTime>(asTime)),
      id: field<String>(json, 'id', asText),
      note: field<String>(json, 'note', asText),
      status: field<AppealStatus>(json, 'status', AppealStatus.parse),
      text: field<String>(json, 'text', asText),
    );
  }

  /// When it was created
  final DateTime createdAt;

  /// When an admin decided; null before
  final DateTime? decidedAt;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// What the admin wrote with the decision; empty while it is open
  final String note;

  /// The status of the appeal
  final AppealStatus status;

  /// What the user wrote
  final String text;

  /// The same with some parts changed. What may be null is given as a function.
  Appeal copyWith({DateTime? createdAt, DateTime? Function()? decidedAt, String? id, String? note, AppealStatus? status, String? text}) {
    return Appeal(
      createdAt: createdAt ?? this.createdAt,
      decidedAt: decidedAt == null ? this.decidedAt : decidedAt(),
      id: id ?? this.id,
      note: note ?? this.note,
      status: status ?? this.status,
      text: text ?? this.text,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'created_at': createdAt,
      'decided_at': decidedAt,
      'id': id,
      'note': note,
      'status': status,
      'text': text,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Appeal &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(decidedAt, other.decidedAt) &&
        sameValue(id, other.id) &&
        sameValue(note, other.note) &&
        sameValue(status, other.status) &&
        sameValue(text, other.text);
  }

  @override
  int get hashCode => hashOf(<Object?>[createdAt, decidedAt, id, note, status, text]);

  @override
  String toString() => 'Appeal(createdAt: $createdAt, decidedAt: $decidedAt, id: $id, note: $note, status: $status, text: $text)';
}

/// An appeal: why the caller thinks that a decision is wrong.
@immutable
final class AppealCreate implements HasJson {
  /// Makes one of its parts.
  const AppealCreate({required this.notificationId, required this.text});

  /// Reads one.
  static AppealCreate parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return AppealCreate(
      notificationId: field<String>(json, 'notification_id', asText),
      text: field<String>(json, 'text', asText),
    );
  }

  /// Of type `moderation` or `warning`, and the caller's
  final String notificationId;

  /// What the user wrote
  final String text;

  /// The same with some parts changed. What may be null is given as a function.
  AppealCreate copyWith({String? notificationId, String? text}) {
    return AppealCreate(
      notificationId: notificationId ?? this.notificationId,
      text: text ?? this.text,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'notification_id': notificationId,
      'text': text,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is AppealCreate &&
        sameValue(notificationId, other.notificationId) &&
        sameValue(text, other.text);
  }

  @override
  int get hashCode => hashOf(<Object?>[notificationId, text]);

  @override
  String toString() => 'AppealCreate(notificationId: $notificationId, text: $text)';
}

/// `overturn` reverses the decision. The user sees the note.
@immutable
final class AppealDecide implements HasJson {
  /// Makes one of its parts.
  const AppealDecide({required this.decision, this.note});

  /// Reads one.
  static AppealDecide parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return AppealDecide(
      decision: field<AppealDecision>(json, 'decision', AppealDecision.parse),
      note: optionalField<String>(json, 'note', asText),
    );
  }

  /// Whether to keep or reverse the decision
  final AppealDecision decision;

  /// For the audit log and for the author
  final String? note;

  /// The same with some parts changed. What may be null is given as a function.
  AppealDecide copyWith({AppealDecision? decision, String? Function()? note}) {
    return AppealDecide(
      decision: decision ?? this.decision,
      note: note == null ? this.note : note(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'decision': decision,
      'note': note,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is AppealDecide &&
        sameValue(decision, other.decision) &&
        sameValue(note, other.note);
  }

  @override
  int get hashCode => hashOf(<Object?>[decision, note]);

  @override
  String toString() => 'AppealDecide(decision: $decision, note: $note)';
}

/// One action. `before` and `after` hold what it changed.
@immutable
final class AuditEntry implements HasJson {
  /// Makes one of its parts.
  const AuditEntry({required this.action, required this.actor, required this.address, required this.after, required this.before, required this.createdAt, required this.id, required this.reason, required this.targetId, required this.targetName, required this.targetType});

  /// Reads one.
  static AuditEntry parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return AuditEntry(
      action: field<String>(json, 'action', asText),
      actor: field<Author>(json, 'actor', Author.parse),
      address: field<String>(json, 'address', asText),
      after: field<Map<String, Object?>>(json, 'after', asObject),
      before: field<Map<String, Object?>>(json, 'before', asObject),
      createdAt: field<DateTime>(json, 'created_at', asTime),
      id: field<String>(json, 'id', asText),
      reason: field<String>(json, 'reason', asText),
      targetId: field<String>(json, 'target_id', asText),
      targetName: field<String?>(json, 'target_name', maybe<String>(asText)),
      targetType: field<TargetType>(json, 'target_type', TargetType.parse),
    );
  }

  /// What was done
  final String action;

  /// Who did it; null if it was not a single user
  final Author actor;

  /// The actor's IP address; empty if a moderator reads the log. For an action at the server's
  /// terminal, who acted
  final String address;

  /// What changed: the values after
  final Map<String, Object?> after;

  /// What changed: the values before
  final Map<String, Object?> before;

  /// When it was created
  final DateTime createdAt;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// The reason; empty if none was given
  final String reason;

  /// What it is about
  final String targetId;

  /// The target's current name; null if it has none
  final String? targetName;

  /// The type of the target
  final TargetType targetType;

  /// The same with some parts changed. What may be null is given as a function.
  AuditEntry copyWith({String? action, Author? actor, String? address, Map<String, Object?>? after, Map<String, Object?>? before, DateTime? createdAt, String? id, String? reason, String? targetId, String? Function()? targetName, TargetType? targetType}) {
    return AuditEntry(
      action: action ?? this.action,
      actor: actor ?? this.actor,
      address: address ?? this.address,
      after: after ?? this.after,
      before: before ?? this.before,
      createdAt: createdAt ?? this.createdAt,
      id: id ?? this.id,
      reason: reason ?? this.reason,
      targetId: targetId ?? this.targetId,
      targetName: targetName == null ? this.targetName : targetName(),
      targetType: targetType ?? this.targetType,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'action': action,
      'actor': actor,
      'address': address,
      'after': after,
      'before': before,
      'created_at': createdAt,
      'id': id,
      'reason': reason,
      'target_id': targetId,
      'target_name': targetName,
      'target_type': targetType,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is AuditEntry &&
        sameValue(action, other.action) &&
        sameValue(actor, other.actor) &&
        sameValue(address, other.address) &&
        sameValue(after, other.after) &&
        sameValue(before, other.before) &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(id, other.id) &&
        sameValue(reason, other.reason) &&
        sameValue(targetId, other.targetId) &&
        sameValue(targetName, other.targetName) &&
        sameValue(targetType, other.targetType);
  }

  @override
  int get hashCode => hashOf(<Object?>[action, actor, address, after, before, createdAt, id, reason, targetId, targetName, targetType]);

  @override
  String toString() => 'AuditEntry(action: $action, actor: $actor, address: $address, after: $after, before: $before, createdAt: $createdAt, id: $id, reason: $reason, targetId: $targetId, targetName: $targetName, targetType: $targetType)';
}

/// Who wrote something. For a deleted user, `id` is null and the nickname says so.
@immutable
final class Author implements HasJson {
  /// Makes one of its parts.
  const Author({required this.avatarUrl, required this.id, required this.nickname});

  /// Reads one.
  static Author parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Author(
      avatarUrl: field<String?>(json, 'avatar_url', maybe<String>(asText)),
      id: field<String?>(json, 'id', maybe<String>(asText)),
      nickname: field<String>(json, 'nickname', asText),
    );
  }

  /// The avatar; null if there is none
  final String? avatarUrl;

  /// The user's id; null for a deleted user
  final String? id;

  /// The name that others see, 1 to 30 characters
  final String nickname;

  /// The same with some parts changed. What may be null is given as a function.
  Author copyWith({String? Function()? avatarUrl, String? Function()? id, String? nickname}) {
    return Author(
      avatarUrl: avatarUrl == null ? this.avatarUrl : avatarUrl(),
      id: id == null ? this.id : id(),
      nickname: nickname ?? this.nickname,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'avatar_url': avatarUrl,
      'id': id,
      'nickname': nickname,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Author &&
        sameValue(avatarUrl, other.avatarUrl) &&
        sameValue(id, other.id) &&
        sameValue(nickname, other.nickname);
  }

  @override
  int get hashCode => hashOf(<Object?>[avatarUrl, id, nickname]);

  @override
  String toString() => 'Author(avatarUrl: $avatarUrl, id: $id, nickname: $nickname)';
}

/// Words that hold a text for review, and harmless phrases that may contain such a word.
@immutable
final class BannedWords implements HasJson {
  /// Makes one of its parts.
  const BannedWords({required this.exceptions, required this.words});

  /// Reads one.
  static BannedWords parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return BannedWords(
      exceptions: field<List<String>>(json, 'exceptions', listOf<String>(asText)),
      words: field<List<String>>(json, 'words', listOf<String>(asText)),
    );
  }

  /// Harmless phrases that may contain a banned word
  final List<String> exceptions;

  /// The banned words
  final List<String> words;

  /// The same with some parts changed. What may be null is given as a function.
  BannedWords copyWith({List<String>? exceptions, List<String>? words}) {
    return BannedWords(
      exceptions: exceptions ?? this.exceptions,
      words: words ?? this.words,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'exceptions': exceptions,
      'words': words,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is BannedWords &&
        sameValue(exceptions, other.exceptions) &&
        sameValue(words, other.words);
  }

  @override
  int get hashCode => hashOf(<Object?>[exceptions, words]);

  @override
  String toString() => 'BannedWords(exceptions: $exceptions, words: $words)';
}

/// The whole list. Without `exceptions` the exceptions stay as they are.
@immutable
final class BannedWordsUpdate implements HasJson {
  /// Makes one of its parts.
  const BannedWordsUpdate({required this.words, this.exceptions});

  /// Reads one.
  static BannedWordsUpdate parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return BannedWordsUpdate(
      words: field<List<String>>(json, 'words', listOf<String>(asText)),
      exceptions: optionalField<List<String>>(json, 'exceptions', listOf<String>(asText)),
    );
  }

  /// The banned words
  final List<String> words;

  /// Harmless phrases that may contain a banned word
  final List<String>? exceptions;

  /// The same with some parts changed. What may be null is given as a function.
  BannedWordsUpdate copyWith({List<String>? words, List<String>? Function()? exceptions}) {
    return BannedWordsUpdate(
      words: words ?? this.words,
      exceptions: exceptions == null ? this.exceptions : exceptions(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'words': words,
      'exceptions': exceptions,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is BannedWordsUpdate &&
        sameValue(words, other.words) &&
        sameValue(exceptions, other.exceptions);
  }

  @override
  int get hashCode => hashOf(<Object?>[words, exceptions]);

  @override
  String toString() => 'BannedWordsUpdate(words: $words, exceptions: $exceptions)';
}

/// Something that changed, as the caller sees it now. It has one of `put`, `gone`, `unread`, or,
/// for a `reload` of everything, perhaps none.
@immutable
final class Change implements HasJson {
  /// Makes one of its parts.
  const Change({required this.kind, required this.topic, this.gone, this.id, this.more, this.put, this.unread});

  /// Reads one.
  static Change parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Change(
      kind: field<ChangeKind>(json, 'kind', ChangeKind.parse),
      topic: field<String>(json, 'topic', asText),
      gone: optionalField<bool>(json, 'gone', asBool),
      id: optionalField<String>(json, 'id', asText),
      more: optionalField<bool>(json, 'more', asBool),
      put: optionalField<Map<String, Object?>>(json, 'put', asObject),
      unread: optionalField<int>(json, 'unread', asInt),
    );
  }

  /// What it is about
  final ChangeKind kind;

  /// `me`, `post:{id}` or `lounge:{id}`
  final String topic;

  /// True for what the caller does not see, or no longer. A post or comment takes along what hangs
  /// below it, an author all that they wrote
  final bool? gone;

  /// Of what changed. Absent for `badge` and `reload`
  final String? id;

  /// For `badge`: whether there are more than `unread`
  final bool? more;

  /// The Post, Comment, Lounge or Notification as its GET shows it to the caller, without what
  /// their schemas mark `x-of-reader`, which stays as it was. Of a `mark` the caller's own fields
  /// alone, and `thing`: `post` or `lounge`. Of a `reload` a `ReloadTarget`
  final Map<String, Object?>? put;

  /// For `badge`: how many notifications are unread, up to 999
  final int? unread;

  /// The same with some parts changed. What may be null is given as a function.
  Change copyWith({ChangeKind? kind, String? topic, bool? Function()? gone, String? Function()? id, bool? Function()? more, Map<String, Object?>? Function()? put, int? Function()? unread}) {
    return Change(
      kind: kind ?? this.kind,
      topic: topic ?? this.topic,
      gone: gone == null ? this.gone : gone(),
      id: id == null ? this.id : id(),
      more: more == null ? this.more : more(),
      put: put == null ? this.put : put(),
      unread: unread == null ? this.unread : unread(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'kind': kind,
      'topic': topic,
      'gone': gone,
      'id': id,
      'more': more,
      'put': put,
      'unread': unread,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Change &&
        sameValue(kind, other.kind) &&
        sameValue(topic, other.topic) &&
        sameValue(gone, other.gone) &&
        sameValue(id, other.id) &&
        sameValue(more, other.more) &&
        sameValue(put, other.put) &&
        sameValue(unread, other.unread);
  }

  @override
  int get hashCode => hashOf(<Object?>[kind, topic, gone, id, more, put, unread]);

  @override
  String toString() => 'Change(kind: $kind, topic: $topic, gone: $gone, id: $id, more: $more, put: $put, unread: $unread)';
}

/// What changed since a cursor.
@immutable
final class Changes implements HasJson {
  /// Makes one of its parts.
  const Changes({required this.asOf, required this.changes, required this.cursor, required this.more, required this.reset});

  /// Reads one.
  static Changes parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Changes(
      asOf: field<String>(json, 'as_of', asText),
      changes: field<List<Change>>(json, 'changes', listOf<Change>(Change.parse)),
      cursor: field<String>(json, 'cursor', asText),
      more: field<bool>(json, 'more', asBool),
      reset: field<Reset?>(json, 'reset', maybe<Reset>(Reset.parse)),
    );
  }

  /// Everything in `changes` is as it was then, or newer
  final String asOf;

  /// The latest state of each thing that changed, in the order of the log
  final List<Change> changes;

  /// For the next call, or for `Last-Event-ID`
  final String cursor;

  /// Whether to ask again at once, from this cursor
  final bool more;

  /// Null if `changes` is complete as far as `cursor`
  final Reset? reset;

  /// The same with some parts changed. What may be null is given as a function.
  Changes copyWith({String? asOf, List<Change>? changes, String? cursor, bool? more, Reset? Function()? reset}) {
    return Changes(
      asOf: asOf ?? this.asOf,
      changes: changes ?? this.changes,
      cursor: cursor ?? this.cursor,
      more: more ?? this.more,
      reset: reset == null ? this.reset : reset(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'as_of': asOf,
      'changes': changes,
      'cursor': cursor,
      'more': more,
      'reset': reset,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Changes &&
        sameValue(asOf, other.asOf) &&
        sameValue(changes, other.changes) &&
        sameValue(cursor, other.cursor) &&
        sameValue(more, other.more) &&
        sameValue(reset, other.reset);
  }

  @override
  int get hashCode => hashOf(<Object?>[asOf, changes, cursor, more, reset]);

  @override
  String toString() => 'Changes(asOf: $asOf, changes: $changes, cursor: $cursor, more: $more, reset: $reset)';
}

/// A comment, or a reply to one (`parent_id`).
@immutable
final class Comment implements HasJson {
  /// Makes one of its parts.
  const Comment({required this.author, required this.body, required this.createdAt, required this.deleted, required this.id, required this.moderation, required this.parentId, required this.postId, required this.replyCount, required this.updatedAt, required this.url});

  /// Reads one.
  static Comment parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Comment(
      author: field<Author>(json, 'author', Author.parse),
      body: field<String>(json, 'body', asText),
      createdAt: field<DateTime>(json, 'created_at', asTime),
      deleted: field<bool>(json, 'deleted', asBool),
      id: field<String>(json, 'id', asText),
      moderation: field<ModerationState>(json, 'moderation', ModerationState.parse),
      parentId: field<String?>(json, 'parent_id', maybe<String>(asText)),
      postId: field<String>(json, 'post_id', asText),
      replyCount: field<int>(json, 'reply_count', asInt),
      updatedAt: field<DateTime>(json, 'updated_at', asTime),
      url: field<String>(json, 'url', asText),
    );
  }

  /// Who wrote it
  final Author author;

  /// The text, 1 to 2000 characters; empty in a placeholder
  final String body;

  /// When it was created
  final DateTime createdAt;

  /// Deleted, but kept as a placeholder for its replies: no body or author
  final bool deleted;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// `held` while it is held for review
  final ModerationState moderation;

  /// The comment that this replies to; null at the top level
  final String? parentId;

  /// The post
  final String postId;

  /// How many replies there are. The same for all: blocks and mutes do not matter
  final int replyCount;

  /// When it was last changed
  final DateTime updatedAt;

  /// Its one address: a page in a browser, and on a phone it opens the app
  final String url;

  /// The same with some parts changed. What may be null is given as a function.
  Comment copyWith({Author? author, String? body, DateTime? createdAt, bool? deleted, String? id, ModerationState? moderation, String? Function()? parentId, String? postId, int? replyCount, DateTime? updatedAt, String? url}) {
    return Comment(
      author: author ?? this.author,
      body: body ?? this.body,
      createdAt: createdAt ?? this.createdAt,
      deleted: deleted ?? this.deleted,
      id: id ?? this.id,
      moderation: moderation ?? this.moderation,
      parentId: parentId == null ? this.parentId : parentId(),
      postId: postId ?? this.postId,
      replyCount: replyCount ?? this.replyCount,
      updatedAt: updatedAt ?? this.updatedAt,
      url: url ?? this.url,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'author': author,
      'body': body,
      'created_at': createdAt,
      'deleted': deleted,
      'id': id,
      'moderation': moderation,
      'parent_id': parentId,
      'post_id': postId,
      'reply_count': replyCount,
      'updated_at': updatedAt,
      'url': url,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Comment &&
        sameValue(author, other.author) &&
        sameValue(body, other.body) &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(deleted, other.deleted) &&
        sameValue(id, other.id) &&
        sameValue(moderation, other.moderation) &&
        sameValue(parentId, other.parentId) &&
        sameValue(postId, other.postId) &&
        sameValue(replyCount, other.replyCount) &&
        sameValue(updatedAt, other.updatedAt) &&
        sameValue(url, other.url);
  }

  @override
  int get hashCode => hashOf(<Object?>[author, body, createdAt, deleted, id, moderation, parentId, postId, replyCount, updatedAt, url]);

  @override
  String toString() => 'Comment(author: $author, body: $body, createdAt: $createdAt, deleted: $deleted, id: $id, moderation: $moderation, parentId: $parentId, postId: $postId, replyCount: $replyCount, updatedAt: $updatedAt, url: $url)';
}

/// A new comment; with `parent_id` a reply to a top-level comment of the same post.
@immutable
final class CommentCreate implements HasJson {
  /// Makes one of its parts.
  const CommentCreate({required this.body, this.parentId});

  /// Reads one.
  static CommentCreate parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return CommentCreate(
      body: field<String>(json, 'body', asText),
      parentId: optionalField<String>(json, 'parent_id', asText),
    );
  }

  /// The text, 1 to 2000 characters
  final String body;

  /// The comment that this replies to; null at the top level
  final String? parentId;

  /// The same with some parts changed. What may be null is given as a function.
  CommentCreate copyWith({String? body, String? Function()? parentId}) {
    return CommentCreate(
      body: body ?? this.body,
      parentId: parentId == null ? this.parentId : parentId(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'body': body,
      'parent_id': parentId,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is CommentCreate &&
        sameValue(body, other.body) &&
        sameValue(parentId, other.parentId);
  }

  @override
  int get hashCode => hashOf(<Object?>[body, parentId]);

  @override
  String toString() => 'CommentCreate(body: $body, parentId: $parentId)';
}

/// A comment. With `context=true` also where it stands in its list.
@immutable
final class CommentInContext implements HasJson {
  /// Makes one of its parts.
  const CommentInContext({required this.author, required this.body, required this.createdAt, required this.deleted, required this.id, required this.moderation, required this.parentId, required this.postId, required this.replyCount, required this.updatedAt, required this.url, this.cursor, this.position});

  /// Reads one.
  static CommentInContext parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return CommentInContext(
      author: field<Author>(json, 'author', Author.parse),
      body: field<String>(json, 'body', asText),
      createdAt: field<DateTime>(json, 'created_at', asTime),
      deleted: field<bool>(json, 'deleted', asBool),
      id: field<String>(json, 'id', asText),
      moderation: field<ModerationState>(json, 'moderation', ModerationState.parse),
      parentId: field<String?>(json, 'parent_id', maybe<String>(asText)),
      postId: field<String>(json, 'post_id', asText),
      replyCount: field<int>(json, 'reply_count', asInt),
      updatedAt: field<DateTime>(json, 'updated_at', asTime),
      url: field<String>(json, 'url', asText),
      cursor: optionalField<String>(json, 'cursor', asText),
      position: optionalField<int>(json, 'position', asInt),
    );
  }

  /// Who wrote it
  final Author author;

  /// The text
  final String body;

  /// When it was created
  final DateTime createdAt;

  /// Deleted, but kept as a placeholder for its replies: no body or author
  final bool deleted;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// `held` while it is held for review
  final ModerationState moderation;

  /// The comment that this replies to; null at the top level
  final String? parentId;

  /// The post
  final String postId;

  /// How many replies there are. The same for all: blocks and mutes do not matter
  final int replyCount;

  /// When it was last changed
  final DateTime updatedAt;

  /// Its one address: a page in a browser, and on a phone it opens the app
  final String url;

  /// The cursor of the page of its list that begins with it. Null if it is in none
  final String? cursor;

  /// How many comments come before it, counted to 1,000. Null beyond, and for a reply of the
  /// caller's own that is in no list of theirs
  final int? position;

  /// The same with some parts changed. What may be null is given as a function.
  CommentInContext copyWith({Author? author, String? body, DateTime? createdAt, bool? deleted, String? id, ModerationState? moderation, String? Function()? parentId, String? postId, int? replyCount, DateTime? updatedAt, String? url, String? Function()? cursor, int? Function()? position}) {
    return CommentInContext(
      author: author ?? this.author,
      body: body ?? this.body,
      createdAt: createdAt ?? this.createdAt,
      deleted: deleted ?? this.deleted,
      id: id ?? this.id,
      moderation: moderation ?? this.moderation,
      parentId: parentId == null ? this.parentId : parentId(),
      postId: postId ?? this.postId,
      replyCount: replyCount ?? this.replyCount,
      updatedAt: updatedAt ?? this.updatedAt,
      url: url ?? this.url,
      cursor: cursor == null ? this.cursor : cursor(),
      position: position == null ? this.position : position(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'author': author,
      'body': body,
      'created_at': createdAt,
      'deleted': deleted,
      'id': id,
      'moderation': moderation,
      'parent_id': parentId,
      'post_id': postId,
      'reply_count': replyCount,
      'updated_at': updatedAt,
      'url': url,
      'cursor': cursor,
      'position': position,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is CommentInContext &&
        sameValue(author, other.author) &&
        sameValue(body, other.body) &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(deleted, other.deleted) &&
        sameValue(id, other.id) &&
        sameValue(moderation, other.moderation) &&
        sameValue(parentId, other.parentId) &&
        sameValue(postId, other.postId) &&
        sameValue(replyCount, other.replyCount) &&
        sameValue(updatedAt, other.updatedAt) &&
        sameValue(url, other.url) &&
        sameValue(cursor, other.cursor) &&
        sameValue(position, other.position);
  }

  @override
  int get hashCode => hashOf(<Object?>[author, body, createdAt, deleted, id, moderation, parentId, postId, replyCount, updatedAt, url, cursor, position]);

  @override
  String toString() => 'CommentInContext(author: $author, body: $body, createdAt: $createdAt, deleted: $deleted, id: $id, moderation: $moderation, parentId: $parentId, postId: $postId, replyCount: $replyCount, updatedAt: $updatedAt, url: $url, cursor: $cursor, position: $position)';
}

/// What to change. Fields that are not sent stay.
@immutable
final class CommentUpdate implements HasJson {
  /// Makes one of its parts.
  const CommentUpdate({this.body});

  /// Reads one.
  static CommentUpdate parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return CommentUpdate(
      body: optionalField<String>(json, 'body', asText),
    );
  }

  /// The text, 1 to 2000 characters
  final String? body;

  /// The same with some parts changed. What may be null is given as a function.
  CommentUpdate copyWith({String? Function()? body}) {
    return CommentUpdate(
      body: body == null ? this.body : body(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'body': body,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is CommentUpdate &&
        sameValue(body, other.body);
  }

  @override
  int get hashCode => hashOf(<Object?>[body]);

  @override
  String toString() => 'CommentUpdate(body: $body)';
}

/// Contact, as it travels.
@immutable
final class Contact implements HasJson {
  /// Makes one of its parts.
  const Contact({required this.email});

  /// Reads one.
  static Contact parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Contact(
      email: field<String?>(json, 'email', maybe<String>(asText)),
    );
  }

  /// The operator's email address; null if there is none
  final String? email;

  /// The same with some parts changed. What may be null is given as a function.
  Contact copyWith({String? Function()? email}) {
    return Contact(
      email: email == null ? this.email : email(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'email': email,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Contact &&
        sameValue(email, other.email);
  }

  @override
  int get hashCode => hashOf(<Object?>[email]);

  @override
  String toString() => 'Contact(email: $email)';
}

/// What happened on one day (JST).
@immutable
final class DayOfStats implements HasJson {
  /// Makes one of its parts.
  const DayOfStats({required this.active, required this.comments, required this.day, required this.posts, required this.pushesOpened, required this.pushesSent, required this.reports, required this.returned1, required this.returned30, required this.returned7, required this.signUps});

  /// Reads one.
  static DayOfStats parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return DayOfStats(
      active: field<int>(json, 'active', asInt),
      comments: field<int>(json, 'comments', asInt),
      day: field<String>(json, 'day', asText),
      posts: field<int>(json, 'posts', asInt),
      pushesOpened: field<int>(json, 'pushes_opened', asInt),
      pushesSent: field<int>(json, 'pushes_sent', asInt),
      reports: field<int>(json, 'reports', asInt),
      returned1: field<int>(json, 'returned_1', asInt),
      returned30: field<int>(json, 'returned_30', asInt),
      returned7: field<int>(json, 'returned_7', asInt),
      signUps: field<int>(json, 'sign_ups', asInt),
    );
  }

  /// People who used the app, including guests
  final int active;

  /// New comments
  final int comments;

  /// The day, in JST
  final String day;

  /// New posts
  final int posts;

  /// Push notifications that were opened
  final int pushesOpened;

  /// Notifications pushed to at least one device
  final int pushesSent;

  /// New reports
  final int reports;

  /// Active people who signed up the day before
  final int returned1;

  /// Active people who signed up 30 days before
  final int returned30;

  /// Active people who signed up 7 days before
  final int returned7;

  /// New users
  final int signUps;

  /// The same with some parts changed. What may be null is given as a function.
  DayOfStats copyWith({int? active, int? comments, String? day, int? posts, int? pushesOpened, int? pushesSent, int? reports, int? returned1, int? returned30, int? returned7, int? signUps}) {
    return DayOfStats(
      active: active ?? this.active,
      comments: comments ?? this.comments,
      day: day ?? this.day,
      posts: posts ?? this.posts,
      pushesOpened: pushesOpened ?? this.pushesOpened,
      pushesSent: pushesSent ?? this.pushesSent,
      reports: reports ?? this.reports,
      returned1: returned1 ?? this.returned1,
      returned30: returned30 ?? this.returned30,
      returned7: returned7 ?? this.returned7,
      signUps: signUps ?? this.signUps,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'active': active,
      'comments': comments,
      'day': day,
      'posts': posts,
      'pushes_opened': pushesOpened,
      'pushes_sent': pushesSent,
      'reports': reports,
      'returned_1': returned1,
      'returned_30': returned30,
      'returned_7': returned7,
      'sign_ups': signUps,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is DayOfStats &&
        sameValue(active, other.active) &&
        sameValue(comments, other.comments) &&
        sameValue(day, other.day) &&
        sameValue(posts, other.posts) &&
        sameValue(pushesOpened, other.pushesOpened) &&
        sameValue(pushesSent, other.pushesSent) &&
        sameValue(reports, other.reports) &&
        sameValue(returned1, other.returned1) &&
        sameValue(returned30, other.returned30) &&
        sameValue(returned7, other.returned7) &&
        sameValue(signUps, other.signUps);
  }

  @override
  int get hashCode => hashOf(<Object?>[active, comments, day, posts, pushesOpened, pushesSent, reports, returned1, returned30, returned7, signUps]);

  @override
  String toString() => 'DayOfStats(active: $active, comments: $comments, day: $day, posts: $posts, pushesOpened: $pushesOpened, pushesSent: $pushesSent, reports: $reports, returned1: $returned1, returned30: $returned30, returned7: $returned7, signUps: $signUps)';
}

/// How many decisions of a kind staff made, and how long they took from the first request.
@immutable
final class DecisionsOfStats implements HasJson {
  /// Makes one of its parts.
  const DecisionsOfStats({required this.decided, required this.kind, required this.longestSeconds, required this.meanSeconds});

  /// Reads one.
  static DecisionsOfStats parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return DecisionsOfStats(
      decided: field<int>(json, 'decided', asInt),
      kind: field<DecisionKind>(json, 'kind', DecisionKind.parse),
      longestSeconds: field<double?>(json, 'longest_seconds', maybe<double>(asDouble)),
      meanSeconds: field<double?>(json, 'mean_seconds', maybe<double>(asDouble)),
    );
  }

  /// Number of decisions
  final int decided;

  /// How FCM addresses the device
  final DecisionKind kind;

  /// Null if there was none
  final double? longestSeconds;

  /// Null if there was none
  final double? meanSeconds;

  /// The same with some parts changed. What may be null is given as a function.
  DecisionsOfStats copyWith({int? decided, DecisionKind? kind, double? Function()? longestSeconds, double? Function()? meanSeconds}) {
    return DecisionsOfStats(
      decided: decided ?? this.decided,
      kind: kind ?? this.kind,
      longestSeconds: longestSeconds == null ? this.longestSeconds : longestSeconds(),
      meanSeconds: meanSeconds == null ? this.meanSeconds : meanSeconds(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'decided': decided,
      'kind': kind,
      'longest_seconds': longestSeconds,
      'mean_seconds': meanSeconds,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is DecisionsOfStats &&
        sameValue(decided, other.decided) &&
        sameValue(kind, other.kind) &&
        sameValue(longestSeconds, other.longestSeconds) &&
        sameValue(meanSeconds, other.meanSeconds);
  }

  @override
  int get hashCode => hashOf(<Object?>[decided, kind, longestSeconds, meanSeconds]);

  @override
  String toString() => 'DecisionsOfStats(decided: $decided, kind: $kind, longestSeconds: $longestSeconds, meanSeconds: $meanSeconds)';
}

/// Where to push to. The app sends it at every start and whenever the value changes.
@immutable
final class DeviceRegistration implements HasJson {
  /// Makes one of its parts.
  const DeviceRegistration({required this.kind, required this.platform, required this.value});

  /// Reads one.
  static DeviceRegistration parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return DeviceRegistration(
      kind: field<DeviceKind>(json, 'kind', DeviceKind.parse),
      platform: field<DevicePlatform>(json, 'platform', DevicePlatform.parse),
      value: field<String>(json, 'value', asText),
    );
  }

  /// How FCM addresses the device
  final DeviceKind kind;

  /// What the device is
  final DevicePlatform platform;

  /// FCM's token, or the installation id
  final String value;

  /// The same with some parts changed. What may be null is given as a function.
  DeviceRegistration copyWith({DeviceKind? kind, DevicePlatform? platform, String? value}) {
    return DeviceRegistration(
      kind: kind ?? this.kind,
      platform: platform ?? this.platform,
      value: value ?? this.value,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'kind': kind,
      'platform': platform,
      'value': value,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is DeviceRegistration &&
        sameValue(kind, other.kind) &&
        sameValue(platform, other.platform) &&
        sameValue(value, other.value);
  }

  @override
  int get hashCode => hashOf(<Object?>[kind, platform, value]);

  @override
  String toString() => 'DeviceRegistration(kind: $kind, platform: $platform, value: $value)';
}

/// An address and a password to sign in with. The password follows the rules of a sign-up.
@immutable
final class EmailAndPassword implements HasJson {
  /// Makes one of its parts.
  const EmailAndPassword({required this.email, required this.password});

  /// Reads one.
  static EmailAndPassword parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return EmailAndPassword(
      email: field<String>(json, 'email', asText),
      password: field<String>(json, 'password', asText),
    );
  }

  /// The email address; null if there is none
  final String email;

  /// The password, 8 to 128 characters of any script
  final String password;

  /// The same with some parts changed. What may be null is given as a function.
  EmailAndPassword copyWith({String? email, String? password}) {
    return EmailAndPassword(
      email: email ?? this.email,
      password: password ?? this.password,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'email': email,
      'password': password,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is EmailAndPassword &&
        sameValue(email, other.email) &&
        sameValue(password, other.password);
  }

  @override
  int get hashCode => hashOf(<Object?>[email, password]);

  @override
  String toString() => 'EmailAndPassword(email: $email, password: …)';
}

/// The new address; and the password, if the account has one.
@immutable
final class EmailChange implements HasJson {
  /// Makes one of its parts.
  const EmailChange({required this.email, this.password});

  /// Reads one.
  static EmailChange parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return EmailChange(
      email: field<String>(json, 'email', asText),
      password: optionalField<String>(json, 'password', asText),
    );
  }

  /// The email address; null if there is none
  final String email;

  /// The password, 8 to 128 characters of any script
  final String? password;

  /// The same with some parts changed. What may be null is given as a function.
  EmailChange copyWith({String? email, String? Function()? password}) {
    return EmailChange(
      email: email ?? this.email,
      password: password == null ? this.password : password(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'email': email,
      'password': password,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is EmailChange &&
        sameValue(email, other.email) &&
        sameValue(password, other.password);
  }

  @override
  int get hashCode => hashOf(<Object?>[email, password]);

  @override
  String toString() => 'EmailChange(email: $email, password: …)';
}

/// The token in the email to the new address.
@immutable
final class EmailChangeConfirmation implements HasJson {
  /// Makes one of its parts.
  const EmailChangeConfirmation({required this.token});

  /// Reads one.
  static EmailChangeConfirmation parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return EmailChangeConfirmation(
      token: field<String>(json, 'token', asText),
    );
  }

  /// The token from the emailed link
  final String token;

  /// The same with some parts changed. What may be null is given as a function.
  EmailChangeConfirmation copyWith({String? token}) {
    return EmailChangeConfirmation(
      token: token ?? this.token,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'token': token,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is EmailChangeConfirmation &&
        sameValue(token, other.token);
  }

  @override
  int get hashCode => hashOf(<Object?>[token]);

  @override
  String toString() => 'EmailChangeConfirmation(token: …)';
}

/// The token in the email. `mine` is false if the account isn't the reader's.
@immutable
final class EmailVerification implements HasJson {
  /// Makes one of its parts.
  const EmailVerification({required this.token, this.mine});

  /// Reads one.
  static EmailVerification parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return EmailVerification(
      token: field<String>(json, 'token', asText),
      mine: optionalField<bool>(json, 'mine', asBool),
    );
  }

  /// The token from the emailed link
  final String token;

  /// False if the account isn't the reader's: all else is closed, or the address is removed if the
  /// account began with another sign-in method. `true` if it is not sent
  final bool? mine;

  /// The same with some parts changed. What may be null is given as a function.
  EmailVerification copyWith({String? token, bool? Function()? mine}) {
    return EmailVerification(
      token: token ?? this.token,
      mine: mine == null ? this.mine : mine(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'token': token,
      'mine': mine,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is EmailVerification &&
        sameValue(token, other.token) &&
        sameValue(mine, other.mine);
  }

  @override
  int get hashCode => hashOf(<Object?>[token, mine]);

  @override
  String toString() => 'EmailVerification(token: …, mine: $mine)';
}

/// Exchange, as it travels.
@immutable
final class Exchange implements HasJson {
  /// Makes one of its parts.
  const Exchange({required this.code, required this.codeVerifier});

  /// Reads one.
  static Exchange parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Exchange(
      code: field<String>(json, 'code', asText),
      codeVerifier: field<String>(json, 'code_verifier', asText),
    );
  }

  /// The one-time code
  final String code;

  /// The secret of the app's PKCE challenge
  final String codeVerifier;

  /// The same with some parts changed. What may be null is given as a function.
  Exchange copyWith({String? code, String? codeVerifier}) {
    return Exchange(
      code: code ?? this.code,
      codeVerifier: codeVerifier ?? this.codeVerifier,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'code': code,
      'code_verifier': codeVerifier,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Exchange &&
        sameValue(code, other.code) &&
        sameValue(codeVerifier, other.codeVerifier);
  }

  @override
  int get hashCode => hashOf(<Object?>[code, codeVerifier]);

  @override
  String toString() => 'Exchange(code: …, codeVerifier: …)';
}

/// A warning that a user was given.
@immutable
final class GivenWarning implements HasJson {
  /// Makes one of its parts.
  const GivenWarning({required this.createdAt, required this.id, required this.reason, required this.targetId, required this.targetType, required this.userId, required this.withdrawnAt});

  /// Reads one.
  static GivenWarning parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return GivenWarning(
      createdAt: field<DateTime>(json, 'created_at', asTime),
      id: field<String>(json, 'id', asText),
      reason: field<String>(json, 'reason', asText),
      targetId: field<String?>(json, 'target_id', maybe<String>(asText)),
      targetType: field<WarnedAbout?>(json, 'target_type', maybe<WarnedAbout>(WarnedAbout.parse)),
      userId: field<String>(json, 'user_id', asText),
      withdrawnAt: field<DateTime?>(json, 'withdrawn_at', maybe<DateTime>(asTime)),
    );
  }

  /// When it was created
  final DateTime createdAt;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// The reason in words; empty if none was given
  final String reason;

  /// What it is about
  final String? targetId;

  /// The type of the target
  final WarnedAbout? targetType;

  /// The user
  final String userId;

  /// When an appeal undid it
  final DateTime? withdrawnAt;

  /// The same with some parts changed. What may be null is given as a function.
  GivenWarning copyWith({DateTime? createdAt, String? id, String? reason, String? Function()? targetId, WarnedAbout? Function()? targetType, String? userId, DateTime? Function()? withdrawnAt}) {
    return GivenWarning(
      createdAt: createdAt ?? this.createdAt,
      id: id ?? this.id,
      reason: reason ?? this.reason,
      targetId: targetId == null ? this.targetId : targetId(),
      targetType: targetType == null ? this.targetType : targetType(),
      userId: userId ?? this.userId,
      withdrawnAt: withdrawnAt == null ? this.withdrawnAt : withdrawnAt(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'created_at': createdAt,
      'id': id,
      'reason': reason,
      'target_id': targetId,
      'target_type': targetType,
      'user_id': userId,
      'withdrawn_at': withdrawnAt,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is GivenWarning &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(id, other.id) &&
        sameValue(reason, other.reason) &&
        sameValue(targetId, other.targetId) &&
        sameValue(targetType, other.targetType) &&
        sameValue(userId, other.userId) &&
        sameValue(withdrawnAt, other.withdrawnAt);
  }

  @override
  int get hashCode => hashOf(<Object?>[createdAt, id, reason, targetId, targetType, userId, withdrawnAt]);

  @override
  String toString() => 'GivenWarning(createdAt: $createdAt, id: $id, reason: $reason, targetId: $targetId, targetType: $targetType, userId: $userId, withdrawnAt: $withdrawnAt)';
}

/// The notification was received, even if it changed nothing.
@immutable
final class Heard implements HasJson {
  /// Makes one of its parts.
  const Heard({required this.heard});

  /// Reads one.
  static Heard parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Heard(
      heard: field<bool>(json, 'heard', asBool),
    );
  }

  /// Always true
  final bool heard;

  /// The same with some parts changed. What may be null is given as a function.
  Heard copyWith({bool? heard}) {
    return Heard(
      heard: heard ?? this.heard,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'heard': heard,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Heard &&
        sameValue(heard, other.heard);
  }

  @override
  int get hashCode => hashOf(<Object?>[heard]);

  @override
  String toString() => 'Heard(heard: $heard)';
}

/// A post or comment held for review. Only its author can see it; `restore` releases it.
@immutable
final class HeldContent implements HasJson {
  /// Makes one of its parts.
  const HeldContent({required this.author, required this.body, required this.createdAt, required this.id, required this.pictureHeld, required this.title, required this.type});

  /// Reads one.
  static HeldContent parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return HeldContent(
      author: field<Author>(json, 'author', Author.parse),
      body: field<String>(json, 'body', asText),
      createdAt: field<DateTime>(json, 'created_at', asTime),
      id: field<String>(json, 'id', asText),
      pictureHeld: field<bool>(json, 'picture_held', asBool),
      title: field<String?>(json, 'title', maybe<String>(asText)),
      type: field<HeldKind>(json, 'type', HeldKind.parse),
    );
  }

  /// Who wrote it
  final Author author;

  /// The text
  final String body;

  /// When it was created
  final DateTime createdAt;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// Whether an image in it is held by the operator's check
  final bool pictureHeld;

  /// The title, 1 to 100 characters
  final String? title;

  /// What it is
  final HeldKind type;

  /// The same with some parts changed. What may be null is given as a function.
  HeldContent copyWith({Author? author, String? body, DateTime? createdAt, String? id, bool? pictureHeld, String? Function()? title, HeldKind? type}) {
    return HeldContent(
      author: author ?? this.author,
      body: body ?? this.body,
      createdAt: createdAt ?? this.createdAt,
      id: id ?? this.id,
      pictureHeld: pictureHeld ?? this.pictureHeld,
      title: title == null ? this.title : title(),
      type: type ?? this.type,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'author': author,
      'body': body,
      'created_at': createdAt,
      'id': id,
      'picture_held': pictureHeld,
      'title': title,
      'type': type,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is HeldContent &&
        sameValue(author, other.author) &&
        sameValue(body, other.body) &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(id, other.id) &&
        sameValue(pictureHeld, other.pictureHeld) &&
        sameValue(title, other.title) &&
        sameValue(type, other.type);
  }

  @override
  int get hashCode => hashOf(<Object?>[author, body, createdAt, id, pictureHeld, title, type]);

  @override
  String toString() => 'HeldContent(author: $author, body: $body, createdAt: $createdAt, id: $id, pictureHeld: $pictureHeld, title: $title, type: $type)';
}

/// A sign-in method of the caller's account.
@immutable
final class Identity implements HasJson {
  /// Makes one of its parts.
  const Identity({required this.createdAt, required this.email, required this.emailVerified, required this.lastUsedAt, required this.provider});

  /// Reads one.
  static Identity parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Identity(
      createdAt: field<DateTime>(json, 'created_at', asTime),
      email: field<String?>(json, 'email', maybe<String>(asText)),
      emailVerified: field<bool>(json, 'email_verified', asBool),
      lastUsedAt: field<DateTime>(json, 'last_used_at', asTime),
      provider: field<Door>(json, 'provider', Door.parse),
    );
  }

  /// When it was created
  final DateTime createdAt;

  /// The account's address, or the provider's
  final String? email;

  /// Whether it was confirmed, by us or by the provider
  final bool emailVerified;

  /// When it was last used to sign in
  final DateTime lastUsedAt;

  /// How the user signs in
  final Door provider;

  /// The same with some parts changed. What may be null is given as a function.
  Identity copyWith({DateTime? createdAt, String? Function()? email, bool? emailVerified, DateTime? lastUsedAt, Door? provider}) {
    return Identity(
      createdAt: createdAt ?? this.createdAt,
      email: email == null ? this.email : email(),
      emailVerified: emailVerified ?? this.emailVerified,
      lastUsedAt: lastUsedAt ?? this.lastUsedAt,
      provider: provider ?? this.provider,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'created_at': createdAt,
      'email': email,
      'email_verified': emailVerified,
      'last_used_at': lastUsedAt,
      'provider': provider,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Identity &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(email, other.email) &&
        sameValue(emailVerified, other.emailVerified) &&
        sameValue(lastUsedAt, other.lastUsedAt) &&
        sameValue(provider, other.provider);
  }

  @override
  int get hashCode => hashOf(<Object?>[createdAt, email, emailVerified, lastUsedAt, provider]);

  @override
  String toString() => 'Identity(createdAt: $createdAt, email: $email, emailVerified: $emailVerified, lastUsedAt: $lastUsedAt, provider: $provider)';
}

/// The password, if the account has one; and LINE's access token, to unlink the app there.
@immutable
final class Leave implements HasJson {
  /// Makes one of its parts.
  const Leave({this.lineAccessToken, this.password});

  /// Reads one.
  static Leave parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Leave(
      lineAccessToken: optionalField<String>(json, 'line_access_token', asText),
      password: optionalField<String>(json, 'password', asText),
    );
  }

  /// The access token of LINE's SDK, for an account with LINE: it is used once, to unlink the app
  /// there
  final String? lineAccessToken;

  /// The password, 8 to 128 characters of any script
  final String? password;

  /// The same with some parts changed. What may be null is given as a function.
  Leave copyWith({String? Function()? lineAccessToken, String? Function()? password}) {
    return Leave(
      lineAccessToken: lineAccessToken == null ? this.lineAccessToken : lineAccessToken(),
      password: password == null ? this.password : password(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'line_access_token': lineAccessToken,
      'password': password,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Leave &&
        sameValue(lineAccessToken, other.lineAccessToken) &&
        sameValue(password, other.password);
  }

  @override
  int get hashCode => hashOf(<Object?>[lineAccessToken, password]);

  @override
  String toString() => 'Leave(lineAccessToken: …, password: …)';
}

/// The account was deleted and will be erased.
@immutable
final class Leaving implements HasJson {
  /// Makes one of its parts.
  const Leaving({required this.completesBy, required this.unlinkAtProvider});

  /// Reads one.
  static Leaving parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Leaving(
      completesBy: field<DateTime>(json, 'completes_by', asTime),
      unlinkAtProvider: field<bool>(json, 'unlink_at_provider', asBool),
    );
  }

  /// When everything is erased, at the latest
  final DateTime completesBy;

  /// Whether the app is still linked in LINE, where only the user can unlink it
  final bool unlinkAtProvider;

  /// The same with some parts changed. What may be null is given as a function.
  Leaving copyWith({DateTime? completesBy, bool? unlinkAtProvider}) {
    return Leaving(
      completesBy: completesBy ?? this.completesBy,
      unlinkAtProvider: unlinkAtProvider ?? this.unlinkAtProvider,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'completes_by': completesBy,
      'unlink_at_provider': unlinkAtProvider,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Leaving &&
        sameValue(completesBy, other.completesBy) &&
        sameValue(unlinkAtProvider, other.unlinkAtProvider);
  }

  @override
  int get hashCode => hashOf(<Object?>[completesBy, unlinkAtProvider]);

  @override
  String toString() => 'Leaving(completesBy: $completesBy, unlinkAtProvider: $unlinkAtProvider)';
}

/// Legal, as it travels.
@immutable
final class Legal implements HasJson {
  /// Makes one of its parts.
  const Legal({required this.accountDeletionUrl, required this.privacyUrl});

  /// Reads one.
  static Legal parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Legal(
      accountDeletionUrl: field<String?>(json, 'account_deletion_url', maybe<String>(asText)),
      privacyUrl: field<String?>(json, 'privacy_url', maybe<String>(asText)),
    );
  }

  /// Where to delete an account without the app
  final String? accountDeletionUrl;

  /// The privacy policy; null if none
  final String? privacyUrl;

  /// The same with some parts changed. What may be null is given as a function.
  Legal copyWith({String? Function()? accountDeletionUrl, String? Function()? privacyUrl}) {
    return Legal(
      accountDeletionUrl: accountDeletionUrl == null ? this.accountDeletionUrl : accountDeletionUrl(),
      privacyUrl: privacyUrl == null ? this.privacyUrl : privacyUrl(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'account_deletion_url': accountDeletionUrl,
      'privacy_url': privacyUrl,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Legal &&
        sameValue(accountDeletionUrl, other.accountDeletionUrl) &&
        sameValue(privacyUrl, other.privacyUrl);
  }

  @override
  int get hashCode => hashOf(<Object?>[accountDeletionUrl, privacyUrl]);

  @override
  String toString() => 'Legal(accountDeletionUrl: $accountDeletionUrl, privacyUrl: $privacyUrl)';
}

/// Sizes in bytes, lengths in code points, rate limits by class (empty if they are off).
@immutable
final class Limits implements HasJson {
  /// Makes one of its parts.
  const Limits({required this.bioLength, required this.commentLength, required this.fileBytes, required this.imagePixels, required this.imageSide, required this.imageSideKept, required this.imageTypes, required this.imagesPerPost, required this.jsonBytes, required this.newAccountHours, required this.nicknameLength, required this.pageSize, required this.postLength, required this.queryLength, required this.rateLimits, required this.titleLength});

  /// Reads one.
  static Limits parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Limits(
      bioLength: field<int>(json, 'bio_length', asInt),
      commentLength: field<int>(json, 'comment_length', asInt),
      fileBytes: field<int>(json, 'file_bytes', asInt),
      imagePixels: field<int>(json, 'image_pixels', asInt),
      imageSide: field<int>(json, 'image_side', asInt),
      imageSideKept: field<int>(json, 'image_side_kept', asInt),
      imageTypes: field<List<String>>(json, 'image_types', listOf<String>(asText)),
      imagesPerPost: field<int>(json, 'images_per_post', asInt),
      jsonBytes: field<int>(json, 'json_bytes', asInt),
      newAccountHours: field<int>(json, 'new_account_hours', asInt),
      nicknameLength: field<int>(json, 'nickname_length', asInt),
      pageSize: field<int>(json, 'page_size', asInt),
      postLength: field<int>(json, 'post_length', asInt),
      queryLength: field<int>(json, 'query_length', asInt),
      rateLimits: field<Map<String, RateClass>>(json, 'rate_limits', mapOf<RateClass>(RateClass.parse)),
      titleLength: field<int>(json, 'title_length', asInt),
    );
  }

  /// Code points in a bio
  final int bioLength;

  /// Code points in a comment
  final int commentLength;

  /// The largest file, in bytes
  final int fileBytes;

  /// The largest image, in pixels
  final int imagePixels;

  /// The longest side of an image, in pixels
  final int imageSide;

  /// The longest side of a stored image, in pixels. A larger one is scaled down: scale it before
  /// you send it
  final int imageSideKept;

  /// The types of images
  final List<String> imageTypes;

  /// Images in a post
  final int imagesPerPost;

  /// The largest body that is not a file, in bytes
  final int jsonBytes;

  /// For how many hours an account counts as new: it can't post links, can create five posts an
  /// hour, and is limited by `per_new_account`; 0 if never
  final int newAccountHours;

  /// Code points in a nickname
  final int nicknameLength;

  /// Items in a page
  final int pageSize;

  /// Code points in a post
  final int postLength;

  /// Code points in a search
  final int queryLength;

  /// How calls are counted, by class; empty if they are not
  final Map<String, RateClass> rateLimits;

  /// Code points in a title
  final int titleLength;

  /// The same with some parts changed. What may be null is given as a function.
  Limits copyWith({int? bioLength, int? commentLength, int? fileBytes, int? imagePixels, int? imageSide, int? imageSideKept, List<String>? imageTypes, int? imagesPerPost, int? jsonBytes, int? newAccountHours, int? nicknameLength, int? pageSize, int? postLength, int? queryLength, Map<String, RateClass>? rateLimits, int? titleLength}) {
    return Limits(
      bioLength: bioLength ?? this.bioLength,
      commentLength: commentLength ?? this.commentLength,
      fileBytes: fileBytes ?? this.fileBytes,
      imagePixels: imagePixels ?? this.imagePixels,
      imageSide: imageSide ?? this.imageSide,
      imageSideKept: imageSideKept ?? this.imageSideKept,
      imageTypes: imageTypes ?? this.imageTypes,
      imagesPerPost: imagesPerPost ?? this.imagesPerPost,
      jsonBytes: jsonBytes ?? this.jsonBytes,
      newAccountHours: newAccountHours ?? this.newAccountHours,
      nicknameLength: nicknameLength ?? this.nicknameLength,
      pageSize: pageSize ?? this.pageSize,
      postLength: postLength ?? this.postLength,
      queryLength: queryLength ?? this.queryLength,
      rateLimits: rateLimits ?? this.rateLimits,
      titleLength: titleLength ?? this.titleLength,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'bio_length': bioLength,
      'comment_length': commentLength,
      'file_bytes': fileBytes,
      'image_pixels': imagePixels,
      'image_side': imageSide,
      'image_side_kept': imageSideKept,
      'image_types': imageTypes,
      'images_per_post': imagesPerPost,
      'json_bytes': jsonBytes,
      'new_account_hours': newAccountHours,
      'nickname_length': nicknameLength,
      'page_size': pageSize,
      'post_length': postLength,
      'query_length': queryLength,
      'rate_limits': rateLimits,
      'title_length': titleLength,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Limits &&
        sameValue(bioLength, other.bioLength) &&
        sameValue(commentLength, other.commentLength) &&
        sameValue(fileBytes, other.fileBytes) &&
        sameValue(imagePixels, other.imagePixels) &&
        sameValue(imageSide, other.imageSide) &&
        sameValue(imageSideKept, other.imageSideKept) &&
        sameValue(imageTypes, other.imageTypes) &&
        sameValue(imagesPerPost, other.imagesPerPost) &&
        sameValue(jsonBytes, other.jsonBytes) &&
        sameValue(newAccountHours, other.newAccountHours) &&
        sameValue(nicknameLength, other.nicknameLength) &&
        sameValue(pageSize, other.pageSize) &&
        sameValue(postLength, other.postLength) &&
        sameValue(queryLength, other.queryLength) &&
        sameValue(rateLimits, other.rateLimits) &&
        sameValue(titleLength, other.titleLength);
  }

  @override
  int get hashCode => hashOf(<Object?>[bioLength, commentLength, fileBytes, imagePixels, imageSide, imageSideKept, imageTypes, imagesPerPost, jsonBytes, newAccountHours, nicknameLength, pageSize, postLength, queryLength, rateLimits, titleLength]);

  @override
  String toString() => 'Limits(bioLength: $bioLength, commentLength: $commentLength, fileBytes: $fileBytes, imagePixels: $imagePixels, imageSide: $imageSide, imageSideKept: $imageSideKept, imageTypes: $imageTypes, imagesPerPost: $imagesPerPost, jsonBytes: $jsonBytes, newAccountHours: $newAccountHours, nicknameLength: $nicknameLength, pageSize: $pageSize, postLength: $postLength, queryLength: $queryLength, rateLimits: $rateLimits, titleLength: $titleLength)';
}

/// What a provider's SDK gave the app, as at a sign-in: the same checks hold.
///
/// Without a nonce, Google's token must have been issued within ten minutes.
@immutable
final class LinkProvider implements HasJson {
  /// Makes one of its parts.
  const LinkProvider({required this.idToken, this.authorizationCode, this.nonce});

  /// Reads one.
  static LinkProvider parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return LinkProvider(
      idToken: field<String>(json, 'id_token', asText),
      authorizationCode: optionalField<String>(json, 'authorization_code', asText),
      nonce: optionalField<String>(json, 'nonce', asText),
    );
  }

  /// The ID token of the provider's SDK
  final String idToken;

  /// Apple's, from its SDK
  final String? authorizationCode;

  /// From `POST /auth/nonce`; works once
  final String? nonce;

  /// The same with some parts changed. What may be null is given as a function.
  LinkProvider copyWith({String? idToken, String? Function()? authorizationCode, String? Function()? nonce}) {
    return LinkProvider(
      idToken: idToken ?? this.idToken,
      authorizationCode: authorizationCode == null ? this.authorizationCode : authorizationCode(),
      nonce: nonce == null ? this.nonce : nonce(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'id_token': idToken,
      'authorization_code': authorizationCode,
      'nonce': nonce,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is LinkProvider &&
        sameValue(idToken, other.idToken) &&
        sameValue(authorizationCode, other.authorizationCode) &&
        sameValue(nonce, other.nonce);
  }

  @override
  int get hashCode => hashOf(<Object?>[idToken, authorizationCode, nonce]);

  @override
  String toString() => 'LinkProvider(idToken: …, authorizationCode: …, nonce: …)';
}

/// Pages for a browser. Replace the names in braces with ids.
@immutable
final class Links implements HasJson {
  /// Makes one of its parts.
  const Links({required this.appStore, required this.comment, required this.googlePlay, required this.lounge, required this.post});

  /// Reads one.
  static Links parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Links(
      appStore: field<String?>(json, 'app_store', maybe<String>(asText)),
      comment: field<String>(json, 'comment', asText),
      googlePlay: field<String?>(json, 'google_play', maybe<String>(asText)),
      lounge: field<String>(json, 'lounge', asText),
      post: field<String>(json, 'post', asText),
    );
  }

  /// The app in the App Store; null if none
  final String? appStore;

  /// The page of a comment or reply
  final String comment;

  /// The app in Google Play; null if none
  final String? googlePlay;

  /// The page of a lounge
  final String lounge;

  /// The page of a post
  final String post;

  /// The same with some parts changed. What may be null is given as a function.
  Links copyWith({String? Function()? appStore, String? comment, String? Function()? googlePlay, String? lounge, String? post}) {
    return Links(
      appStore: appStore == null ? this.appStore : appStore(),
      comment: comment ?? this.comment,
      googlePlay: googlePlay == null ? this.googlePlay : googlePlay(),
      lounge: lounge ?? this.lounge,
      post: post ?? this.post,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'app_store': appStore,
      'comment': comment,
      'google_play': googlePlay,
      'lounge': lounge,
      'post': post,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Links &&
        sameValue(appStore, other.appStore) &&
        sameValue(comment, other.comment) &&
        sameValue(googlePlay, other.googlePlay) &&
        sameValue(lounge, other.lounge) &&
        sameValue(post, other.post);
  }

  @override
  int get hashCode => hashOf(<Object?>[appStore, comment, googlePlay, lounge, post]);

  @override
  String toString() => 'Links(appStore: $appStore, comment: $comment, googlePlay: $googlePlay, lounge: $lounge, post: $post)';
}

/// Login, as it travels.
@immutable
final class Login implements HasJson {
  /// Makes one of its parts.
  const Login({required this.email, required this.password});

  /// Reads one.
  static Login parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Login(
      email: field<String>(json, 'email', asText),
      password: field<String>(json, 'password', asText),
    );
  }

  /// The email address; null if there is none
  final String email;

  /// The password, 8 to 128 characters of any script
  final String password;

  /// The same with some parts changed. What may be null is given as a function.
  Login copyWith({String? email, String? password}) {
    return Login(
      email: email ?? this.email,
      password: password ?? this.password,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'email': email,
      'password': password,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Login &&
        sameValue(email, other.email) &&
        sameValue(password, other.password);
  }

  @override
  int get hashCode => hashOf(<Object?>[email, password]);

  @override
  String toString() => 'Login(email: $email, password: …)';
}

/// A room for one topic, as the caller sees it.
@immutable
final class Lounge implements HasJson {
  /// Makes one of its parts.
  const Lounge({required this.closed, required this.coverUrl, required this.createdAt, required this.description, required this.favoriteCount, required this.hasNew, required this.id, required this.isFavorite, required this.lastPostedAt, required this.name, required this.notificationLevel, required this.postCount, required this.url});

  /// Reads one.
  static Lounge parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Lounge(
      closed: field<bool>(json, 'closed', asBool),
      coverUrl: field<String?>(json, 'cover_url', maybe<String>(asText)),
      createdAt: field<DateTime>(json, 'created_at', asTime),
      description: field<String>(json, 'description', asText),
      favoriteCount: field<int>(json, 'favorite_count', asInt),
      hasNew: field<bool>(json, 'has_new', asBool),
      id: field<String>(json, 'id', asText),
      isFavorite: field<bool>(json, 'is_favorite', asBool),
      lastPostedAt: field<DateTime?>(json, 'last_posted_at', maybe<DateTime>(asTime)),
      name: field<String>(json, 'name', asText),
      notificationLevel: field<NotificationLevel>(json, 'notification_level', NotificationLevel.parse),
      postCount: field<int>(json, 'post_count', asInt),
      url: field<String>(json, 'url', asText),
    );
  }

  /// Its posts stay readable, but it accepts no new posts or comments. Only favorites still list it
  final bool closed;

  /// The lounge's cover image; null if there is none
  final String? coverUrl;

  /// When it was created
  final DateTime createdAt;

  /// What the lounge is for, 1 to 500 characters
  final String description;

  /// How many users have it as a favorite
  final int favoriteCount;

  /// Whether another user's post was published or unhidden since the caller last opened the lounge
  /// with `GET /lounges/{lounge_id}`, or the caller never opened it. Only posts that the caller can
  /// see count, of the newest 200
  final bool hasNew;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// Whether it is one of the caller's favorites
  final bool isFavorite;

  /// When the latest post was written; null without posts. The same for all: blocks and mutes do
  /// not matter
  final DateTime? lastPostedAt;

  /// The lounge's name, 1 to 50 characters
  final String name;

  /// Whether the caller is notified of new posts
  final NotificationLevel notificationLevel;

  /// How many posts there are. The same for all: blocks and mutes do not matter
  final int postCount;

  /// Its one address: a page in a browser, and on a phone it opens the app
  final String url;

  /// The same with some parts changed. What may be null is given as a function.
  Lounge copyWith({bool? closed, String? Function()? coverUrl, DateTime? createdAt, String? description, int? favoriteCount, bool? hasNew, String? id, bool? isFavorite, DateTime? Function()? lastPostedAt, String? name, NotificationLevel? notificationLevel, int? postCount, String? url}) {
    return Lounge(
      closed: closed ?? this.closed,
      coverUrl: coverUrl == null ? this.coverUrl : coverUrl(),
      createdAt: createdAt ?? this.createdAt,
      description: description ?? this.description,
      favoriteCount: favoriteCount ?? this.favoriteCount,
      hasNew: hasNew ?? this.hasNew,
      id: id ?? this.id,
      isFavorite: isFavorite ?? this.isFavorite,
      lastPostedAt: lastPostedAt == null ? this.lastPostedAt : lastPostedAt(),
      name: name ?? this.name,
      notificationLevel: notificationLevel ?? this.notificationLevel,
      postCount: postCount ?? this.postCount,
      url: url ?? this.url,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'closed': closed,
      'cover_url': coverUrl,
      'created_at': createdAt,
      'description': description,
      'favorite_count': favoriteCount,
      'has_new': hasNew,
      'id': id,
      'is_favorite': isFavorite,
      'last_posted_at': lastPostedAt,
      'name': name,
      'notification_level': notificationLevel,
      'post_count': postCount,
      'url': url,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Lounge &&
        sameValue(closed, other.closed) &&
        sameValue(coverUrl, other.coverUrl) &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(description, other.description) &&
        sameValue(favoriteCount, other.favoriteCount) &&
        sameValue(hasNew, other.hasNew) &&
        sameValue(id, other.id) &&
        sameValue(isFavorite, other.isFavorite) &&
        sameValue(lastPostedAt, other.lastPostedAt) &&
        sameValue(name, other.name) &&
        sameValue(notificationLevel, other.notificationLevel) &&
        sameValue(postCount, other.postCount) &&
        sameValue(url, other.url);
  }

  @override
  int get hashCode => hashOf(<Object?>[closed, coverUrl, createdAt, description, favoriteCount, hasNew, id, isFavorite, lastPostedAt, name, notificationLevel, postCount, url]);

  @override
  String toString() => 'Lounge(closed: $closed, coverUrl: $coverUrl, createdAt: $createdAt, description: $description, favoriteCount: $favoriteCount, hasNew: $hasNew, id: $id, isFavorite: $isFavorite, lastPostedAt: $lastPostedAt, name: $name, notificationLevel: $notificationLevel, postCount: $postCount, url: $url)';
}

/// LoungeCreate, as it travels.
@immutable
final class LoungeCreate implements HasJson {
  /// Makes one of its parts.
  const LoungeCreate({required this.description, required this.name});

  /// Reads one.
  static LoungeCreate parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return LoungeCreate(
      description: field<String>(json, 'description', asText),
      name: field<String>(json, 'name', asText),
    );
  }

  /// What the lounge is for, 1 to 500 characters
  final String description;

  /// The lounge's name, 1 to 50 characters
  final String name;

  /// The same with some parts changed. What may be null is given as a function.
  LoungeCreate copyWith({String? description, String? name}) {
    return LoungeCreate(
      description: description ?? this.description,
      name: name ?? this.name,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'description': description,
      'name': name,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is LoungeCreate &&
        sameValue(description, other.description) &&
        sameValue(name, other.name);
  }

  @override
  int get hashCode => hashOf(<Object?>[description, name]);

  @override
  String toString() => 'LoungeCreate(description: $description, name: $name)';
}

/// Whether to notify the caller of a lounge's posts.
@immutable
final class LoungeNotifications implements HasJson {
  /// Makes one of its parts.
  const LoungeNotifications({required this.level});

  /// Reads one.
  static LoungeNotifications parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return LoungeNotifications(
      level: field<NotificationLevelChoice>(json, 'level', NotificationLevelChoice.parse),
    );
  }

  /// Whether to notify the caller of new posts
  final NotificationLevelChoice level;

  /// The same with some parts changed. What may be null is given as a function.
  LoungeNotifications copyWith({NotificationLevelChoice? level}) {
    return LoungeNotifications(
      level: level ?? this.level,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'level': level,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is LoungeNotifications &&
        sameValue(level, other.level);
  }

  @override
  int get hashCode => hashOf(<Object?>[level]);

  @override
  String toString() => 'LoungeNotifications(level: $level)';
}

/// A lounge's id and name.
@immutable
final class LoungeRef implements HasJson {
  /// Makes one of its parts.
  const LoungeRef({required this.id, required this.name});

  /// Reads one.
  static LoungeRef parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return LoungeRef(
      id: field<String>(json, 'id', asText),
      name: field<String>(json, 'name', asText),
    );
  }

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// The lounge's name, 1 to 50 characters
  final String name;

  /// The same with some parts changed. What may be null is given as a function.
  LoungeRef copyWith({String? id, String? name}) {
    return LoungeRef(
      id: id ?? this.id,
      name: name ?? this.name,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'id': id,
      'name': name,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is LoungeRef &&
        sameValue(id, other.id) &&
        sameValue(name, other.name);
  }

  @override
  int get hashCode => hashOf(<Object?>[id, name]);

  @override
  String toString() => 'LoungeRef(id: $id, name: $name)';
}

/// A user's request for a new lounge. Once it is approved, `lounge_id` is the lounge.
@immutable
final class LoungeRequest implements HasJson {
  /// Makes one of its parts.
  const LoungeRequest({required this.createdAt, required this.decidedAt, required this.description, required this.id, required this.loungeId, required this.name, required this.reason, required this.rejectReason, required this.requester, required this.status});

  /// Reads one.
  static LoungeRequest parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return LoungeRequest(
      createdAt: field<DateTime>(json, 'created_at', asTime),
      decidedAt: field<DateTime?>(json, 'decided_at', maybe<DateTime>(asTime)),
      description: field<String>(json, 'description', asText),
      id: field<String>(json, 'id', asText),
      loungeId: field<String?>(json, 'lounge_id', maybe<String>(asText)),
      name: field<String>(json, 'name', asText),
      reason: field<String>(json, 'reason', asText),
      rejectReason: field<String?>(json, 'reject_reason', maybe<String>(asText)),
      requester: field<Author>(json, 'requester', Author.parse),
      status: field<RequestStatus>(json, 'status', RequestStatus.parse),
    );
  }

  /// When it was created
  final DateTime createdAt;

  /// When an admin decided; null before
  final DateTime? decidedAt;

  /// What the lounge is for, 1 to 500 characters
  final String description;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// The lounge that was created; null before
  final String? loungeId;

  /// The lounge's name, 1 to 50 characters
  final String name;

  /// The reason in words; empty if none was given
  final String reason;

  /// Why it was rejected; null before
  final String? rejectReason;

  /// Who requested it
  final Author requester;

  /// The status
  final RequestStatus status;

  /// The same with some parts changed. What may be null is given as a function.
  LoungeRequest copyWith({DateTime? createdAt, DateTime? Function()? decidedAt, String? description, String? id, String? Function()? loungeId, String? name, String? reason, String? Function()? rejectReason, Author? requester, RequestStatus? status}) {
    return LoungeRequest(
      createdAt: createdAt ?? this.createdAt,
      decidedAt: decidedAt == null ? this.decidedAt : decidedAt(),
      description: description ?? this.description,
      id: id ?? this.id,
      loungeId: loungeId == null ? this.loungeId : loungeId(),
      name: name ?? this.name,
      reason: reason ?? this.reason,
      rejectReason: rejectReason == null ? this.rejectReason : rejectReason(),
      requester: requester ?? this.requester,
      status: status ?? this.status,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'created_at': createdAt,
      'decided_at': decidedAt,
      'description': description,
      'id': id,
      'lounge_id': loungeId,
      'name': name,
      'reason': reason,
      'reject_reason': rejectReason,
      'requester': requester,
      'status': status,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is LoungeRequest &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(decidedAt, other.decidedAt) &&
        sameValue(description, other.description) &&
        sameValue(id, other.id) &&
        sameValue(loungeId, other.loungeId) &&
        sameValue(name, other.name) &&
        sameValue(reason, other.reason) &&
        sameValue(rejectReason, other.rejectReason) &&
        sameValue(requester, other.requester) &&
        sameValue(status, other.status);
  }

  @override
  int get hashCode => hashOf(<Object?>[createdAt, decidedAt, description, id, loungeId, name, reason, rejectReason, requester, status]);

  @override
  String toString() => 'LoungeRequest(createdAt: $createdAt, decidedAt: $decidedAt, description: $description, id: $id, loungeId: $loungeId, name: $name, reason: $reason, rejectReason: $rejectReason, requester: $requester, status: $status)';
}

/// A request for a new lounge.
@immutable
final class LoungeRequestCreate implements HasJson {
  /// Makes one of its parts.
  const LoungeRequestCreate({required this.description, required this.name, this.reason});

  /// Reads one.
  static LoungeRequestCreate parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return LoungeRequestCreate(
      description: field<String>(json, 'description', asText),
      name: field<String>(json, 'name', asText),
      reason: optionalField<String>(json, 'reason', asText),
    );
  }

  /// What the lounge is for, 1 to 500 characters
  final String description;

  /// The lounge's name, 1 to 50 characters
  final String name;

  /// For the admin who decides
  final String? reason;

  /// The same with some parts changed. What may be null is given as a function.
  LoungeRequestCreate copyWith({String? description, String? name, String? Function()? reason}) {
    return LoungeRequestCreate(
      description: description ?? this.description,
      name: name ?? this.name,
      reason: reason == null ? this.reason : reason(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'description': description,
      'name': name,
      'reason': reason,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is LoungeRequestCreate &&
        sameValue(description, other.description) &&
        sameValue(name, other.name) &&
        sameValue(reason, other.reason);
  }

  @override
  int get hashCode => hashOf(<Object?>[description, name, reason]);

  @override
  String toString() => 'LoungeRequestCreate(description: $description, name: $name, reason: $reason)';
}

/// A new request, with existing lounges that have similar names.
@immutable
final class LoungeRequestCreated implements HasJson {
  /// Makes one of its parts.
  const LoungeRequestCreated({required this.createdAt, required this.decidedAt, required this.description, required this.id, required this.loungeId, required this.name, required this.reason, required this.rejectReason, required this.requester, required this.similarLounges, required this.status});

  /// Reads one.
  static LoungeRequestCreated parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return LoungeRequestCreated(
      createdAt: field<DateTime>(json, 'created_at', asTime),
      decidedAt: field<DateTime?>(json, 'decided_at', maybe<DateTime>(asTime)),
      description: field<String>(json, 'description', asText),
      id: field<String>(json, 'id', asText),
      loungeId: field<String?>(json, 'lounge_id', maybe<String>(asText)),
      name: field<String>(json, 'name', asText),
      reason: field<String>(json, 'reason', asText),
      rejectReason: field<String?>(json, 'reject_reason', maybe<String>(asText)),
      requester: field<Author>(json, 'requester', Author.parse),
      similarLounges: field<List<LoungeRef>>(json, 'similar_lounges', listOf<LoungeRef>(LoungeRef.parse)),
      status: field<RequestStatus>(json, 'status', RequestStatus.parse),
    );
  }

  /// When it was created
  final DateTime createdAt;

  /// When an admin decided; null before
  final DateTime? decidedAt;

  /// What the lounge is for, 1 to 500 characters
  final String description;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// The lounge that was created; null before
  final String? loungeId;

  /// The lounge's name, 1 to 50 characters
  final String name;

  /// The reason in words; empty if none was given
  final String reason;

  /// Why it was rejected; null before
  final String? rejectReason;

  /// Who requested it
  final Author requester;

  /// Lounges with names like this one
  final List<LoungeRef> similarLounges;

  /// The status
  final RequestStatus status;

  /// The same with some parts changed. What may be null is given as a function.
  LoungeRequestCreated copyWith({DateTime? createdAt, DateTime? Function()? decidedAt, String? description, String? id, String? Function()? loungeId, String? name, String? reason, String? Function()? rejectReason, Author? requester, List<LoungeRef>? similarLounges, RequestStatus? status}) {
    return LoungeRequestCreated(
      createdAt: createdAt ?? this.createdAt,
      decidedAt: decidedAt == null ? this.decidedAt : decidedAt(),
      description: description ?? this.description,
      id: id ?? this.id,
      loungeId: loungeId == null ? this.loungeId : loungeId(),
      name: name ?? this.name,
      reason: reason ?? this.reason,
      rejectReason: rejectReason == null ? this.rejectReason : rejectReason(),
      requester: requester ?? this.requester,
      similarLounges: similarLounges ?? this.similarLounges,
      status: status ?? this.status,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'created_at': createdAt,
      'decided_at': decidedAt,
      'description': description,
      'id': id,
      'lounge_id': loungeId,
      'name': name,
      'reason': reason,
      'reject_reason': rejectReason,
      'requester': requester,
      'similar_lounges': similarLounges,
      'status': status,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is LoungeRequestCreated &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(decidedAt, other.decidedAt) &&
        sameValue(description, other.description) &&
        sameValue(id, other.id) &&
        sameValue(loungeId, other.loungeId) &&
        sameValue(name, other.name) &&
        sameValue(reason, other.reason) &&
        sameValue(rejectReason, other.rejectReason) &&
        sameValue(requester, other.requester) &&
        sameValue(similarLounges, other.similarLounges) &&
        sameValue(status, other.status);
  }

  @override
  int get hashCode => hashOf(<Object?>[createdAt, decidedAt, description, id, loungeId, name, reason, rejectReason, requester, similarLounges, status]);

  @override
  String toString() => 'LoungeRequestCreated(createdAt: $createdAt, decidedAt: $decidedAt, description: $description, id: $id, loungeId: $loungeId, name: $name, reason: $reason, rejectReason: $rejectReason, requester: $requester, similarLounges: $similarLounges, status: $status)';
}

/// The changes. Fields that aren't sent stay as they are.
@immutable
final class LoungeUpdate implements HasJson {
  /// Makes one of its parts.
  const LoungeUpdate({this.description, this.name});

  /// Reads one.
  static LoungeUpdate parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return LoungeUpdate(
      description: optionalField<String>(json, 'description', asText),
      name: optionalField<String>(json, 'name', asText),
    );
  }

  /// What the lounge is for, 1 to 500 characters
  final String? description;

  /// The lounge's name, 1 to 50 characters
  final String? name;

  /// The same with some parts changed. What may be null is given as a function.
  LoungeUpdate copyWith({String? Function()? description, String? Function()? name}) {
    return LoungeUpdate(
      description: description == null ? this.description : description(),
      name: name == null ? this.name : name(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'description': description,
      'name': name,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is LoungeUpdate &&
        sameValue(description, other.description) &&
        sameValue(name, other.name);
  }

  @override
  int get hashCode => hashOf(<Object?>[description, name]);

  @override
  String toString() => 'LoungeUpdate(description: $description, name: $name)';
}

/// An appeal, as staff see it, with the reason that the user was given.
@immutable
final class ManagedAppeal implements HasJson {
  /// Makes one of its parts.
  const ManagedAppeal({required this.against, required this.commentId, required this.createdAt, required this.decidedAt, required this.id, required this.note, required this.notificationId, required this.postId, required this.quote, required this.reason, required this.status, required this.text, required this.user});

  /// Reads one.
  static ManagedAppeal parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return ManagedAppeal(
      against: field<AppealAgainst>(json, 'against', AppealAgainst.parse),
      commentId: field<String?>(json, 'comment_id', maybe<String>(asText)),
      createdAt: field<DateTime>(json, 'created_at', asTime),
      decidedAt: field<DateTime?>(json, 'decided_at', maybe<DateTime>(asTime)),
      id: field<String>(json, 'id', asText),
      note: field<String>(json, 'note', asText),
      notificationId: field<String?>(json, 'notification_id', maybe<String>(asText)),
      postId: field<String?>(json, 'post_id', maybe<String>(asText)),
      quote: field<String>(json, 'quote', asText),
      reason: field<String>(json, 'reason', asText),
      status: field<AppealStatus>(json, 'status', AppealStatus.parse),
      text: field<String>(json, 'text', asText),
      user: field<Author>(json, 'user', Author.parse),
    );
  }

  /// The decision that is appealed
  final AppealAgainst against;

  /// The comment
  final String? commentId;

  /// When it was created
  final DateTime createdAt;

  /// When an admin decided; null before
  final DateTime? decidedAt;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// What the admin wrote with the decision; empty while it is open
  final String note;

  /// Null for a suspension
  final String? notificationId;

  /// The post
  final String? postId;

  /// The beginning of the text that was hidden; empty if none was
  final String quote;

  /// The reason for the action, as the user was given it
  final String reason;

  /// The status of the appeal
  final AppealStatus status;

  /// What the user wrote
  final String text;

  /// Who appeals
  final Author user;

  /// The same with some parts changed. What may be null is given as a function.
  ManagedAppeal copyWith({AppealAgainst? against, String? Function()? commentId, DateTime? createdAt, DateTime? Function()? decidedAt, String? id, String? note, String? Function()? notificationId, String? Function()? postId, String? quote, String? reason, AppealStatus? status, String? text, Author? user}) {
    return ManagedAppeal(
      against: against ?? this.against,
      commentId: commentId == null ? this.commentId : commentId(),
      createdAt: createdAt ?? this.createdAt,
      decidedAt: decidedAt == null ? this.decidedAt : decidedAt(),
      id: id ?? this.id,
      note: note ?? this.note,
      notificationId: notificationId == null ? this.notificationId : notificationId(),
      postId: postId == null ? this.postId : postId(),
      quote: quote ?? this.quote,
      reason: reason ?? this.reason,
      status: status ?? this.status,
      text: text ?? this.text,
      user: user ?? this.user,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'against': against,
      'comment_id': commentId,
      'created_at': createdAt,
      'decided_at': decidedAt,
      'id': id,
      'note': note,
      'notification_id': notificationId,
      'post_id': postId,
      'quote': quote,
      'reason': reason,
      'status': status,
      'text': text,
      'user': user,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is ManagedAppeal &&
        sameValue(against, other.against) &&
        sameValue(commentId, other.commentId) &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(decidedAt, other.decidedAt) &&
        sameValue(id, other.id) &&
        sameValue(note, other.note) &&
        sameValue(notificationId, other.notificationId) &&
        sameValue(postId, other.postId) &&
        sameValue(quote, other.quote) &&
        sameValue(reason, other.reason) &&
        sameValue(status, other.status) &&
        sameValue(text, other.text) &&
        sameValue(user, other.user);
  }

  @override
  int get hashCode => hashOf(<Object?>[against, commentId, createdAt, decidedAt, id, note, notificationId, postId, quote, reason, status, text, user]);

  @override
  String toString() => 'ManagedAppeal(against: $against, commentId: $commentId, createdAt: $createdAt, decidedAt: $decidedAt, id: $id, note: $note, notificationId: $notificationId, postId: $postId, quote: $quote, reason: $reason, status: $status, text: $text, user: $user)';
}

/// A comment as admins see it, hidden ones too.
@immutable
final class ManagedComment implements HasJson {
  /// Makes one of its parts.
  const ManagedComment({required this.author, required this.body, required this.createdAt, required this.deleted, required this.id, required this.lounge, required this.moderation, required this.parentId, required this.postId, required this.replyCount, required this.updatedAt, required this.url});

  /// Reads one.
  static ManagedComment parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return ManagedComment(
      author: field<Author>(json, 'author', Author.parse),
      body: field<String>(json, 'body', asText),
      createdAt: field<DateTime>(json, 'created_at', asTime),
      deleted: field<bool>(json, 'deleted', asBool),
      id: field<String>(json, 'id', asText),
      lounge: field<LoungeRef>(json, 'lounge', LoungeRef.parse),
      moderation: field<Moderation>(json, 'moderation', Moderation.parse),
      parentId: field<String?>(json, 'parent_id', maybe<String>(asText)),
      postId: field<String>(json, 'post_id', asText),
      replyCount: field<int>(json, 'reply_count', asInt),
      updatedAt: field<DateTime>(json, 'updated_at', asTime),
      url: field<String>(json, 'url', asText),
    );
  }

  /// Who wrote it
  final Author author;

  /// The text
  final String body;

  /// When it was created
  final DateTime createdAt;

  /// Deleted, but kept as a placeholder for its replies: no body or author
  final bool deleted;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// The lounge of its post
  final LoungeRef lounge;

  /// `held` while it is held for review
  final Moderation moderation;

  /// The comment that this replies to; null at the top level
  final String? parentId;

  /// The post
  final String postId;

  /// How many replies there are. The same for all: blocks and mutes do not matter
  final int replyCount;

  /// When it was last changed
  final DateTime updatedAt;

  /// Its one address: a page in a browser, and on a phone it opens the app
  final String url;

  /// The same with some parts changed. What may be null is given as a function.
  ManagedComment copyWith({Author? author, String? body, DateTime? createdAt, bool? deleted, String? id, LoungeRef? lounge, Moderation? moderation, String? Function()? parentId, String? postId, int? replyCount, DateTime? updatedAt, String? url}) {
    return ManagedComment(
      author: author ?? this.author,
      body: body ?? this.body,
      createdAt: createdAt ?? this.createdAt,
      deleted: deleted ?? this.deleted,
      id: id ?? this.id,
      lounge: lounge ?? this.lounge,
      moderation: moderation ?? this.moderation,
      parentId: parentId == null ? this.parentId : parentId(),
      postId: postId ?? this.postId,
      replyCount: replyCount ?? this.replyCount,
      updatedAt: updatedAt ?? this.updatedAt,
      url: url ?? this.url,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'author': author,
      'body': body,
      'created_at': createdAt,
      'deleted': deleted,
      'id': id,
      'lounge': lounge,
      'moderation': moderation,
      'parent_id': parentId,
      'post_id': postId,
      'reply_count': replyCount,
      'updated_at': updatedAt,
      'url': url,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is ManagedComment &&
        sameValue(author, other.author) &&
        sameValue(body, other.body) &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(deleted, other.deleted) &&
        sameValue(id, other.id) &&
        sameValue(lounge, other.lounge) &&
        sameValue(moderation, other.moderation) &&
        sameValue(parentId, other.parentId) &&
        sameValue(postId, other.postId) &&
        sameValue(replyCount, other.replyCount) &&
        sameValue(updatedAt, other.updatedAt) &&
        sameValue(url, other.url);
  }

  @override
  int get hashCode => hashOf(<Object?>[author, body, createdAt, deleted, id, lounge, moderation, parentId, postId, replyCount, updatedAt, url]);

  @override
  String toString() => 'ManagedComment(author: $author, body: $body, createdAt: $createdAt, deleted: $deleted, id: $id, lounge: $lounge, moderation: $moderation, parentId: $parentId, postId: $postId, replyCount: $replyCount, updatedAt: $updatedAt, url: $url)';
}

/// A lounge as admins see it.
@immutable
final class ManagedLounge implements HasJson {
  /// Makes one of its parts.
  const ManagedLounge({required this.closed, required this.closedAt, required this.coverUrl, required this.createdAt, required this.description, required this.favoriteCount, required this.hasNew, required this.id, required this.isFavorite, required this.lastPostedAt, required this.name, required this.notificationLevel, required this.postCount, required this.url});

  /// Reads one.
  static ManagedLounge parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return ManagedLounge(
      closed: field<bool>(json, 'closed', asBool),
      closedAt: field<DateTime?>(json, 'closed_at', maybe<DateTime>(asTime)),
      coverUrl: field<String?>(json, 'cover_url', maybe<String>(asText)),
      createdAt: field<DateTime>(json, 'created_at', asTime),
      description: field<String>(json, 'description', asText),
      favoriteCount: field<int>(json, 'favorite_count', asInt),
      hasNew: field<bool>(json, 'has_new', asBool),
      id: field<String>(json, 'id', asText),
      isFavorite: field<bool>(json, 'is_favorite', asBool),
      lastPostedAt: field<DateTime?>(json, 'last_posted_at', maybe<DateTime>(asTime)),
      name: field<String>(json, 'name', asText),
      notificationLevel: field<NotificationLevel>(json, 'notification_level', NotificationLevel.parse),
      postCount: field<int>(json, 'post_count', asInt),
      url: field<String>(json, 'url', asText),
    );
  }

  /// Its posts stay readable, but it accepts no new posts or comments. Only favorites still list it
  final bool closed;

  /// When it was closed; null if open
  final DateTime? closedAt;

  /// The lounge's cover image; null if there is none
  final String? coverUrl;

  /// When it was created
  final DateTime createdAt;

  /// What the lounge is for, 1 to 500 characters
  final String description;

  /// How many users have it as a favorite
  final int favoriteCount;

  /// Whether another user's post was published or unhidden since the caller last opened the lounge
  /// with `GET /lounges/{lounge_id}`, or the caller never opened it. Only posts that the caller can
  /// see count, of the newest 200
  final bool hasNew;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// Whether it is one of the caller's favorites
  final bool isFavorite;

  /// When the latest post was written; null without posts. The same for all: blocks and mutes do
  /// not matter
  final DateTime? lastPostedAt;

  /// The lounge's name, 1 to 50 characters
  final String name;

  /// Whether the caller is notified of new posts
  final NotificationLevel notificationLevel;

  /// How many posts there are. The same for all: blocks and mutes do not matter
  final int postCount;

  /// Its one address: a page in a browser, and on a phone it opens the app
  final String url;

  /// The same with some parts changed. What may be null is given as a function.
  ManagedLounge copyWith({bool? closed, DateTime? Function()? closedAt, String? Function()? coverUrl, DateTime? createdAt, String? description, int? favoriteCount, bool? hasNew, String? id, bool? isFavorite, DateTime? Function()? lastPostedAt, String? name, NotificationLevel? notificationLevel, int? postCount, String? url}) {
    return ManagedLounge(
      closed: closed ?? this.closed,
      closedAt: closedAt == null ? this.closedAt : closedAt(),
      coverUrl: coverUrl == null ? this.coverUrl : coverUrl(),
      createdAt: createdAt ?? this.createdAt,
      description: description ?? this.description,
      favoriteCount: favoriteCount ?? this.favoriteCount,
      hasNew: hasNew ?? this.hasNew,
      id: id ?? this.id,
      isFavorite: isFavorite ?? this.isFavorite,
      lastPostedAt: lastPostedAt == null ? this.lastPostedAt : lastPostedAt(),
      name: name ?? this.name,
      notificationLevel: notificationLevel ?? this.notificationLevel,
      postCount: postCount ?? this.postCount,
      url: url ?? this.url,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'closed': closed,
      'closed_at': closedAt,
      'cover_url': coverUrl,
      'created_at': createdAt,
      'description': description,
      'favorite_count': favoriteCount,
      'has_new': hasNew,
      'id': id,
      'is_favorite': isFavorite,
      'last_posted_at': lastPostedAt,
      'name': name,
      'notification_level': notificationLevel,
      'post_count': postCount,
      'url': url,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is ManagedLounge &&
        sameValue(closed, other.closed) &&
        sameValue(closedAt, other.closedAt) &&
        sameValue(coverUrl, other.coverUrl) &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(description, other.description) &&
        sameValue(favoriteCount, other.favoriteCount) &&
        sameValue(hasNew, other.hasNew) &&
        sameValue(id, other.id) &&
        sameValue(isFavorite, other.isFavorite) &&
        sameValue(lastPostedAt, other.lastPostedAt) &&
        sameValue(name, other.name) &&
        sameValue(notificationLevel, other.notificationLevel) &&
        sameValue(postCount, other.postCount) &&
        sameValue(url, other.url);
  }

  @override
  int get hashCode => hashOf(<Object?>[closed, closedAt, coverUrl, createdAt, description, favoriteCount, hasNew, id, isFavorite, lastPostedAt, name, notificationLevel, postCount, url]);

  @override
  String toString() => 'ManagedLounge(closed: $closed, closedAt: $closedAt, coverUrl: $coverUrl, createdAt: $createdAt, description: $description, favoriteCount: $favoriteCount, hasNew: $hasNew, id: $id, isFavorite: $isFavorite, lastPostedAt: $lastPostedAt, name: $name, notificationLevel: $notificationLevel, postCount: $postCount, url: $url)';
}

/// A post as admins see it, hidden ones too.
@immutable
final class ManagedPost implements HasJson {
  /// Makes one of its parts.
  const ManagedPost({required this.author, required this.body, required this.commentCount, required this.createdAt, required this.id, required this.images, required this.likeCount, required this.liked, required this.lounge, required this.moderation, required this.title, required this.updatedAt, required this.url, required this.watching});

  /// Reads one.
  static ManagedPost parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return ManagedPost(
      author: field<Author>(json, 'author', Author.parse),
      body: field<String>(json, 'body', asText),
      commentCount: field<int>(json, 'comment_count', asInt),
      createdAt: field<DateTime>(json, 'created_at', asTime),
      id: field<String>(json, 'id', asText),
      images: field<List<PostImage>>(json, 'images', listOf<PostImage>(PostImage.parse)),
      likeCount: field<int>(json, 'like_count', asInt),
      liked: field<bool>(json, 'liked', asBool),
      lounge: field<LoungeRef>(json, 'lounge', LoungeRef.parse),
      moderation: field<Moderation>(json, 'moderation', Moderation.parse),
      title: field<String>(json, 'title', asText),
      updatedAt: field<DateTime>(json, 'updated_at', asTime),
      url: field<String>(json, 'url', asText),
      watching: field<bool>(json, 'watching', asBool),
    );
  }

  /// Who wrote it
  final Author author;

  /// The text
  final String body;

  /// How many comments and replies there are. The same for all: blocks and mutes do not matter
  final int commentCount;

  /// When it was created
  final DateTime createdAt;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// The images, in the author's order
  final List<PostImage> images;

  /// How many users like it. The same for all: blocks and mutes do not matter
  final int likeCount;

  /// Whether the caller likes it
  final bool liked;

  /// The lounge
  final LoungeRef lounge;

  /// `held` while it is held for review
  final Moderation moderation;

  /// The title, 1 to 100 characters
  final String title;

  /// When it was last changed
  final DateTime updatedAt;

  /// Its one address: a page in a browser, and on a phone it opens the app
  final String url;

  /// Whether the caller is notified of new comments
  final bool watching;

  /// The same with some parts changed. What may be null is given as a function.
  ManagedPost copyWith({Author? author, String? body, int? commentCount, DateTime? createdAt, String? id, List<PostImage>? images, int? likeCount, bool? liked, LoungeRef? lounge, Moderation? moderation, String? title, DateTime? updatedAt, String? url, bool? watching}) {
    return ManagedPost(
      author: author ?? this.author,
      body: body ?? this.body,
      commentCount: commentCount ?? this.commentCount,
      createdAt: createdAt ?? this.createdAt,
      id: id ?? this.id,
      images: images ?? this.images,
      likeCount: likeCount ?? this.likeCount,
      liked: liked ?? this.liked,
      lounge: lounge ?? this.lounge,
      moderation: moderation ?? this.moderation,
      title: title ?? this.title,
      updatedAt: updatedAt ?? this.updatedAt,
      url: url ?? this.url,
      watching: watching ?? this.watching,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'author': author,
      'body': body,
      'comment_count': commentCount,
      'created_at': createdAt,
      'id': id,
      'images': images,
      'like_count': likeCount,
      'liked': liked,
      'lounge': lounge,
      'moderation': moderation,
      'title': title,
      'updated_at': updatedAt,
      'url': url,
      'watching': watching,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is ManagedPost &&
        sameValue(author, other.author) &&
        sameValue(body, other.body) &&
        sameValue(commentCount, other.commentCount) &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(id, other.id) &&
        sameValue(images, other.images) &&
        sameValue(likeCount, other.likeCount) &&
        sameValue(liked, other.liked) &&
        sameValue(lounge, other.lounge) &&
        sameValue(moderation, other.moderation) &&
        sameValue(title, other.title) &&
        sameValue(updatedAt, other.updatedAt) &&
        sameValue(url, other.url) &&
        sameValue(watching, other.watching);
  }

  @override
  int get hashCode => hashOf(<Object?>[author, body, commentCount, createdAt, id, images, likeCount, liked, lounge, moderation, title, updatedAt, url, watching]);

  @override
  String toString() => 'ManagedPost(author: $author, body: $body, commentCount: $commentCount, createdAt: $createdAt, id: $id, images: $images, likeCount: $likeCount, liked: $liked, lounge: $lounge, moderation: $moderation, title: $title, updatedAt: $updatedAt, url: $url, watching: $watching)';
}

/// A user as admins see them.
@immutable
final class ManagedUser implements HasJson {
  /// Makes one of its parts.
  const ManagedUser({required this.avatarUrl, required this.bio, required this.createdAt, required this.email, required this.emailVerified, required this.hideContent, required this.id, required this.isGuest, required this.locale, required this.needsNickname, required this.nickname, required this.postCount, required this.provider, required this.role, required this.status, required this.suspensionReason, required this.termsVersion, required this.until, required this.warningCount});

  /// Reads one.
  static ManagedUser parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return ManagedUser(
      avatarUrl: field<String?>(json, 'avatar_url', maybe<String>(asText)),
      bio: field<String>(json, 'bio', asText),
      createdAt: field<DateTime>(json, 'created_at', asTime),
      email: field<String?>(json, 'email', maybe<String>(asText)),
      emailVerified: field<bool>(json, 'email_verified', asBool),
      hideContent: field<bool>(json, 'hide_content', asBool),
      id: field<String>(json, 'id', asText),
      isGuest: field<bool>(json, 'is_guest', asBool),
      locale: field<UserLocale>(json, 'locale', UserLocale.parse),
      needsNickname: field<bool>(json, 'needs_nickname', asBool),
      nickname: field<String>(json, 'nickname', asText),
      postCount: field<int>(json, 'post_count', asInt),
      provider: field<SignInMethod>(json, 'provider', SignInMethod.parse),
      role: field<Role>(json, 'role', Role.parse),
      status: field<UserStatus>(json, 'status', UserStatus.parse),
      suspensionReason: field<String>(json, 'suspension_reason', asText),
      termsVersion: field<String?>(json, 'terms_version', maybe<String>(asText)),
      until: field<DateTime?>(json, 'until', maybe<DateTime>(asTime)),
      warningCount: field<int>(json, 'warning_count', asInt),
    );
  }

  /// The avatar; null if there is none
  final String? avatarUrl;

  /// What the user says about themselves; empty if nothing
  final String bio;

  /// When it was created
  final DateTime createdAt;

  /// Null if the user has none. A moderator sees it masked, as `a…@e….jp`
  final String? email;

  /// Whether the emailed link was opened
  final bool emailVerified;

  /// Whether the suspension hides all posts and comments
  final bool hideContent;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// Whether the user is a guest
  final bool isGuest;

  /// The language of emails, pushes and notifications
  final UserLocale locale;

  /// Whether to ask for a nickname: the provider gave no name
  final bool needsNickname;

  /// The name that others see, 1 to 30 characters
  final String nickname;

  /// How many posts there are. The same for all: blocks and mutes do not matter
  final int postCount;

  /// How the user signs in
  final SignInMethod provider;

  /// What the user may do
  final Role role;

  /// Whether the user may sign in
  final UserStatus status;

  /// The user sees it while suspended
  final String suspensionReason;

  /// The version of the terms accepted last
  final String? termsVersion;

  /// When the suspension ends automatically; null if it is permanent or there is none
  final DateTime? until;

  /// Warnings the user received, without withdrawn ones
  final int warningCount;

  /// The same with some parts changed. What may be null is given as a function.
  ManagedUser copyWith({String? Function()? avatarUrl, String? bio, DateTime? createdAt, String? Function()? email, bool? emailVerified, bool? hideContent, String? id, bool? isGuest, UserLocale? locale, bool? needsNickname, String? nickname, int? postCount, SignInMethod? provider, Role? role, UserStatus? status, String? suspensionReason, String? Function()? termsVersion, DateTime? Function()? until, int? warningCount}) {
    return ManagedUser(
      avatarUrl: avatarUrl == null ? this.avatarUrl : avatarUrl(),
      bio: bio ?? this.bio,
      createdAt: createdAt ?? this.createdAt,
      email: email == null ? this.email : email(),
      emailVerified: emailVerified ?? this.emailVerified,
      hideContent: hideContent ?? this.hideContent,
      id: id ?? this.id,
      isGuest: isGuest ?? this.isGuest,
      locale: locale ?? this.locale,
      needsNickname: needsNickname ?? this.needsNickname,
      nickname: nickname ?? this.nickname,
      postCount: postCount ?? this.postCount,
      provider: provider ?? this.provider,
      role: role ?? this.role,
      status: status ?? this.status,
      suspensionReason: suspensionReason ?? this.suspensionReason,
      termsVersion: termsVersion == null ? this.termsVersion : termsVersion(),
      until: until == null ? this.until : until(),
      warningCount: warningCount ?? this.warningCount,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'avatar_url': avatarUrl,
      'bio': bio,
      'created_at': createdAt,
      'email': email,
      'email_verified': emailVerified,
      'hide_content': hideContent,
      'id': id,
      'is_guest': isGuest,
      'locale': locale,
      'needs_nickname': needsNickname,
      'nickname': nickname,
      'post_count': postCount,
      'provider': provider,
      'role': role,
      'status': status,
      'suspension_reason': suspensionReason,
      'terms_version': termsVersion,
      'until': until,
      'warning_count': warningCount,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is ManagedUser &&
        sameValue(avatarUrl, other.avatarUrl) &&
        sameValue(bio, other.bio) &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(email, other.email) &&
        sameValue(emailVerified, other.emailVerified) &&
        sameValue(hideContent, other.hideContent) &&
        sameValue(id, other.id) &&
        sameValue(isGuest, other.isGuest) &&
        sameValue(locale, other.locale) &&
        sameValue(needsNickname, other.needsNickname) &&
        sameValue(nickname, other.nickname) &&
        sameValue(postCount, other.postCount) &&
        sameValue(provider, other.provider) &&
        sameValue(role, other.role) &&
        sameValue(status, other.status) &&
        sameValue(suspensionReason, other.suspensionReason) &&
        sameValue(termsVersion, other.termsVersion) &&
        sameValue(until, other.until) &&
        sameValue(warningCount, other.warningCount);
  }

  @override
  int get hashCode => hashOf(<Object?>[avatarUrl, bio, createdAt, email, emailVerified, hideContent, id, isGuest, locale, needsNickname, nickname, postCount, provider, role, status, suspensionReason, termsVersion, until, warningCount]);

  @override
  String toString() => 'ManagedUser(avatarUrl: $avatarUrl, bio: $bio, createdAt: $createdAt, email: $email, emailVerified: $emailVerified, hideContent: $hideContent, id: $id, isGuest: $isGuest, locale: $locale, needsNickname: $needsNickname, nickname: $nickname, postCount: $postCount, provider: $provider, role: $role, status: $status, suspensionReason: $suspensionReason, termsVersion: $termsVersion, until: $until, warningCount: $warningCount)';
}

/// The changes. Fields that aren't sent stay as they are.
@immutable
final class ManagedUserUpdate implements HasJson {
  /// Makes one of its parts.
  const ManagedUserUpdate({this.hideContent, this.permanent, this.reason, this.role, this.status, this.until});

  /// Reads one.
  static ManagedUserUpdate parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return ManagedUserUpdate(
      hideContent: optionalField<bool>(json, 'hide_content', asBool),
      permanent: optionalField<bool>(json, 'permanent', asBool),
      reason: optionalField<String>(json, 'reason', asText),
      role: optionalField<AssignableRole>(json, 'role', AssignableRole.parse),
      status: optionalField<UserStatusChoice>(json, 'status', UserStatusChoice.parse),
      until: optionalField<DateTime>(json, 'until', asTime),
    );
  }

  /// Whether the suspension hides all posts and comments; they are unhidden when it ends
  final bool? hideContent;

  /// `true` removes the end of a running suspension. Not together with `until`
  final bool? permanent;

  /// The reason; a suspended user sees it
  final String? reason;

  /// What the user may do
  final AssignableRole? role;

  /// Whether the user is suspended
  final UserStatusChoice? status;

  /// When a suspension ends automatically; must be in the future. Without it a running suspension
  /// keeps its end, and a new one is permanent
  final DateTime? until;

  /// The same with some parts changed. What may be null is given as a function.
  ManagedUserUpdate copyWith({bool? Function()? hideContent, bool? Function()? permanent, String? Function()? reason, AssignableRole? Function()? role, UserStatusChoice? Function()? status, DateTime? Function()? until}) {
    return ManagedUserUpdate(
      hideContent: hideContent == null ? this.hideContent : hideContent(),
      permanent: permanent == null ? this.permanent : permanent(),
      reason: reason == null ? this.reason : reason(),
      role: role == null ? this.role : role(),
      status: status == null ? this.status : status(),
      until: until == null ? this.until : until(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'hide_content': hideContent,
      'permanent': permanent,
      'reason': reason,
      'role': role,
      'status': status,
      'until': until,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is ManagedUserUpdate &&
        sameValue(hideContent, other.hideContent) &&
        sameValue(permanent, other.permanent) &&
        sameValue(reason, other.reason) &&
        sameValue(role, other.role) &&
        sameValue(status, other.status) &&
        sameValue(until, other.until);
  }

  @override
  int get hashCode => hashOf(<Object?>[hideContent, permanent, reason, role, status, until]);

  @override
  String toString() => 'ManagedUserUpdate(hideContent: $hideContent, permanent: $permanent, reason: $reason, role: $role, status: $status, until: $until)';
}

/// Which notifications to mark: some, or all. With neither, nothing is marked.
///
/// Generated clients send what a user did not set, too: `"ids": []` beside `all`, or `"all": false`
/// beside `ids`. None of that is an error.
@immutable
final class MarkRead implements HasJson {
  /// Makes one of its parts.
  const MarkRead({this.all, this.ids});

  /// Reads one.
  static MarkRead parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return MarkRead(
      all: optionalField<bool>(json, 'all', asBool),
      ids: optionalField<List<String>>(json, 'ids', listOf<String>(asText)),
    );
  }

  /// Mark all that there are now, whatever `ids` says
  final bool? all;

  /// The notifications to mark. Ids of other users' are ignored
  final List<String>? ids;

  /// The same with some parts changed. What may be null is given as a function.
  MarkRead copyWith({bool? Function()? all, List<String>? Function()? ids}) {
    return MarkRead(
      all: all == null ? this.all : all(),
      ids: ids == null ? this.ids : ids(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'all': all,
      'ids': ids,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is MarkRead &&
        sameValue(all, other.all) &&
        sameValue(ids, other.ids);
  }

  @override
  int get hashCode => hashOf(<Object?>[all, ids]);

  @override
  String toString() => 'MarkRead(all: $all, ids: $ids)';
}

/// The caller's own account.
@immutable
final class Me implements HasJson {
  /// Makes one of its parts.
  const Me({required this.avatarUrl, required this.bio, required this.createdAt, required this.email, required this.emailVerified, required this.id, required this.isGuest, required this.locale, required this.mayPublish, required this.needsNickname, required this.nickname, required this.provider, required this.role, required this.termsVersion});

  /// Reads one.
  static Me parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Me(
      avatarUrl: field<String?>(json, 'avatar_url', maybe<String>(asText)),
      bio: field<String>(json, 'bio', asText),
      createdAt: field<DateTime>(json, 'created_at', asTime),
      email: field<String?>(json, 'email', maybe<String>(asText)),
      emailVerified: field<bool>(json, 'email_verified', asBool),
      id: field<String>(json, 'id', asText),
      isGuest: field<bool>(json, 'is_guest', asBool),
      locale: field<UserLocale>(json, 'locale', UserLocale.parse),
      mayPublish: field<MayPublish>(json, 'may_publish', MayPublish.parse),
      needsNickname: field<bool>(json, 'needs_nickname', asBool),
      nickname: field<String>(json, 'nickname', asText),
      provider: field<SignInMethod>(json, 'provider', SignInMethod.parse),
      role: field<Role>(json, 'role', Role.parse),
      termsVersion: field<String?>(json, 'terms_version', maybe<String>(asText)),
    );
  }

  /// The avatar; null if there is none
  final String? avatarUrl;

  /// What the user says about themselves; empty if nothing
  final String bio;

  /// When it was created
  final DateTime createdAt;

  /// The email address; null if there is none
  final String? email;

  /// Whether the emailed link was opened
  final bool emailVerified;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// Whether the user is a guest
  final bool isGuest;

  /// The language of emails, pushes and notifications
  final UserLocale locale;

  /// `yes`, or the first reason why posting, commenting and all else that others would see is
  /// refused
  final MayPublish mayPublish;

  /// Whether to ask for a nickname: the provider gave no name
  final bool needsNickname;

  /// The name that others see, 1 to 30 characters
  final String nickname;

  /// How the user signs in
  final SignInMethod provider;

  /// What the user may do
  final Role role;

  /// The version of the terms accepted last
  final String? termsVersion;

  /// The same with some parts changed. What may be null is given as a function.
  Me copyWith({String? Function()? avatarUrl, String? bio, DateTime? createdAt, String? Function()? email, bool? emailVerified, String? id, bool? isGuest, UserLocale? locale, MayPublish? mayPublish, bool? needsNickname, String? nickname, SignInMethod? provider, Role? role, String? Function()? termsVersion}) {
    return Me(
      avatarUrl: avatarUrl == null ? this.avatarUrl : avatarUrl(),
      bio: bio ?? this.bio,
      createdAt: createdAt ?? this.createdAt,
      email: email == null ? this.email : email(),
      emailVerified: emailVerified ?? this.emailVerified,
      id: id ?? this.id,
      isGuest: isGuest ?? this.isGuest,
      locale: locale ?? this.locale,
      mayPublish: mayPublish ?? this.mayPublish,
      needsNickname: needsNickname ?? this.needsNickname,
      nickname: nickname ?? this.nickname,
      provider: provider ?? this.provider,
      role: role ?? this.role,
      termsVersion: termsVersion == null ? this.termsVersion : termsVersion(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'avatar_url': avatarUrl,
      'bio': bio,
      'created_at': createdAt,
      'email': email,
      'email_verified': emailVerified,
      'id': id,
      'is_guest': isGuest,
      'locale': locale,
      'may_publish': mayPublish,
      'needs_nickname': needsNickname,
      'nickname': nickname,
      'provider': provider,
      'role': role,
      'terms_version': termsVersion,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Me &&
        sameValue(avatarUrl, other.avatarUrl) &&
        sameValue(bio, other.bio) &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(email, other.email) &&
        sameValue(emailVerified, other.emailVerified) &&
        sameValue(id, other.id) &&
        sameValue(isGuest, other.isGuest) &&
        sameValue(locale, other.locale) &&
        sameValue(mayPublish, other.mayPublish) &&
        sameValue(needsNickname, other.needsNickname) &&
        sameValue(nickname, other.nickname) &&
        sameValue(provider, other.provider) &&
        sameValue(role, other.role) &&
        sameValue(termsVersion, other.termsVersion);
  }

  @override
  int get hashCode => hashOf(<Object?>[avatarUrl, bio, createdAt, email, emailVerified, id, isGuest, locale, mayPublish, needsNickname, nickname, provider, role, termsVersion]);

  @override
  String toString() => 'Me(avatarUrl: $avatarUrl, bio: $bio, createdAt: $createdAt, email: $email, emailVerified: $emailVerified, id: $id, isGuest: $isGuest, locale: $locale, mayPublish: $mayPublish, needsNickname: $needsNickname, nickname: $nickname, provider: $provider, role: $role, termsVersion: $termsVersion)';
}

/// What to change; what is not sent stays. A bio is cleared by `""`.
@immutable
final class MeUpdate implements HasJson {
  /// Makes one of its parts.
  const MeUpdate({this.bio, this.locale, this.nickname, this.termsVersion});

  /// Reads one.
  static MeUpdate parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return MeUpdate(
      bio: optionalField<String>(json, 'bio', asText),
      locale: optionalField<UserLocaleChoice>(json, 'locale', UserLocaleChoice.parse),
      nickname: optionalField<String>(json, 'nickname', asText),
      termsVersion: optionalField<String>(json, 'terms_version', asText),
    );
  }

  /// What the user says about themselves; empty if nothing
  final String? bio;

  /// The language of emails, pushes and notifications
  final UserLocaleChoice? locale;

  /// The name that others see, 1 to 30 characters
  final String? nickname;

  /// The version of the terms that the user accepts
  final String? termsVersion;

  /// The same with some parts changed. What may be null is given as a function.
  MeUpdate copyWith({String? Function()? bio, UserLocaleChoice? Function()? locale, String? Function()? nickname, String? Function()? termsVersion}) {
    return MeUpdate(
      bio: bio == null ? this.bio : bio(),
      locale: locale == null ? this.locale : locale(),
      nickname: nickname == null ? this.nickname : nickname(),
      termsVersion: termsVersion == null ? this.termsVersion : termsVersion(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'bio': bio,
      'locale': locale,
      'nickname': nickname,
      'terms_version': termsVersion,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is MeUpdate &&
        sameValue(bio, other.bio) &&
        sameValue(locale, other.locale) &&
        sameValue(nickname, other.nickname) &&
        sameValue(termsVersion, other.termsVersion);
  }

  @override
  int get hashCode => hashOf(<Object?>[bio, locale, nickname, termsVersion]);

  @override
  String toString() => 'MeUpdate(bio: $bio, locale: $locale, nickname: $nickname, termsVersion: $termsVersion)';
}

/// What this server allows, offers and requires.
@immutable
final class Meta implements HasJson {
  /// Makes one of its parts.
  const Meta({required this.appCheck, required this.appName, required this.contact, required this.legal, required this.limits, required this.links, required this.minAppVersion, required this.providers, required this.publishNeeds, required this.signUp, required this.terms, required this.version});

  /// Reads one.
  static Meta parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Meta(
      appCheck: field<MetaAppCheck>(json, 'app_check', MetaAppCheck.parse),
      appName: field<String>(json, 'app_name', asText),
      contact: field<Contact>(json, 'contact', Contact.parse),
      legal: field<Legal>(json, 'legal', Legal.parse),
      limits: field<Limits>(json, 'limits', Limits.parse),
      links: field<Links>(json, 'links', Links.parse),
      minAppVersion: field<String>(json, 'min_app_version', asText),
      providers: field<List<String>>(json, 'providers', listOf<String>(asText)),
      publishNeeds: field<MetaPublishNeeds>(json, 'publish_needs', MetaPublishNeeds.parse),
      signUp: field<bool>(json, 'sign_up', asBool),
      terms: field<Terms>(json, 'terms', Terms.parse),
      version: field<String>(json, 'version', asText),
    );
  }

  /// Whether signing up and in requires a token of Firebase App Check: with `enforce` it does, with
  /// `watch` missing ones are only counted
  final MetaAppCheck appCheck;

  /// What the app is called
  final String appName;

  /// How to reach the operator
  final Contact contact;

  /// Pages that the stores ask for
  final Legal legal;

  /// Sizes, lengths and rates
  final Limits limits;

  /// Pages for a browser
  final Links links;

  /// The oldest app that works with this server
  final String minAppVersion;

  /// How users can sign in here
  final List<String> providers;

  /// What an account needs to publish: a confirmed email address, or a sign-in with LINE, Google or
  /// Apple
  final MetaPublishNeeds publishNeeds;

  /// Whether new users can sign up
  final bool signUp;

  /// The terms of use
  final Terms terms;

  /// The server's release
  final String version;

  /// The same with some parts changed. What may be null is given as a function.
  Meta copyWith({MetaAppCheck? appCheck, String? appName, Contact? contact, Legal? legal, Limits? limits, Links? links, String? minAppVersion, List<String>? providers, MetaPublishNeeds? publishNeeds, bool? signUp, Terms? terms, String? version}) {
    return Meta(
      appCheck: appCheck ?? this.appCheck,
      appName: appName ?? this.appName,
      contact: contact ?? this.contact,
      legal: legal ?? this.legal,
      limits: limits ?? this.limits,
      links: links ?? this.links,
      minAppVersion: minAppVersion ?? this.minAppVersion,
      providers: providers ?? this.providers,
      publishNeeds: publishNeeds ?? this.publishNeeds,
      signUp: signUp ?? this.signUp,
      terms: terms ?? this.terms,
      version: version ?? this.version,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'app_check': appCheck,
      'app_name': appName,
      'contact': contact,
      'legal': legal,
      'limits': limits,
      'links': links,
      'min_app_version': minAppVersion,
      'providers': providers,
      'publish_needs': publishNeeds,
      'sign_up': signUp,
      'terms': terms,
      'version': version,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Meta &&
        sameValue(appCheck, other.appCheck) &&
        sameValue(appName, other.appName) &&
        sameValue(contact, other.contact) &&
        sameValue(legal, other.legal) &&
        sameValue(limits, other.limits) &&
        sameValue(links, other.links) &&
        sameValue(minAppVersion, other.minAppVersion) &&
        sameValue(providers, other.providers) &&
        sameValue(publishNeeds, other.publishNeeds) &&
        sameValue(signUp, other.signUp) &&
        sameValue(terms, other.terms) &&
        sameValue(version, other.version);
  }

  @override
  int get hashCode => hashOf(<Object?>[appCheck, appName, contact, legal, limits, links, minAppVersion, providers, publishNeeds, signUp, terms, version]);

  @override
  String toString() => 'Meta(appCheck: $appCheck, appName: $appName, contact: $contact, legal: $legal, limits: $limits, links: $links, minAppVersion: $minAppVersion, providers: $providers, publishNeeds: $publishNeeds, signUp: $signUp, terms: $terms, version: $version)';
}

/// Six digits of the authenticator app, or one of the recovery codes. Spaces don't matter.
@immutable
final class MfaCode implements HasJson {
  /// Makes one of its parts.
  const MfaCode({required this.code});

  /// Reads one.
  static MfaCode parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return MfaCode(
      code: field<String>(json, 'code', asText),
    );
  }

  /// The code, as it was typed
  final String code;

  /// The same with some parts changed. What may be null is given as a function.
  MfaCode copyWith({String? code}) {
    return MfaCode(
      code: code ?? this.code,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'code': code,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is MfaCode &&
        sameValue(code, other.code);
  }

  @override
  int get hashCode => hashOf(<Object?>[code]);

  @override
  String toString() => 'MfaCode(code: …)';
}

/// A comment as staff see it, and the last decision about it.
@immutable
final class ModeratedComment implements HasJson {
  /// Makes one of its parts.
  const ModeratedComment({required this.author, required this.body, required this.createdAt, required this.deleted, required this.id, required this.lounge, required this.moderatedAt, required this.moderatedBy, required this.moderation, required this.moderationReason, required this.parentId, required this.postId, required this.replyCount, required this.updatedAt, required this.url});

  /// Reads one.
  static ModeratedComment parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return ModeratedComment(
      author: field<Author>(json, 'author', Author.parse),
      body: field<String>(json, 'body', asText),
      createdAt: field<DateTime>(json, 'created_at', asTime),
      deleted: field<bool>(json, 'deleted', asBool),
      id: field<String>(json, 'id', asText),
      lounge: field<LoungeRef>(json, 'lounge', LoungeRef.parse),
      moderatedAt: field<DateTime?>(json, 'moderated_at', maybe<DateTime>(asTime)),
      moderatedBy: field<Author?>(json, 'moderated_by', maybe<Author>(Author.parse)),
      moderation: field<Moderation>(json, 'moderation', Moderation.parse),
      moderationReason: field<String?>(json, 'moderation_reason', maybe<String>(asText)),
      parentId: field<String?>(json, 'parent_id', maybe<String>(asText)),
      postId: field<String>(json, 'post_id', asText),
      replyCount: field<int>(json, 'reply_count', asInt),
      updatedAt: field<DateTime>(json, 'updated_at', asTime),
      url: field<String>(json, 'url', asText),
    );
  }

  /// Who wrote it
  final Author author;

  /// The text
  final String body;

  /// When it was created
  final DateTime createdAt;

  /// Deleted, but kept as a placeholder for its replies: no body or author
  final bool deleted;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// The lounge of its post
  final LoungeRef lounge;

  /// When that was decided
  final DateTime? moderatedAt;

  /// Who hid, unhid or released it
  final Author? moderatedBy;

  /// `held` while it is held for review
  final Moderation moderation;

  /// The reason that staff gave
  final String? moderationReason;

  /// The comment that this replies to; null at the top level
  final String? parentId;

  /// The post
  final String postId;

  /// How many replies there are. The same for all: blocks and mutes do not matter
  final int replyCount;

  /// When it was last changed
  final DateTime updatedAt;

  /// Its one address: a page in a browser, and on a phone it opens the app
  final String url;

  /// The same with some parts changed. What may be null is given as a function.
  ModeratedComment copyWith({Author? author, String? body, DateTime? createdAt, bool? deleted, String? id, LoungeRef? lounge, DateTime? Function()? moderatedAt, Author? Function()? moderatedBy, Moderation? moderation, String? Function()? moderationReason, String? Function()? parentId, String? postId, int? replyCount, DateTime? updatedAt, String? url}) {
    return ModeratedComment(
      author: author ?? this.author,
      body: body ?? this.body,
      createdAt: createdAt ?? this.createdAt,
      deleted: deleted ?? this.deleted,
      id: id ?? this.id,
      lounge: lounge ?? this.lounge,
      moderatedAt: moderatedAt == null ? this.moderatedAt : moderatedAt(),
      moderatedBy: moderatedBy == null ? this.moderatedBy : moderatedBy(),
      moderation: moderation ?? this.moderation,
      moderationReason: moderationReason == null ? this.moderationReason : moderationReason(),
      parentId: parentId == null ? this.parentId : parentId(),
      postId: postId ?? this.postId,
      replyCount: replyCount ?? this.replyCount,
      updatedAt: updatedAt ?? this.updatedAt,
      url: url ?? this.url,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'author': author,
      'body': body,
      'created_at': createdAt,
      'deleted': deleted,
      'id': id,
      'lounge': lounge,
      'moderated_at': moderatedAt,
      'moderated_by': moderatedBy,
      'moderation': moderation,
      'moderation_reason': moderationReason,
      'parent_id': parentId,
      'post_id': postId,
      'reply_count': replyCount,
      'updated_at': updatedAt,
      'url': url,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is ModeratedComment &&
        sameValue(author, other.author) &&
        sameValue(body, other.body) &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(deleted, other.deleted) &&
        sameValue(id, other.id) &&
        sameValue(lounge, other.lounge) &&
        sameValue(moderatedAt, other.moderatedAt) &&
        sameValue(moderatedBy, other.moderatedBy) &&
        sameValue(moderation, other.moderation) &&
        sameValue(moderationReason, other.moderationReason) &&
        sameValue(parentId, other.parentId) &&
        sameValue(postId, other.postId) &&
        sameValue(replyCount, other.replyCount) &&
        sameValue(updatedAt, other.updatedAt) &&
        sameValue(url, other.url);
  }

  @override
  int get hashCode => hashOf(<Object?>[author, body, createdAt, deleted, id, lounge, moderatedAt, moderatedBy, moderation, moderationReason, parentId, postId, replyCount, updatedAt, url]);

  @override
  String toString() => 'ModeratedComment(author: $author, body: $body, createdAt: $createdAt, deleted: $deleted, id: $id, lounge: $lounge, moderatedAt: $moderatedAt, moderatedBy: $moderatedBy, moderation: $moderation, moderationReason: $moderationReason, parentId: $parentId, postId: $postId, replyCount: $replyCount, updatedAt: $updatedAt, url: $url)';
}

/// A post as staff see it, and the last decision about it.
@immutable
final class ModeratedPost implements HasJson {
  /// Makes one of its parts.
  const ModeratedPost({required this.author, required this.body, required this.commentCount, required this.createdAt, required this.id, required this.images, required this.likeCount, required this.liked, required this.lounge, required this.moderatedAt, required this.moderatedBy, required this.moderation, required this.moderationReason, required this.title, required this.updatedAt, required this.url, required this.watching});

  /// Reads one.
  static ModeratedPost parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return ModeratedPost(
      author: field<Author>(json, 'author', Author.parse),
      body: field<String>(json, 'body', asText),
      commentCount: field<int>(json, 'comment_count', asInt),
      createdAt: field<DateTime>(json, 'created_at', asTime),
      id: field<String>(json, 'id', asText),
      images: field<List<PostImage>>(json, 'images', listOf<PostImage>(PostImage.parse)),
      likeCount: field<int>(json, 'like_count', asInt),
      liked: field<bool>(json, 'liked', asBool),
      lounge: field<LoungeRef>(json, 'lounge', LoungeRef.parse),
      moderatedAt: field<DateTime?>(json, 'moderated_at', maybe<DateTime>(asTime)),
      moderatedBy: field<Author?>(json, 'moderated_by', maybe<Author>(Author.parse)),
      moderation: field<Moderation>(json, 'moderation', Moderation.parse),
      moderationReason: field<String?>(json, 'moderation_reason', maybe<String>(asText)),
      title: field<String>(json, 'title', asText),
      updatedAt: field<DateTime>(json, 'updated_at', asTime),
      url: field<String>(json, 'url', asText),
      watching: field<bool>(json, 'watching', asBool),
    );
  }

  /// Who wrote it
  final Author author;

  /// The text
  final String body;

  /// How many comments and replies there are. The same for all: blocks and mutes do not matter
  final int commentCount;

  /// When it was created
  final DateTime createdAt;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// The images, in the author's order
  final List<PostImage> images;

  /// How many users like it. The same for all: blocks and mutes do not matter
  final int likeCount;

  /// Whether the caller likes it
  final bool liked;

  /// The lounge
  final LoungeRef lounge;

  /// When that was decided
  final DateTime? moderatedAt;

  /// Who hid, unhid or released it
  final Author? moderatedBy;

  /// `held` while it is held for review
  final Moderation moderation;

  /// The reason that staff gave
  final String? moderationReason;

  /// The title, 1 to 100 characters
  final String title;

  /// When it was last changed
  final DateTime updatedAt;

  /// Its one address: a page in a browser, and on a phone it opens the app
  final String url;

  /// Whether the caller is notified of new comments
  final bool watching;

  /// The same with some parts changed. What may be null is given as a function.
  ModeratedPost copyWith({Author? author, String? body, int? commentCount, DateTime? createdAt, String? id, List<PostImage>? images, int? likeCount, bool? liked, LoungeRef? lounge, DateTime? Function()? moderatedAt, Author? Function()? moderatedBy, Moderation? moderation, String? Function()? moderationReason, String? title, DateTime? updatedAt, String? url, bool? watching}) {
    return ModeratedPost(
      author: author ?? this.author,
      body: body ?? this.body,
      commentCount: commentCount ?? this.commentCount,
      createdAt: createdAt ?? this.createdAt,
      id: id ?? this.id,
      images: images ?? this.images,
      likeCount: likeCount ?? this.likeCount,
      liked: liked ?? this.liked,
      lounge: lounge ?? this.lounge,
      moderatedAt: moderatedAt == null ? this.moderatedAt : moderatedAt(),
      moderatedBy: moderatedBy == null ? this.moderatedBy : moderatedBy(),
      moderation: moderation ?? this.moderation,
      moderationReason: moderationReason == null ? this.moderationReason : moderationReason(),
      title: title ?? this.title,
      updatedAt: updatedAt ?? this.updatedAt,
      url: url ?? this.url,
      watching: watching ?? this.watching,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'author': author,
      'body': body,
      'comment_count': commentCount,
      'created_at': createdAt,
      'id': id,
      'images': images,
      'like_count': likeCount,
      'liked': liked,
      'lounge': lounge,
      'moderated_at': moderatedAt,
      'moderated_by': moderatedBy,
      'moderation': moderation,
      'moderation_reason': moderationReason,
      'title': title,
      'updated_at': updatedAt,
      'url': url,
      'watching': watching,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is ModeratedPost &&
        sameValue(author, other.author) &&
        sameValue(body, other.body) &&
        sameValue(commentCount, other.commentCount) &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(id, other.id) &&
        sameValue(images, other.images) &&
        sameValue(likeCount, other.likeCount) &&
        sameValue(liked, other.liked) &&
        sameValue(lounge, other.lounge) &&
        sameValue(moderatedAt, other.moderatedAt) &&
        sameValue(moderatedBy, other.moderatedBy) &&
        sameValue(moderation, other.moderation) &&
        sameValue(moderationReason, other.moderationReason) &&
        sameValue(title, other.title) &&
        sameValue(updatedAt, other.updatedAt) &&
        sameValue(url, other.url) &&
        sameValue(watching, other.watching);
  }

  @override
  int get hashCode => hashOf(<Object?>[author, body, commentCount, createdAt, id, images, likeCount, liked, lounge, moderatedAt, moderatedBy, moderation, moderationReason, title, updatedAt, url, watching]);

  @override
  String toString() => 'ModeratedPost(author: $author, body: $body, commentCount: $commentCount, createdAt: $createdAt, id: $id, images: $images, likeCount: $likeCount, liked: $liked, lounge: $lounge, moderatedAt: $moderatedAt, moderatedBy: $moderatedBy, moderation: $moderation, moderationReason: $moderationReason, title: $title, updatedAt: $updatedAt, url: $url, watching: $watching)';
}

/// A post that the caller has muted, and when.
@immutable
final class Mute implements HasJson {
  /// Makes one of its parts.
  const Mute({required this.mutedAt, required this.post});

  /// Reads one.
  static Mute parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Mute(
      mutedAt: field<DateTime>(json, 'muted_at', asTime),
      post: field<MutedPost>(json, 'post', MutedPost.parse),
    );
  }

  /// When the caller muted it
  final DateTime mutedAt;

  /// The post
  final MutedPost post;

  /// The same with some parts changed. What may be null is given as a function.
  Mute copyWith({DateTime? mutedAt, MutedPost? post}) {
    return Mute(
      mutedAt: mutedAt ?? this.mutedAt,
      post: post ?? this.post,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'muted_at': mutedAt,
      'post': post,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Mute &&
        sameValue(mutedAt, other.mutedAt) &&
        sameValue(post, other.post);
  }

  @override
  int get hashCode => hashOf(<Object?>[mutedAt, post]);

  @override
  String toString() => 'Mute(mutedAt: $mutedAt, post: $post)';
}

/// A post's id and title.
@immutable
final class MutedPost implements HasJson {
  /// Makes one of its parts.
  const MutedPost({required this.id, required this.lounge, required this.title, required this.url});

  /// Reads one.
  static MutedPost parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return MutedPost(
      id: field<String>(json, 'id', asText),
      lounge: field<LoungeRef>(json, 'lounge', LoungeRef.parse),
      title: field<String>(json, 'title', asText),
      url: field<String>(json, 'url', asText),
    );
  }

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// The lounge
  final LoungeRef lounge;

  /// The title, 1 to 100 characters
  final String title;

  /// Its one address: a page in a browser, and on a phone it opens the app
  final String url;

  /// The same with some parts changed. What may be null is given as a function.
  MutedPost copyWith({String? id, LoungeRef? lounge, String? title, String? url}) {
    return MutedPost(
      id: id ?? this.id,
      lounge: lounge ?? this.lounge,
      title: title ?? this.title,
      url: url ?? this.url,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'id': id,
      'lounge': lounge,
      'title': title,
      'url': url,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is MutedPost &&
        sameValue(id, other.id) &&
        sameValue(lounge, other.lounge) &&
        sameValue(title, other.title) &&
        sameValue(url, other.url);
  }

  @override
  int get hashCode => hashOf(<Object?>[id, lounge, title, url]);

  @override
  String toString() => 'MutedPost(id: $id, lounge: $lounge, title: $title, url: $url)';
}

/// What a provider's SDK gave the app. `nonce` comes from `POST /auth/nonce`.
///
/// LINE and Apple need a nonce. Google's is optional, and checked if it is sent.
/// `authorization_code` is only for Apple: its SDK gives it with the ID token. With it, the app is
/// disconnected from the Apple account when the user deletes their account.
@immutable
final class NativeSignIn implements HasJson {
  /// Makes one of its parts.
  const NativeSignIn({required this.idToken, this.authorizationCode, this.nonce, this.termsVersion});

  /// Reads one.
  static NativeSignIn parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return NativeSignIn(
      idToken: field<String>(json, 'id_token', asText),
      authorizationCode: optionalField<String>(json, 'authorization_code', asText),
      nonce: optionalField<String>(json, 'nonce', asText),
      termsVersion: optionalField<String>(json, 'terms_version', asText),
    );
  }

  /// The ID token of the provider's SDK
  final String idToken;

  /// Apple's, from its SDK
  final String? authorizationCode;

  /// From `POST /auth/nonce`; works once
  final String? nonce;

  /// The version of the terms that the user accepts
  final String? termsVersion;

  /// The same with some parts changed. What may be null is given as a function.
  NativeSignIn copyWith({String? idToken, String? Function()? authorizationCode, String? Function()? nonce, String? Function()? termsVersion}) {
    return NativeSignIn(
      idToken: idToken ?? this.idToken,
      authorizationCode: authorizationCode == null ? this.authorizationCode : authorizationCode(),
      nonce: nonce == null ? this.nonce : nonce(),
      termsVersion: termsVersion == null ? this.termsVersion : termsVersion(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'id_token': idToken,
      'authorization_code': authorizationCode,
      'nonce': nonce,
      'terms_version': termsVersion,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is NativeSignIn &&
        sameValue(idToken, other.idToken) &&
        sameValue(authorizationCode, other.authorizationCode) &&
        sameValue(nonce, other.nonce) &&
        sameValue(termsVersion, other.termsVersion);
  }

  @override
  int get hashCode => hashOf(<Object?>[idToken, authorizationCode, nonce, termsVersion]);

  @override
  String toString() => 'NativeSignIn(idToken: …, authorizationCode: …, nonce: …, termsVersion: $termsVersion)';
}

/// A nonce for the provider's SDK, which puts it into the ID token. It works once.
@immutable
final class NonceCreated implements HasJson {
  /// Makes one of its parts.
  const NonceCreated({required this.expiresIn, required this.nonce});

  /// Reads one.
  static NonceCreated parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return NonceCreated(
      expiresIn: field<int>(json, 'expires_in', asInt),
      nonce: field<String>(json, 'nonce', asText),
    );
  }

  /// Seconds until it expires
  final int expiresIn;

  /// From `POST /auth/nonce`; works once
  final String nonce;

  /// The same with some parts changed. What may be null is given as a function.
  NonceCreated copyWith({int? expiresIn, String? nonce}) {
    return NonceCreated(
      expiresIn: expiresIn ?? this.expiresIn,
      nonce: nonce ?? this.nonce,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'expires_in': expiresIn,
      'nonce': nonce,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is NonceCreated &&
        sameValue(expiresIn, other.expiresIn) &&
        sameValue(nonce, other.nonce);
  }

  @override
  int get hashCode => hashOf(<Object?>[expiresIn, nonce]);

  @override
  String toString() => 'NonceCreated(expiresIn: $expiresIn, nonce: …)';
}

/// A notification. The ids that are not null name what it is about.
@immutable
final class NotificationItem implements HasJson {
  /// Makes one of its parts.
  const NotificationItem({required this.actor, required this.body, required this.commentId, required this.createdAt, required this.id, required this.loungeId, required this.loungeRequestId, required this.parentId, required this.postId, required this.read, required this.title, required this.type, required this.url});

  /// Reads one.
  static NotificationItem parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return NotificationItem(
      actor: field<Author?>(json, 'actor', maybe<Author>(Author.parse)),
      body: field<String>(json, 'body', asText),
      commentId: field<String?>(json, 'comment_id', maybe<String>(asText)),
      createdAt: field<DateTime>(json, 'created_at', asTime),
      id: field<String>(json, 'id', asText),
      loungeId: field<String?>(json, 'lounge_id', maybe<String>(asText)),
      loungeRequestId: field<String?>(json, 'lounge_request_id', maybe<String>(asText)),
      parentId: field<String?>(json, 'parent_id', maybe<String>(asText)),
      postId: field<String?>(json, 'post_id', maybe<String>(asText)),
      read: field<bool>(json, 'read', asBool),
      title: field<String>(json, 'title', asText),
      type: field<NotificationType>(json, 'type', NotificationType.parse),
      url: field<String?>(json, 'url', maybe<String>(asText)),
    );
  }

  /// Who did it; null if it was not a single user
  final Author? actor;

  /// A sentence in the reader's `locale`
  final String body;

  /// The comment
  final String? commentId;

  /// When it was created
  final DateTime createdAt;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// The lounge
  final String? loungeId;

  /// The lounge request
  final String? loungeRequestId;

  /// The parent comment of a reply. Null for a top-level comment
  final String? parentId;

  /// The post
  final String? postId;

  /// Whether it is marked as read
  final bool read;

  /// In the reader's `locale`
  final String title;

  /// What happened
  final NotificationType type;

  /// What to open: the `url` of the post, comment or lounge. Null if there is nothing
  final String? url;

  /// The same with some parts changed. What may be null is given as a function.
  NotificationItem copyWith({Author? Function()? actor, String? body, String? Function()? commentId, DateTime? createdAt, String? id, String? Function()? loungeId, String? Function()? loungeRequestId, String? Function()? parentId, String? Function()? postId, bool? read, String? title, NotificationType? type, String? Function()? url}) {
    return NotificationItem(
      actor: actor == null ? this.actor : actor(),
      body: body ?? this.body,
      commentId: commentId == null ? this.commentId : commentId(),
      createdAt: createdAt ?? this.createdAt,
      id: id ?? this.id,
      loungeId: loungeId == null ? this.loungeId : loungeId(),
      loungeRequestId: loungeRequestId == null ? this.loungeRequestId : loungeRequestId(),
      parentId: parentId == null ? this.parentId : parentId(),
      postId: postId == null ? this.postId : postId(),
      read: read ?? this.read,
      title: title ?? this.title,
      type: type ?? this.type,
      url: url == null ? this.url : url(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'actor': actor,
      'body': body,
      'comment_id': commentId,
      'created_at': createdAt,
      'id': id,
      'lounge_id': loungeId,
      'lounge_request_id': loungeRequestId,
      'parent_id': parentId,
      'post_id': postId,
      'read': read,
      'title': title,
      'type': type,
      'url': url,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is NotificationItem &&
        sameValue(actor, other.actor) &&
        sameValue(body, other.body) &&
        sameValue(commentId, other.commentId) &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(id, other.id) &&
        sameValue(loungeId, other.loungeId) &&
        sameValue(loungeRequestId, other.loungeRequestId) &&
        sameValue(parentId, other.parentId) &&
        sameValue(postId, other.postId) &&
        sameValue(read, other.read) &&
        sameValue(title, other.title) &&
        sameValue(type, other.type) &&
        sameValue(url, other.url);
  }

  @override
  int get hashCode => hashOf(<Object?>[actor, body, commentId, createdAt, id, loungeId, loungeRequestId, parentId, postId, read, title, type, url]);

  @override
  String toString() => 'NotificationItem(actor: $actor, body: $body, commentId: $commentId, createdAt: $createdAt, id: $id, loungeId: $loungeId, loungeRequestId: $loungeRequestId, parentId: $parentId, postId: $postId, read: $read, title: $title, type: $type, url: $url)';
}

/// What is pushed. Types that are turned off still appear in the list.
@immutable
final class NotificationSettings implements HasJson {
  /// Makes one of its parts.
  const NotificationSettings({required this.announcement, required this.comment, required this.loungePost, required this.loungeRequest, required this.pushEnabled, required this.reply, required this.watched});

  /// Reads one.
  static NotificationSettings parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return NotificationSettings(
      announcement: field<bool>(json, 'announcement', asBool),
      comment: field<bool>(json, 'comment', asBool),
      loungePost: field<bool>(json, 'lounge_post', asBool),
      loungeRequest: field<bool>(json, 'lounge_request', asBool),
      pushEnabled: field<bool>(json, 'push_enabled', asBool),
      reply: field<bool>(json, 'reply', asBool),
      watched: field<bool>(json, 'watched', asBool),
    );
  }

  /// Push announcements
  final bool announcement;

  /// Push comments on the caller's posts
  final bool comment;

  /// Push new posts in lounges with `notification_level: all`
  final bool loungePost;

  /// Push decisions about the caller's lounge requests
  final bool loungeRequest;

  /// Whether anything is pushed. No setting stops `security` and `account_suspended`
  final bool pushEnabled;

  /// Push replies to the caller's comments
  final bool reply;

  /// Push new comments on watched posts
  final bool watched;

  /// The same with some parts changed. What may be null is given as a function.
  NotificationSettings copyWith({bool? announcement, bool? comment, bool? loungePost, bool? loungeRequest, bool? pushEnabled, bool? reply, bool? watched}) {
    return NotificationSettings(
      announcement: announcement ?? this.announcement,
      comment: comment ?? this.comment,
      loungePost: loungePost ?? this.loungePost,
      loungeRequest: loungeRequest ?? this.loungeRequest,
      pushEnabled: pushEnabled ?? this.pushEnabled,
      reply: reply ?? this.reply,
      watched: watched ?? this.watched,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'announcement': announcement,
      'comment': comment,
      'lounge_post': loungePost,
      'lounge_request': loungeRequest,
      'push_enabled': pushEnabled,
      'reply': reply,
      'watched': watched,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is NotificationSettings &&
        sameValue(announcement, other.announcement) &&
        sameValue(comment, other.comment) &&
        sameValue(loungePost, other.loungePost) &&
        sameValue(loungeRequest, other.loungeRequest) &&
        sameValue(pushEnabled, other.pushEnabled) &&
        sameValue(reply, other.reply) &&
        sameValue(watched, other.watched);
  }

  @override
  int get hashCode => hashOf(<Object?>[announcement, comment, loungePost, loungeRequest, pushEnabled, reply, watched]);

  @override
  String toString() => 'NotificationSettings(announcement: $announcement, comment: $comment, loungePost: $loungePost, loungeRequest: $loungeRequest, pushEnabled: $pushEnabled, reply: $reply, watched: $watched)';
}

/// The settings to change. Fields that are not sent stay as they are.
@immutable
final class NotificationSettingsUpdate implements HasJson {
  /// Makes one of its parts.
  const NotificationSettingsUpdate({this.announcement, this.comment, this.loungePost, this.loungeRequest, this.pushEnabled, this.reply, this.watched});

  /// Reads one.
  static NotificationSettingsUpdate parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return NotificationSettingsUpdate(
      announcement: optionalField<bool>(json, 'announcement', asBool),
      comment: optionalField<bool>(json, 'comment', asBool),
      loungePost: optionalField<bool>(json, 'lounge_post', asBool),
      loungeRequest: optionalField<bool>(json, 'lounge_request', asBool),
      pushEnabled: optionalField<bool>(json, 'push_enabled', asBool),
      reply: optionalField<bool>(json, 'reply', asBool),
      watched: optionalField<bool>(json, 'watched', asBool),
    );
  }

  /// Push announcements
  final bool? announcement;

  /// Push comments on the caller's posts
  final bool? comment;

  /// Push new posts in lounges with `notification_level: all`
  final bool? loungePost;

  /// Push decisions about the caller's lounge requests
  final bool? loungeRequest;

  /// Whether anything is pushed. No setting stops `security` and `account_suspended`
  final bool? pushEnabled;

  /// Push replies to the caller's comments
  final bool? reply;

  /// Push new comments on watched posts
  final bool? watched;

  /// The same with some parts changed. What may be null is given as a function.
  NotificationSettingsUpdate copyWith({bool? Function()? announcement, bool? Function()? comment, bool? Function()? loungePost, bool? Function()? loungeRequest, bool? Function()? pushEnabled, bool? Function()? reply, bool? Function()? watched}) {
    return NotificationSettingsUpdate(
      announcement: announcement == null ? this.announcement : announcement(),
      comment: comment == null ? this.comment : comment(),
      loungePost: loungePost == null ? this.loungePost : loungePost(),
      loungeRequest: loungeRequest == null ? this.loungeRequest : loungeRequest(),
      pushEnabled: pushEnabled == null ? this.pushEnabled : pushEnabled(),
      reply: reply == null ? this.reply : reply(),
      watched: watched == null ? this.watched : watched(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'announcement': announcement,
      'comment': comment,
      'lounge_post': loungePost,
      'lounge_request': loungeRequest,
      'push_enabled': pushEnabled,
      'reply': reply,
      'watched': watched,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is NotificationSettingsUpdate &&
        sameValue(announcement, other.announcement) &&
        sameValue(comment, other.comment) &&
        sameValue(loungePost, other.loungePost) &&
        sameValue(loungeRequest, other.loungeRequest) &&
        sameValue(pushEnabled, other.pushEnabled) &&
        sameValue(reply, other.reply) &&
        sameValue(watched, other.watched);
  }

  @override
  int get hashCode => hashOf(<Object?>[announcement, comment, loungePost, loungeRequest, pushEnabled, reply, watched]);

  @override
  String toString() => 'NotificationSettingsUpdate(announcement: $announcement, comment: $comment, loungePost: $loungePost, loungeRequest: $loungeRequest, pushEnabled: $pushEnabled, reply: $reply, watched: $watched)';
}

/// PasswordChange, as it travels.
@immutable
final class PasswordChange implements HasJson {
  /// Makes one of its parts.
  const PasswordChange({required this.currentPassword, required this.newPassword});

  /// Reads one.
  static PasswordChange parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return PasswordChange(
      currentPassword: field<String>(json, 'current_password', asText),
      newPassword: field<String>(json, 'new_password', asText),
    );
  }

  /// The current password
  final String currentPassword;

  /// The new password, 8 to 128 characters
  final String newPassword;

  /// The same with some parts changed. What may be null is given as a function.
  PasswordChange copyWith({String? currentPassword, String? newPassword}) {
    return PasswordChange(
      currentPassword: currentPassword ?? this.currentPassword,
      newPassword: newPassword ?? this.newPassword,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'current_password': currentPassword,
      'new_password': newPassword,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is PasswordChange &&
        sameValue(currentPassword, other.currentPassword) &&
        sameValue(newPassword, other.newPassword);
  }

  @override
  int get hashCode => hashOf(<Object?>[currentPassword, newPassword]);

  @override
  String toString() => 'PasswordChange(currentPassword: …, newPassword: …)';
}

/// PasswordForgotten, as it travels.
@immutable
final class PasswordForgotten implements HasJson {
  /// Makes one of its parts.
  const PasswordForgotten({required this.email});

  /// Reads one.
  static PasswordForgotten parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return PasswordForgotten(
      email: field<String>(json, 'email', asText),
    );
  }

  /// The email address; null if there is none
  final String email;

  /// The same with some parts changed. What may be null is given as a function.
  PasswordForgotten copyWith({String? email}) {
    return PasswordForgotten(
      email: email ?? this.email,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'email': email,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is PasswordForgotten &&
        sameValue(email, other.email);
  }

  @override
  int get hashCode => hashOf(<Object?>[email]);

  @override
  String toString() => 'PasswordForgotten(email: $email)';
}

/// PasswordReset, as it travels.
@immutable
final class PasswordReset implements HasJson {
  /// Makes one of its parts.
  const PasswordReset({required this.newPassword, required this.token});

  /// Reads one.
  static PasswordReset parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return PasswordReset(
      newPassword: field<String>(json, 'new_password', asText),
      token: field<String>(json, 'token', asText),
    );
  }

  /// The new password, 8 to 128 characters
  final String newPassword;

  /// The token from the emailed link
  final String token;

  /// The same with some parts changed. What may be null is given as a function.
  PasswordReset copyWith({String? newPassword, String? token}) {
    return PasswordReset(
      newPassword: newPassword ?? this.newPassword,
      token: token ?? this.token,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'new_password': newPassword,
      'token': token,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is PasswordReset &&
        sameValue(newPassword, other.newPassword) &&
        sameValue(token, other.token);
  }

  @override
  int get hashCode => hashOf(<Object?>[newPassword, token]);

  @override
  String toString() => 'PasswordReset(newPassword: …, token: …)';
}

/// What a user wrote in a lounge, as the caller sees it.
@immutable
final class Post implements HasJson {
  /// Makes one of its parts.
  const Post({required this.author, required this.body, required this.commentCount, required this.createdAt, required this.id, required this.images, required this.likeCount, required this.liked, required this.lounge, required this.moderation, required this.title, required this.updatedAt, required this.url, required this.watching});

  /// Reads one.
  static Post parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Post(
      author: field<Author>(json, 'author', Author.parse),
      body: field<String>(json, 'body', asText),
      commentCount: field<int>(json, 'comment_count', asInt),
      createdAt: field<DateTime>(json, 'created_at', asTime),
      id: field<String>(json, 'id', asText),
      images: field<List<PostImage>>(json, 'images', listOf<PostImage>(PostImage.parse)),
      likeCount: field<int>(json, 'like_count', asInt),
      liked: field<bool>(json, 'liked', asBool),
      lounge: field<LoungeRef>(json, 'lounge', LoungeRef.parse),
      moderation: field<ModerationState>(json, 'moderation', ModerationState.parse),
      title: field<String>(json, 'title', asText),
      updatedAt: field<DateTime>(json, 'updated_at', asTime),
      url: field<String>(json, 'url', asText),
      watching: field<bool>(json, 'watching', asBool),
    );
  }

  /// Who wrote it
  final Author author;

  /// The text
  final String body;

  /// How many comments and replies there are. The same for all: blocks and mutes do not matter
  final int commentCount;

  /// When it was created
  final DateTime createdAt;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// The images, in the author's order
  final List<PostImage> images;

  /// How many users like it. The same for all: blocks and mutes do not matter
  final int likeCount;

  /// Whether the caller likes it
  final bool liked;

  /// The lounge
  final LoungeRef lounge;

  /// `held` while it is held for review
  final ModerationState moderation;

  /// The title, 1 to 100 characters
  final String title;

  /// When it was last changed
  final DateTime updatedAt;

  /// Its one address: a page in a browser, and on a phone it opens the app
  final String url;

  /// Whether the caller is notified of new comments
  final bool watching;

  /// The same with some parts changed. What may be null is given as a function.
  Post copyWith({Author? author, String? body, int? commentCount, DateTime? createdAt, String? id, List<PostImage>? images, int? likeCount, bool? liked, LoungeRef? lounge, ModerationState? moderation, String? title, DateTime? updatedAt, String? url, bool? watching}) {
    return Post(
      author: author ?? this.author,
      body: body ?? this.body,
      commentCount: commentCount ?? this.commentCount,
      createdAt: createdAt ?? this.createdAt,
      id: id ?? this.id,
      images: images ?? this.images,
      likeCount: likeCount ?? this.likeCount,
      liked: liked ?? this.liked,
      lounge: lounge ?? this.lounge,
      moderation: moderation ?? this.moderation,
      title: title ?? this.title,
      updatedAt: updatedAt ?? this.updatedAt,
      url: url ?? this.url,
      watching: watching ?? this.watching,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'author': author,
      'body': body,
      'comment_count': commentCount,
      'created_at': createdAt,
      'id': id,
      'images': images,
      'like_count': likeCount,
      'liked': liked,
      'lounge': lounge,
      'moderation': moderation,
      'title': title,
      'updated_at': updatedAt,
      'url': url,
      'watching': watching,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Post &&
        sameValue(author, other.author) &&
        sameValue(body, other.body) &&
        sameValue(commentCount, other.commentCount) &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(id, other.id) &&
        sameValue(images, other.images) &&
        sameValue(likeCount, other.likeCount) &&
        sameValue(liked, other.liked) &&
        sameValue(lounge, other.lounge) &&
        sameValue(moderation, other.moderation) &&
        sameValue(title, other.title) &&
        sameValue(updatedAt, other.updatedAt) &&
        sameValue(url, other.url) &&
        sameValue(watching, other.watching);
  }

  @override
  int get hashCode => hashOf(<Object?>[author, body, commentCount, createdAt, id, images, likeCount, liked, lounge, moderation, title, updatedAt, url, watching]);

  @override
  String toString() => 'Post(author: $author, body: $body, commentCount: $commentCount, createdAt: $createdAt, id: $id, images: $images, likeCount: $likeCount, liked: $liked, lounge: $lounge, moderation: $moderation, title: $title, updatedAt: $updatedAt, url: $url, watching: $watching)';
}

/// A new post.
@immutable
final class PostCreate implements HasJson {
  /// Makes one of its parts.
  const PostCreate({required this.body, required this.loungeId, required this.title, this.imageIds});

  /// Reads one.
  static PostCreate parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return PostCreate(
      body: field<String>(json, 'body', asText),
      loungeId: field<String>(json, 'lounge_id', asText),
      title: field<String>(json, 'title', asText),
      imageIds: optionalField<List<String>>(json, 'image_ids', listOf<String>(asText)),
    );
  }

  /// The text
  final String body;

  /// The lounge
  final String loungeId;

  /// The title, 1 to 100 characters
  final String title;

  /// The caller's uploads, in the order in which to show them
  final List<String>? imageIds;

  /// The same with some parts changed. What may be null is given as a function.
  PostCreate copyWith({String? body, String? loungeId, String? title, List<String>? Function()? imageIds}) {
    return PostCreate(
      body: body ?? this.body,
      loungeId: loungeId ?? this.loungeId,
      title: title ?? this.title,
      imageIds: imageIds == null ? this.imageIds : imageIds(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'body': body,
      'lounge_id': loungeId,
      'title': title,
      'image_ids': imageIds,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is PostCreate &&
        sameValue(body, other.body) &&
        sameValue(loungeId, other.loungeId) &&
        sameValue(title, other.title) &&
        sameValue(imageIds, other.imageIds);
  }

  @override
  int get hashCode => hashOf(<Object?>[body, loungeId, title, imageIds]);

  @override
  String toString() => 'PostCreate(body: $body, loungeId: $loungeId, title: $title, imageIds: $imageIds)';
}

/// An image as it is stored: upright, sRGB, without metadata. A URL's content never changes.
@immutable
final class PostImage implements HasJson {
  /// Makes one of its parts.
  const PostImage({required this.blurhash, required this.height, required this.id, required this.thumbnailUrl, required this.url, required this.width});

  /// Reads one.
  static PostImage parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return PostImage(
      blurhash: field<String>(json, 'blurhash', asText),
      height: field<int>(json, 'height', asInt),
      id: field<String>(json, 'id', asText),
      thumbnailUrl: field<String>(json, 'thumbnail_url', asText),
      url: field<String>(json, 'url', asText),
      width: field<int>(json, 'width', asInt),
    );
  }

  /// A blurred preview to show while the image loads; see blurha.sh
  final String blurhash;

  /// Pixels
  final int height;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// A small version
  final String thumbnailUrl;

  /// The image
  final String url;

  /// Pixels
  final int width;

  /// The same with some parts changed. What may be null is given as a function.
  PostImage copyWith({String? blurhash, int? height, String? id, String? thumbnailUrl, String? url, int? width}) {
    return PostImage(
      blurhash: blurhash ?? this.blurhash,
      height: height ?? this.height,
      id: id ?? this.id,
      thumbnailUrl: thumbnailUrl ?? this.thumbnailUrl,
      url: url ?? this.url,
      width: width ?? this.width,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'blurhash': blurhash,
      'height': height,
      'id': id,
      'thumbnail_url': thumbnailUrl,
      'url': url,
      'width': width,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is PostImage &&
        sameValue(blurhash, other.blurhash) &&
        sameValue(height, other.height) &&
        sameValue(id, other.id) &&
        sameValue(thumbnailUrl, other.thumbnailUrl) &&
        sameValue(url, other.url) &&
        sameValue(width, other.width);
  }

  @override
  int get hashCode => hashOf(<Object?>[blurhash, height, id, thumbnailUrl, url, width]);

  @override
  String toString() => 'PostImage(blurhash: $blurhash, height: $height, id: $id, thumbnailUrl: $thumbnailUrl, url: $url, width: $width)';
}

/// The images of a post: these and no others, in this order. An empty list removes all.
@immutable
final class PostImages implements HasJson {
  /// Makes one of its parts.
  const PostImages({required this.imageIds});

  /// Reads one.
  static PostImages parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return PostImages(
      imageIds: field<List<String>>(json, 'image_ids', listOf<String>(asText)),
    );
  }

  /// The caller's uploads, in the order in which to show them
  final List<String> imageIds;

  /// The same with some parts changed. What may be null is given as a function.
  PostImages copyWith({List<String>? imageIds}) {
    return PostImages(
      imageIds: imageIds ?? this.imageIds,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'image_ids': imageIds,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is PostImages &&
        sameValue(imageIds, other.imageIds);
  }

  @override
  int get hashCode => hashOf(<Object?>[imageIds]);

  @override
  String toString() => 'PostImages(imageIds: $imageIds)';
}

/// What to change. Fields that are not sent stay. `image_ids: []` removes all images.
@immutable
final class PostUpdate implements HasJson {
  /// Makes one of its parts.
  const PostUpdate({this.body, this.imageIds, this.title});

  /// Reads one.
  static PostUpdate parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return PostUpdate(
      body: optionalField<String>(json, 'body', asText),
      imageIds: optionalField<List<String>>(json, 'image_ids', listOf<String>(asText)),
      title: optionalField<String>(json, 'title', asText),
    );
  }

  /// The text
  final String? body;

  /// The caller's uploads, in the order in which to show them
  final List<String>? imageIds;

  /// The title, 1 to 100 characters
  final String? title;

  /// The same with some parts changed. What may be null is given as a function.
  PostUpdate copyWith({String? Function()? body, List<String>? Function()? imageIds, String? Function()? title}) {
    return PostUpdate(
      body: body == null ? this.body : body(),
      imageIds: imageIds == null ? this.imageIds : imageIds(),
      title: title == null ? this.title : title(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'body': body,
      'image_ids': imageIds,
      'title': title,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is PostUpdate &&
        sameValue(body, other.body) &&
        sameValue(imageIds, other.imageIds) &&
        sameValue(title, other.title);
  }

  @override
  int get hashCode => hashOf(<Object?>[body, imageIds, title]);

  @override
  String toString() => 'PostUpdate(body: $body, imageIds: $imageIds, title: $title)';
}

/// What other users see of a user.
@immutable
final class Profile implements HasJson {
  /// Makes one of its parts.
  const Profile({required this.avatarUrl, required this.bio, required this.createdAt, required this.id, required this.nickname, required this.postCount});

  /// Reads one.
  static Profile parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Profile(
      avatarUrl: field<String?>(json, 'avatar_url', maybe<String>(asText)),
      bio: field<String>(json, 'bio', asText),
      createdAt: field<DateTime>(json, 'created_at', asTime),
      id: field<String>(json, 'id', asText),
      nickname: field<String>(json, 'nickname', asText),
      postCount: field<int>(json, 'post_count', asInt),
    );
  }

  /// The avatar; null if there is none
  final String? avatarUrl;

  /// What the user says about themselves; empty if nothing
  final String bio;

  /// When it was created
  final DateTime createdAt;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// The name that others see, 1 to 30 characters
  final String nickname;

  /// How many posts there are. The same for all: blocks and mutes do not matter
  final int postCount;

  /// The same with some parts changed. What may be null is given as a function.
  Profile copyWith({String? Function()? avatarUrl, String? bio, DateTime? createdAt, String? id, String? nickname, int? postCount}) {
    return Profile(
      avatarUrl: avatarUrl == null ? this.avatarUrl : avatarUrl(),
      bio: bio ?? this.bio,
      createdAt: createdAt ?? this.createdAt,
      id: id ?? this.id,
      nickname: nickname ?? this.nickname,
      postCount: postCount ?? this.postCount,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'avatar_url': avatarUrl,
      'bio': bio,
      'created_at': createdAt,
      'id': id,
      'nickname': nickname,
      'post_count': postCount,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Profile &&
        sameValue(avatarUrl, other.avatarUrl) &&
        sameValue(bio, other.bio) &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(id, other.id) &&
        sameValue(nickname, other.nickname) &&
        sameValue(postCount, other.postCount);
  }

  @override
  int get hashCode => hashOf(<Object?>[avatarUrl, bio, createdAt, id, nickname, postCount]);

  @override
  String toString() => 'Profile(avatarUrl: $avatarUrl, bio: $bio, createdAt: $createdAt, id: $id, nickname: $nickname, postCount: $postCount)';
}

/// Verifies again who the caller is. Send one of three.
///
/// The `password`; or `provider`, `id_token` and `nonce` of a provider's SDK, as at a sign-in; or
/// `code` and `code_verifier` of a sign-in in the browser.
@immutable
final class Proof implements HasJson {
  /// Makes one of its parts.
  const Proof({this.code, this.codeVerifier, this.idToken, this.nonce, this.password, this.provider});

  /// Reads one.
  static Proof parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Proof(
      code: optionalField<String>(json, 'code', asText),
      codeVerifier: optionalField<String>(json, 'code_verifier', asText),
      idToken: optionalField<String>(json, 'id_token', asText),
      nonce: optionalField<String>(json, 'nonce', asText),
      password: optionalField<String>(json, 'password', asText),
      provider: optionalField<SocialProvider>(json, 'provider', SocialProvider.parse),
    );
  }

  /// The one-time code of `...callback`
  final String? code;

  /// The secret of the app's PKCE challenge
  final String? codeVerifier;

  /// The ID token of the provider's SDK
  final String? idToken;

  /// From `POST /auth/nonce`; works once
  final String? nonce;

  /// The password, 8 to 128 characters of any script
  final String? password;

  /// Whose ID token it is
  final SocialProvider? provider;

  /// The same with some parts changed. What may be null is given as a function.
  Proof copyWith({String? Function()? code, String? Function()? codeVerifier, String? Function()? idToken, String? Function()? nonce, String? Function()? password, SocialProvider? Function()? provider}) {
    return Proof(
      code: code == null ? this.code : code(),
      codeVerifier: codeVerifier == null ? this.codeVerifier : codeVerifier(),
      idToken: idToken == null ? this.idToken : idToken(),
      nonce: nonce == null ? this.nonce : nonce(),
      password: password == null ? this.password : password(),
      provider: provider == null ? this.provider : provider(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'code': code,
      'code_verifier': codeVerifier,
      'id_token': idToken,
      'nonce': nonce,
      'password': password,
      'provider': provider,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Proof &&
        sameValue(code, other.code) &&
        sameValue(codeVerifier, other.codeVerifier) &&
        sameValue(idToken, other.idToken) &&
        sameValue(nonce, other.nonce) &&
        sameValue(password, other.password) &&
        sameValue(provider, other.provider);
  }

  @override
  int get hashCode => hashOf(<Object?>[code, codeVerifier, idToken, nonce, password, provider]);

  @override
  String toString() => 'Proof(code: …, codeVerifier: …, idToken: …, nonce: …, password: …, provider: $provider)';
}

/// What Apple's server posts.
@immutable
final class ProviderNotification implements HasJson {
  /// Makes one of its parts.
  const ProviderNotification({required this.payload});

  /// Reads one.
  static ProviderNotification parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return ProviderNotification(
      payload: field<String>(json, 'payload', asText),
    );
  }

  /// A JWT, signed by Apple
  final String payload;

  /// The same with some parts changed. What may be null is given as a function.
  ProviderNotification copyWith({String? payload}) {
    return ProviderNotification(
      payload: payload ?? this.payload,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'payload': payload,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is ProviderNotification &&
        sameValue(payload, other.payload);
  }

  @override
  int get hashCode => hashOf(<Object?>[payload]);

  @override
  String toString() => 'ProviderNotification(payload: $payload)';
}

/// The `data` of a push, all of it text, so that a tap opens the right place.
///
/// What is null in the notification is missing here. A push that says how many posts came into a
/// lounge is about the lounge: its `notification_id` is the newest one's, and it has no `post_id`.
@immutable
final class PushData implements HasJson {
  /// Makes one of its parts.
  const PushData({required this.notificationId, required this.type, this.commentId, this.loungeId, this.loungeRequestId, this.parentId, this.postId, this.url});

  /// Reads one.
  static PushData parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return PushData(
      notificationId: field<String>(json, 'notification_id', asText),
      type: field<NotificationType>(json, 'type', NotificationType.parse),
      commentId: optionalField<String>(json, 'comment_id', asText),
      loungeId: optionalField<String>(json, 'lounge_id', asText),
      loungeRequestId: optionalField<String>(json, 'lounge_request_id', asText),
      parentId: optionalField<String>(json, 'parent_id', asText),
      postId: optionalField<String>(json, 'post_id', asText),
      url: optionalField<String>(json, 'url', asText),
    );
  }

  /// The notification
  final String notificationId;

  /// What happened, as in the notification
  final NotificationType type;

  /// The comment
  final String? commentId;

  /// The lounge
  final String? loungeId;

  /// The lounge request
  final String? loungeRequestId;

  /// The comment that this replies to; null at the top level
  final String? parentId;

  /// The post
  final String? postId;

  /// As in the notification
  final String? url;

  /// The same with some parts changed. What may be null is given as a function.
  PushData copyWith({String? notificationId, NotificationType? type, String? Function()? commentId, String? Function()? loungeId, String? Function()? loungeRequestId, String? Function()? parentId, String? Function()? postId, String? Function()? url}) {
    return PushData(
      notificationId: notificationId ?? this.notificationId,
      type: type ?? this.type,
      commentId: commentId == null ? this.commentId : commentId(),
      loungeId: loungeId == null ? this.loungeId : loungeId(),
      loungeRequestId: loungeRequestId == null ? this.loungeRequestId : loungeRequestId(),
      parentId: parentId == null ? this.parentId : parentId(),
      postId: postId == null ? this.postId : postId(),
      url: url == null ? this.url : url(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'notification_id': notificationId,
      'type': type,
      'comment_id': commentId,
      'lounge_id': loungeId,
      'lounge_request_id': loungeRequestId,
      'parent_id': parentId,
      'post_id': postId,
      'url': url,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is PushData &&
        sameValue(notificationId, other.notificationId) &&
        sameValue(type, other.type) &&
        sameValue(commentId, other.commentId) &&
        sameValue(loungeId, other.loungeId) &&
        sameValue(loungeRequestId, other.loungeRequestId) &&
        sameValue(parentId, other.parentId) &&
        sameValue(postId, other.postId) &&
        sameValue(url, other.url);
  }

  @override
  int get hashCode => hashOf(<Object?>[notificationId, type, commentId, loungeId, loungeRequestId, parentId, postId, url]);

  @override
  String toString() => 'PushData(notificationId: $notificationId, type: $type, commentId: $commentId, loungeId: $loungeId, loungeRequestId: $loungeRequestId, parentId: $parentId, postId: $postId, url: $url)';
}

/// How calls of one class are counted. An empty list means that nothing is counted that way.
///
/// `per_user` is for callers who are signed in. `per_address` is for all others, and for all
/// callers where `per_user` is empty. Guests count by both, except in reads. An IPv6 address counts
/// as its /64; for `register` and `guest` as its /56, too, with four times the calls. `per_account`
/// counts the sign-ins to one email address. `per_new_account` is for members whose account is
/// younger than `new_account_hours`, in addition to all others.
@immutable
final class RateClass implements HasJson {
  /// Makes one of its parts.
  const RateClass({required this.perAccount, required this.perAddress, required this.perNewAccount, required this.perUser});

  /// Reads one.
  static RateClass parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return RateClass(
      perAccount: field<List<RateQuota>>(json, 'per_account', listOf<RateQuota>(RateQuota.parse)),
      perAddress: field<List<RateQuota>>(json, 'per_address', listOf<RateQuota>(RateQuota.parse)),
      perNewAccount: field<List<RateQuota>>(json, 'per_new_account', listOf<RateQuota>(RateQuota.parse)),
      perUser: field<List<RateQuota>>(json, 'per_user', listOf<RateQuota>(RateQuota.parse)),
    );
  }

  /// For each email address that is signed in to
  final List<RateQuota> perAccount;

  /// For each IP address
  final List<RateQuota> perAddress;

  /// For each member whose account is younger than `new_account_hours`
  final List<RateQuota> perNewAccount;

  /// For each user
  final List<RateQuota> perUser;

  /// The same with some parts changed. What may be null is given as a function.
  RateClass copyWith({List<RateQuota>? perAccount, List<RateQuota>? perAddress, List<RateQuota>? perNewAccount, List<RateQuota>? perUser}) {
    return RateClass(
      perAccount: perAccount ?? this.perAccount,
      perAddress: perAddress ?? this.perAddress,
      perNewAccount: perNewAccount ?? this.perNewAccount,
      perUser: perUser ?? this.perUser,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'per_account': perAccount,
      'per_address': perAddress,
      'per_new_account': perNewAccount,
      'per_user': perUser,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is RateClass &&
        sameValue(perAccount, other.perAccount) &&
        sameValue(perAddress, other.perAddress) &&
        sameValue(perNewAccount, other.perNewAccount) &&
        sameValue(perUser, other.perUser);
  }

  @override
  int get hashCode => hashOf(<Object?>[perAccount, perAddress, perNewAccount, perUser]);

  @override
  String toString() => 'RateClass(perAccount: $perAccount, perAddress: $perAddress, perNewAccount: $perNewAccount, perUser: $perUser)';
}

/// At most `calls` in any window of `seconds` seconds.
@immutable
final class RateQuota implements HasJson {
  /// Makes one of its parts.
  const RateQuota({required this.calls, required this.seconds});

  /// Reads one.
  static RateQuota parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return RateQuota(
      calls: field<int>(json, 'calls', asInt),
      seconds: field<int>(json, 'seconds', asInt),
    );
  }

  /// This many calls
  final int calls;

  /// in this many seconds
  final int seconds;

  /// The same with some parts changed. What may be null is given as a function.
  RateQuota copyWith({int? calls, int? seconds}) {
    return RateQuota(
      calls: calls ?? this.calls,
      seconds: seconds ?? this.seconds,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'calls': calls,
      'seconds': seconds,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is RateQuota &&
        sameValue(calls, other.calls) &&
        sameValue(seconds, other.seconds);
  }

  @override
  int get hashCode => hashOf(<Object?>[calls, seconds]);

  @override
  String toString() => 'RateQuota(calls: $calls, seconds: $seconds)';
}

/// RefreshRequest, as it travels.
@immutable
final class RefreshRequest implements HasJson {
  /// Makes one of its parts.
  const RefreshRequest({required this.refreshToken});

  /// Reads one.
  static RefreshRequest parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return RefreshRequest(
      refreshToken: field<String>(json, 'refresh_token', asText),
    );
  }

  /// Gets the next pair, once
  final String refreshToken;

  /// The same with some parts changed. What may be null is given as a function.
  RefreshRequest copyWith({String? refreshToken}) {
    return RefreshRequest(
      refreshToken: refreshToken ?? this.refreshToken,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'refresh_token': refreshToken,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is RefreshRequest &&
        sameValue(refreshToken, other.refreshToken);
  }

  @override
  int get hashCode => hashOf(<Object?>[refreshToken]);

  @override
  String toString() => 'RefreshRequest(refreshToken: …)';
}

/// A new account by email. The password has 8 to 128 characters of any script, and must not be easy
/// to guess.
@immutable
final class Register implements HasJson {
  /// Makes one of its parts.
  const Register({required this.email, required this.nickname, required this.password, this.termsVersion});

  /// Reads one.
  static Register parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Register(
      email: field<String>(json, 'email', asText),
      nickname: field<String>(json, 'nickname', asText),
      password: field<String>(json, 'password', asText),
      termsVersion: optionalField<String>(json, 'terms_version', asText),
    );
  }

  /// The email address; null if there is none
  final String email;

  /// The name that others see, 1 to 30 characters
  final String nickname;

  /// The password, 8 to 128 characters of any script
  final String password;

  /// The version of the terms that the user accepts
  final String? termsVersion;

  /// The same with some parts changed. What may be null is given as a function.
  Register copyWith({String? email, String? nickname, String? password, String? Function()? termsVersion}) {
    return Register(
      email: email ?? this.email,
      nickname: nickname ?? this.nickname,
      password: password ?? this.password,
      termsVersion: termsVersion == null ? this.termsVersion : termsVersion(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'email': email,
      'nickname': nickname,
      'password': password,
      'terms_version': termsVersion,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Register &&
        sameValue(email, other.email) &&
        sameValue(nickname, other.nickname) &&
        sameValue(password, other.password) &&
        sameValue(termsVersion, other.termsVersion);
  }

  @override
  int get hashCode => hashOf(<Object?>[email, nickname, password, termsVersion]);

  @override
  String toString() => 'Register(email: $email, nickname: $nickname, password: …, termsVersion: $termsVersion)';
}

/// The `put` of a `reload`: what to load again. If it is absent, that is everything.
@immutable
final class ReloadTarget implements HasJson {
  /// Makes one of its parts.
  const ReloadTarget({required this.scope, this.postId});

  /// Reads one.
  static ReloadTarget parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return ReloadTarget(
      scope: field<ReloadScope>(json, 'scope', ReloadScope.parse),
      postId: optionalField<String>(json, 'post_id', asText),
    );
  }

  /// `all`: all lists. `notifications`: the list of notifications. `post`: the post `post_id` with
  /// its comments, the lists that it may be in, and the list of notifications. A scope that a
  /// client does not know means `all`
  final ReloadScope scope;

  /// For `post` alone
  final String? postId;

  /// The same with some parts changed. What may be null is given as a function.
  ReloadTarget copyWith({ReloadScope? scope, String? Function()? postId}) {
    return ReloadTarget(
      scope: scope ?? this.scope,
      postId: postId == null ? this.postId : postId(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'scope': scope,
      'post_id': postId,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is ReloadTarget &&
        sameValue(scope, other.scope) &&
        sameValue(postId, other.postId);
  }

  @override
  int get hashCode => hashOf(<Object?>[scope, postId]);

  @override
  String toString() => 'ReloadTarget(scope: $scope, postId: $postId)';
}

/// One of the caller's reports. It is `resolved` once it has been decided.
@immutable
final class Report implements HasJson {
  /// Makes one of its parts.
  const Report({required this.createdAt, required this.detail, required this.id, required this.reason, required this.status, required this.targetId, required this.targetType, this.decidedAt, this.outcome});

  /// Reads one.
  static Report parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Report(
      createdAt: field<DateTime>(json, 'created_at', asTime),
      detail: field<String>(json, 'detail', asText),
      id: field<String>(json, 'id', asText),
      reason: field<ReportReason>(json, 'reason', ReportReason.parse),
      status: field<CaseStatus>(json, 'status', CaseStatus.parse),
      targetId: field<String>(json, 'target_id', asText),
      targetType: field<ReportTarget>(json, 'target_type', ReportTarget.parse),
      decidedAt: optionalField<DateTime>(json, 'decided_at', asTime),
      outcome: optionalField<ReportOutcome>(json, 'outcome', ReportOutcome.parse),
    );
  }

  /// When it was created
  final DateTime createdAt;

  /// What the reporter wrote; can be empty
  final String detail;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// Which rule it breaks
  final ReportReason reason;

  /// The status
  final CaseStatus status;

  /// What it is about
  final String targetId;

  /// The type of the target
  final ReportTarget targetType;

  /// When it was decided; null before
  final DateTime? decidedAt;

  /// What came of it; null before the decision. `acted`: the content was hidden or its author
  /// suspended
  final ReportOutcome? outcome;

  /// The same with some parts changed. What may be null is given as a function.
  Report copyWith({DateTime? createdAt, String? detail, String? id, ReportReason? reason, CaseStatus? status, String? targetId, ReportTarget? targetType, DateTime? Function()? decidedAt, ReportOutcome? Function()? outcome}) {
    return Report(
      createdAt: createdAt ?? this.createdAt,
      detail: detail ?? this.detail,
      id: id ?? this.id,
      reason: reason ?? this.reason,
      status: status ?? this.status,
      targetId: targetId ?? this.targetId,
      targetType: targetType ?? this.targetType,
      decidedAt: decidedAt == null ? this.decidedAt : decidedAt(),
      outcome: outcome == null ? this.outcome : outcome(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'created_at': createdAt,
      'detail': detail,
      'id': id,
      'reason': reason,
      'status': status,
      'target_id': targetId,
      'target_type': targetType,
      'decided_at': decidedAt,
      'outcome': outcome,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Report &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(detail, other.detail) &&
        sameValue(id, other.id) &&
        sameValue(reason, other.reason) &&
        sameValue(status, other.status) &&
        sameValue(targetId, other.targetId) &&
        sameValue(targetType, other.targetType) &&
        sameValue(decidedAt, other.decidedAt) &&
        sameValue(outcome, other.outcome);
  }

  @override
  int get hashCode => hashOf(<Object?>[createdAt, detail, id, reason, status, targetId, targetType, decidedAt, outcome]);

  @override
  String toString() => 'Report(createdAt: $createdAt, detail: $detail, id: $id, reason: $reason, status: $status, targetId: $targetId, targetType: $targetType, decidedAt: $decidedAt, outcome: $outcome)';
}

/// All reports on one target: one entry of the queue.
@immutable
final class ReportCase implements HasJson {
  /// Makes one of its parts.
  const ReportCase({required this.authorId, required this.createdAt, required this.details, required this.dueAt, required this.erasedAt, required this.id, required this.note, required this.reasons, required this.reportCount, required this.resolution, required this.resolvedAt, required this.snapshot, required this.status, required this.targetId, required this.targetType, required this.versionCount, required this.versions});

  /// Reads one.
  static ReportCase parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return ReportCase(
      authorId: field<String?>(json, 'author_id', maybe<String>(asText)),
      createdAt: field<DateTime>(json, 'created_at', asTime),
      details: field<List<String>>(json, 'details', listOf<String>(asText)),
      dueAt: field<DateTime>(json, 'due_at', asTime),
      erasedAt: field<DateTime?>(json, 'erased_at', maybe<DateTime>(asTime)),
      id: field<String>(json, 'id', asText),
      note: field<String>(json, 'note', asText),
      reasons: field<List<ReportReason>>(json, 'reasons', listOf<ReportReason>(ReportReason.parse)),
      reportCount: field<int>(json, 'report_count', asInt),
      resolution: field<Resolution?>(json, 'resolution', maybe<Resolution>(Resolution.parse)),
      resolvedAt: field<DateTime?>(json, 'resolved_at', maybe<DateTime>(asTime)),
      snapshot: field<Map<String, Object?>>(json, 'snapshot', asObject),
      status: field<CaseStatus>(json, 'status', CaseStatus.parse),
      targetId: field<String>(json, 'target_id', asText),
      targetType: field<ReportTarget>(json, 'target_type', ReportTarget.parse),
      versionCount: field<int>(json, 'version_count', asInt),
      versions: field<List<ReportedVersion>>(json, 'versions', listOf<ReportedVersion>(ReportedVersion.parse)),
    );
  }

  /// The author; null for a lounge
  final String? authorId;

  /// When it was created
  final DateTime createdAt;

  /// What the first five reporters wrote
  final List<String> details;

  /// 24 hours after the case was opened
  final DateTime dueAt;

  /// When the versions and the reporters' words were erased, 180 days after the decision
  /// (`LINKY_RECORDS_DAYS`)
  final DateTime? erasedAt;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// For the audit log and for the author
  final String note;

  /// The reasons of its reports, each once
  final List<ReportReason> reasons;

  /// How many reports there are; 0 for a case with the reason `system` that no report opened
  final int reportCount;

  /// What was decided; null before
  final Resolution? resolution;

  /// When a moderator decided; null before
  final DateTime? resolvedAt;

  /// What was reported, as it was at the first report. An image of a hidden post is not at its
  /// address in `images`: see `GET /admin/pictures`. With the reason `system`, `causes` says why:
  /// `banned_nickname`, `earlier_suspension`
  final Map<String, Object?> snapshot;

  /// The status
  final CaseStatus status;

  /// What it is about
  final String targetId;

  /// The type of the target
  final ReportTarget targetType;

  /// How many versions were reported
  final int versionCount;

  /// What was reported, as the reporters saw it, each version once, in the order of time: the first
  /// and the latest four
  final List<ReportedVersion> versions;

  /// The same with some parts changed. What may be null is given as a function.
  ReportCase copyWith({String? Function()? authorId, DateTime? createdAt, List<String>? details, DateTime? dueAt, DateTime? Function()? erasedAt, String? id, String? note, List<ReportReason>? reasons, int? reportCount, Resolution? Function()? resolution, DateTime? Function()? resolvedAt, Map<String, Object?>? snapshot, CaseStatus? status, String? targetId, ReportTarget? targetType, int? versionCount, List<ReportedVersion>? versions}) {
    return ReportCase(
      authorId: authorId == null ? this.authorId : authorId(),
      createdAt: createdAt ?? this.createdAt,
      details: details ?? this.details,
      dueAt: dueAt ?? this.dueAt,
      erasedAt: erasedAt == null ? this.erasedAt : erasedAt(),
      id: id ?? this.id,
      note: note ?? this.note,
      reasons: reasons ?? this.reasons,
      reportCount: reportCount ?? this.reportCount,
      resolution: resolution == null ? this.resolution : resolution(),
      resolvedAt: resolvedAt == null ? this.resolvedAt : resolvedAt(),
      snapshot: snapshot ?? this.snapshot,
      status: status ?? this.status,
      targetId: targetId ?? this.targetId,
      targetType: targetType ?? this.targetType,
      versionCount: versionCount ?? this.versionCount,
      versions: versions ?? this.versions,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'author_id': authorId,
      'created_at': createdAt,
      'details': details,
      'due_at': dueAt,
      'erased_at': erasedAt,
      'id': id,
      'note': note,
      'reasons': reasons,
      'report_count': reportCount,
      'resolution': resolution,
      'resolved_at': resolvedAt,
      'snapshot': snapshot,
      'status': status,
      'target_id': targetId,
      'target_type': targetType,
      'version_count': versionCount,
      'versions': versions,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is ReportCase &&
        sameValue(authorId, other.authorId) &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(details, other.details) &&
        sameValue(dueAt, other.dueAt) &&
        sameValue(erasedAt, other.erasedAt) &&
        sameValue(id, other.id) &&
        sameValue(note, other.note) &&
        sameValue(reasons, other.reasons) &&
        sameValue(reportCount, other.reportCount) &&
        sameValue(resolution, other.resolution) &&
        sameValue(resolvedAt, other.resolvedAt) &&
        sameValue(snapshot, other.snapshot) &&
        sameValue(status, other.status) &&
        sameValue(targetId, other.targetId) &&
        sameValue(targetType, other.targetType) &&
        sameValue(versionCount, other.versionCount) &&
        sameValue(versions, other.versions);
  }

  @override
  int get hashCode => hashOf(<Object?>[authorId, createdAt, details, dueAt, erasedAt, id, note, reasons, reportCount, resolution, resolvedAt, snapshot, status, targetId, targetType, versionCount, versions]);

  @override
  String toString() => 'ReportCase(authorId: $authorId, createdAt: $createdAt, details: $details, dueAt: $dueAt, erasedAt: $erasedAt, id: $id, note: $note, reasons: $reasons, reportCount: $reportCount, resolution: $resolution, resolvedAt: $resolvedAt, snapshot: $snapshot, status: $status, targetId: $targetId, targetType: $targetType, versionCount: $versionCount, versions: $versions)';
}

/// A report of something that breaks the rules.
@immutable
final class ReportCreate implements HasJson {
  /// Makes one of its parts.
  const ReportCreate({required this.reason, required this.targetId, required this.targetType, this.detail});

  /// Reads one.
  static ReportCreate parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return ReportCreate(
      reason: field<ReportReasonChoice>(json, 'reason', ReportReasonChoice.parse),
      targetId: field<String>(json, 'target_id', asText),
      targetType: field<ReportTargetChoice>(json, 'target_type', ReportTargetChoice.parse),
      detail: optionalField<String>(json, 'detail', asText),
    );
  }

  /// Which rule it breaks
  final ReportReasonChoice reason;

  /// What it is about
  final String targetId;

  /// The type of the target
  final ReportTargetChoice targetType;

  /// What the reporter wrote; can be empty
  final String? detail;

  /// The same with some parts changed. What may be null is given as a function.
  ReportCreate copyWith({ReportReasonChoice? reason, String? targetId, ReportTargetChoice? targetType, String? Function()? detail}) {
    return ReportCreate(
      reason: reason ?? this.reason,
      targetId: targetId ?? this.targetId,
      targetType: targetType ?? this.targetType,
      detail: detail == null ? this.detail : detail(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'reason': reason,
      'target_id': targetId,
      'target_type': targetType,
      'detail': detail,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is ReportCreate &&
        sameValue(reason, other.reason) &&
        sameValue(targetId, other.targetId) &&
        sameValue(targetType, other.targetType) &&
        sameValue(detail, other.detail);
  }

  @override
  int get hashCode => hashOf(<Object?>[reason, targetId, targetType, detail]);

  @override
  String toString() => 'ReportCreate(reason: $reason, targetId: $targetId, targetType: $targetType, detail: $detail)';
}

/// One report, as admins see it.
@immutable
final class ReportOfCase implements HasJson {
  /// Makes one of its parts.
  const ReportOfCase({required this.createdAt, required this.detail, required this.id, required this.reason, required this.snapshot});

  /// Reads one.
  static ReportOfCase parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return ReportOfCase(
      createdAt: field<DateTime>(json, 'created_at', asTime),
      detail: field<String>(json, 'detail', asText),
      id: field<String>(json, 'id', asText),
      reason: field<ReportReason>(json, 'reason', ReportReason.parse),
      snapshot: field<Map<String, Object?>>(json, 'snapshot', asObject),
    );
  }

  /// When it was created
  final DateTime createdAt;

  /// What the reporter wrote; can be empty
  final String detail;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// Which rule it breaks
  final ReportReason reason;

  /// What was reported, as this reporter saw it
  final Map<String, Object?> snapshot;

  /// The same with some parts changed. What may be null is given as a function.
  ReportOfCase copyWith({DateTime? createdAt, String? detail, String? id, ReportReason? reason, Map<String, Object?>? snapshot}) {
    return ReportOfCase(
      createdAt: createdAt ?? this.createdAt,
      detail: detail ?? this.detail,
      id: id ?? this.id,
      reason: reason ?? this.reason,
      snapshot: snapshot ?? this.snapshot,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'created_at': createdAt,
      'detail': detail,
      'id': id,
      'reason': reason,
      'snapshot': snapshot,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is ReportOfCase &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(detail, other.detail) &&
        sameValue(id, other.id) &&
        sameValue(reason, other.reason) &&
        sameValue(snapshot, other.snapshot);
  }

  @override
  int get hashCode => hashOf(<Object?>[createdAt, detail, id, reason, snapshot]);

  @override
  String toString() => 'ReportOfCase(createdAt: $createdAt, detail: $detail, id: $id, reason: $reason, snapshot: $snapshot)';
}

/// One version of what was reported, and when it was reported first.
@immutable
final class ReportedVersion implements HasJson {
  /// Makes one of its parts.
  const ReportedVersion({required this.reportedAt, required this.snapshot});

  /// Reads one.
  static ReportedVersion parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return ReportedVersion(
      reportedAt: field<DateTime>(json, 'reported_at', asTime),
      snapshot: field<Map<String, Object?>>(json, 'snapshot', asObject),
    );
  }

  /// When this version was first reported
  final DateTime reportedAt;

  /// What was reported, as it was then
  final Map<String, Object?> snapshot;

  /// The same with some parts changed. What may be null is given as a function.
  ReportedVersion copyWith({DateTime? reportedAt, Map<String, Object?>? snapshot}) {
    return ReportedVersion(
      reportedAt: reportedAt ?? this.reportedAt,
      snapshot: snapshot ?? this.snapshot,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'reported_at': reportedAt,
      'snapshot': snapshot,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is ReportedVersion &&
        sameValue(reportedAt, other.reportedAt) &&
        sameValue(snapshot, other.snapshot);
  }

  @override
  int get hashCode => hashOf(<Object?>[reportedAt, snapshot]);

  @override
  String toString() => 'ReportedVersion(reportedAt: $reportedAt, snapshot: $snapshot)';
}

/// What can't be reported change by change. Reload the lists, and continue from the cursor.
@immutable
final class Reset implements HasJson {
  /// Makes one of its parts.
  const Reset({required this.reason, required this.topics});

  /// Reads one.
  static Reset parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Reset(
      reason: field<ResetReason>(json, 'reason', ResetReason.parse),
      topics: field<List<String>?>(json, 'topics', maybe<List<String>>(listOf<String>(asText))),
    );
  }

  /// The reason in words; empty if none was given
  final ResetReason reason;

  /// The topics that it concerns; null for all
  final List<String>? topics;

  /// The same with some parts changed. What may be null is given as a function.
  Reset copyWith({ResetReason? reason, List<String>? Function()? topics}) {
    return Reset(
      reason: reason ?? this.reason,
      topics: topics == null ? this.topics : topics(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'reason': reason,
      'topics': topics,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Reset &&
        sameValue(reason, other.reason) &&
        sameValue(topics, other.topics);
  }

  @override
  int get hashCode => hashOf(<Object?>[reason, topics]);

  @override
  String toString() => 'Reset(reason: $reason, topics: $topics)';
}

/// What to do, and a note for the record and for the author.
@immutable
final class Resolve implements HasJson {
  /// Makes one of its parts.
  const Resolve({required this.action, this.hideContent, this.note, this.permanent, this.until});

  /// Reads one.
  static Resolve parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Resolve(
      action: field<ResolutionChoice>(json, 'action', ResolutionChoice.parse),
      hideContent: optionalField<bool>(json, 'hide_content', asBool),
      note: optionalField<String>(json, 'note', asText),
      permanent: optionalField<bool>(json, 'permanent', asBool),
      until: optionalField<DateTime>(json, 'until', asTime),
    );
  }

  /// What to do
  final ResolutionChoice action;

  /// Only with `suspend`: whether the suspension hides all posts and comments
  final bool? hideContent;

  /// For the audit log and for the author
  final String? note;

  /// Only with `suspend`: `true` removes the end of a running suspension. Not together with `until`
  final bool? permanent;

  /// Only with `suspend`: when the suspension ends automatically, in the future. Without it a
  /// running suspension keeps its end, and a new one has none
  final DateTime? until;

  /// The same with some parts changed. What may be null is given as a function.
  Resolve copyWith({ResolutionChoice? action, bool? Function()? hideContent, String? Function()? note, bool? Function()? permanent, DateTime? Function()? until}) {
    return Resolve(
      action: action ?? this.action,
      hideContent: hideContent == null ? this.hideContent : hideContent(),
      note: note == null ? this.note : note(),
      permanent: permanent == null ? this.permanent : permanent(),
      until: until == null ? this.until : until(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'action': action,
      'hide_content': hideContent,
      'note': note,
      'permanent': permanent,
      'until': until,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Resolve &&
        sameValue(action, other.action) &&
        sameValue(hideContent, other.hideContent) &&
        sameValue(note, other.note) &&
        sameValue(permanent, other.permanent) &&
        sameValue(until, other.until);
  }

  @override
  int get hashCode => hashOf(<Object?>[action, hideContent, note, permanent, until]);

  @override
  String toString() => 'Resolve(action: $action, hideContent: $hideContent, note: $note, permanent: $permanent, until: $until)';
}

/// How many people came back so many days after signing up, over finished days.
@immutable
final class ReturnsOfStats implements HasJson {
  /// Makes one of its parts.
  const ReturnsOfStats({required this.afterDays, required this.cameBack, required this.newPeople});

  /// Reads one.
  static ReturnsOfStats parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return ReturnsOfStats(
      afterDays: field<int>(json, 'after_days', asInt),
      cameBack: field<int>(json, 'came_back', asInt),
      newPeople: field<int>(json, 'new_people', asInt),
    );
  }

  /// 1, 7 or 30
  final int afterDays;

  /// Those of them who came back on that day
  final int cameBack;

  /// People who signed up
  final int newPeople;

  /// The same with some parts changed. What may be null is given as a function.
  ReturnsOfStats copyWith({int? afterDays, int? cameBack, int? newPeople}) {
    return ReturnsOfStats(
      afterDays: afterDays ?? this.afterDays,
      cameBack: cameBack ?? this.cameBack,
      newPeople: newPeople ?? this.newPeople,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'after_days': afterDays,
      'came_back': cameBack,
      'new_people': newPeople,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is ReturnsOfStats &&
        sameValue(afterDays, other.afterDays) &&
        sameValue(cameBack, other.cameBack) &&
        sameValue(newPeople, other.newPeople);
  }

  @override
  int get hashCode => hashOf(<Object?>[afterDays, cameBack, newPeople]);

  @override
  String toString() => 'ReturnsOfStats(afterDays: $afterDays, cameBack: $cameBack, newPeople: $newPeople)';
}

/// A sign-in on a device.
@immutable
final class Session implements HasJson {
  /// Makes one of its parts.
  const Session({required this.createdAt, required this.current, required this.id, required this.lastUsedAt, required this.userAgent});

  /// Reads one.
  static Session parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Session(
      createdAt: field<DateTime>(json, 'created_at', asTime),
      current: field<bool>(json, 'current', asBool),
      id: field<String>(json, 'id', asText),
      lastUsedAt: field<DateTime>(json, 'last_used_at', asTime),
      userAgent: field<String>(json, 'user_agent', asText),
    );
  }

  /// When it was created
  final DateTime createdAt;

  /// Whether this is the caller's own session
  final bool current;

  /// The id. Ids are UUIDs of version 7: a later one is greater
  final String id;

  /// When the session was last refreshed
  final DateTime lastUsedAt;

  /// What the device says it is
  final String userAgent;

  /// The same with some parts changed. What may be null is given as a function.
  Session copyWith({DateTime? createdAt, bool? current, String? id, DateTime? lastUsedAt, String? userAgent}) {
    return Session(
      createdAt: createdAt ?? this.createdAt,
      current: current ?? this.current,
      id: id ?? this.id,
      lastUsedAt: lastUsedAt ?? this.lastUsedAt,
      userAgent: userAgent ?? this.userAgent,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'created_at': createdAt,
      'current': current,
      'id': id,
      'last_used_at': lastUsedAt,
      'user_agent': userAgent,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Session &&
        sameValue(createdAt, other.createdAt) &&
        sameValue(current, other.current) &&
        sameValue(id, other.id) &&
        sameValue(lastUsedAt, other.lastUsedAt) &&
        sameValue(userAgent, other.userAgent);
  }

  @override
  int get hashCode => hashOf(<Object?>[createdAt, current, id, lastUsedAt, userAgent]);

  @override
  String toString() => 'Session(createdAt: $createdAt, current: $current, id: $id, lastUsedAt: $lastUsedAt, userAgent: $userAgent)';
}

/// SignedIn, as it travels.
@immutable
final class SignedIn implements HasJson {
  /// Makes one of its parts.
  const SignedIn({required this.tokens, required this.user});

  /// Reads one.
  static SignedIn parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return SignedIn(
      tokens: field<TokenPair>(json, 'tokens', TokenPair.parse),
      user: field<Me>(json, 'user', Me.parse),
    );
  }

  /// The tokens of the new session
  final TokenPair tokens;

  /// The user who is now signed in
  final Me user;

  /// The same with some parts changed. What may be null is given as a function.
  SignedIn copyWith({TokenPair? tokens, Me? user}) {
    return SignedIn(
      tokens: tokens ?? this.tokens,
      user: user ?? this.user,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'tokens': tokens,
      'user': user,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is SignedIn &&
        sameValue(tokens, other.tokens) &&
        sameValue(user, other.user);
  }

  @override
  int get hashCode => hashOf(<Object?>[tokens, user]);

  @override
  String toString() => 'SignedIn(tokens: …, user: $user)';
}

/// The last thirty days; the last one is today, so far.
@immutable
final class Stats implements HasJson {
  /// Makes one of its parts.
  const Stats({required this.days, required this.decisions, required this.returns});

  /// Reads one.
  static Stats parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Stats(
      days: field<List<DayOfStats>>(json, 'days', listOf<DayOfStats>(DayOfStats.parse)),
      decisions: field<List<DecisionsOfStats>>(json, 'decisions', listOf<DecisionsOfStats>(DecisionsOfStats.parse)),
      returns: field<List<ReturnsOfStats>>(json, 'returns', listOf<ReturnsOfStats>(ReturnsOfStats.parse)),
    );
  }

  /// Thirty days, the last one today
  final List<DayOfStats> days;

  /// One entry per kind
  final List<DecisionsOfStats> decisions;

  /// Retention; one entry per period
  final List<ReturnsOfStats> returns;

  /// The same with some parts changed. What may be null is given as a function.
  Stats copyWith({List<DayOfStats>? days, List<DecisionsOfStats>? decisions, List<ReturnsOfStats>? returns}) {
    return Stats(
      days: days ?? this.days,
      decisions: decisions ?? this.decisions,
      returns: returns ?? this.returns,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'days': days,
      'decisions': decisions,
      'returns': returns,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Stats &&
        sameValue(days, other.days) &&
        sameValue(decisions, other.decisions) &&
        sameValue(returns, other.returns);
  }

  @override
  int get hashCode => hashOf(<Object?>[days, decisions, returns]);

  @override
  String toString() => 'Stats(days: $days, decisions: $decisions, returns: $returns)';
}

/// The `data` of the push about a suspension. It is not a notification in the list.
@immutable
final class SuspensionPushData implements HasJson {
  /// Makes one of its parts.
  const SuspensionPushData({required this.type, required this.url});

  /// Reads one.
  static SuspensionPushData parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return SuspensionPushData(
      type: field<SuspensionPushDataType>(json, 'type', SuspensionPushDataType.parse),
      url: field<String>(json, 'url', asText),
    );
  }

  /// What this push is about
  final SuspensionPushDataType type;

  /// The page where the user can appeal, as `appeal_url` of `account_suspended`
  final String url;

  /// The same with some parts changed. What may be null is given as a function.
  SuspensionPushData copyWith({SuspensionPushDataType? type, String? url}) {
    return SuspensionPushData(
      type: type ?? this.type,
      url: url ?? this.url,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'type': type,
      'url': url,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is SuspensionPushData &&
        sameValue(type, other.type) &&
        sameValue(url, other.url);
  }

  @override
  int get hashCode => hashOf(<Object?>[type, url]);

  @override
  String toString() => 'SuspensionPushData(type: $type, url: $url)';
}

/// `version` is null if no terms are configured.
@immutable
final class Terms implements HasJson {
  /// Makes one of its parts.
  const Terms({required this.url, required this.version});

  /// Reads one.
  static Terms parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Terms(
      url: field<String?>(json, 'url', maybe<String>(asText)),
      version: field<String?>(json, 'version', maybe<String>(asText)),
    );
  }

  /// The text; null if there is none
  final String? url;

  /// The version that users must accept; null if there are none
  final String? version;

  /// The same with some parts changed. What may be null is given as a function.
  Terms copyWith({String? Function()? url, String? Function()? version}) {
    return Terms(
      url: url == null ? this.url : url(),
      version: version == null ? this.version : version(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'url': url,
      'version': version,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Terms &&
        sameValue(url, other.url) &&
        sameValue(version, other.version);
  }

  @override
  int get hashCode => hashOf(<Object?>[url, version]);

  @override
  String toString() => 'Terms(url: $url, version: $version)';
}

/// An access token for calls, and a refresh token that gets the next pair once.
@immutable
final class TokenPair implements HasJson {
  /// Makes one of its parts.
  const TokenPair({required this.accessToken, required this.expiresIn, required this.refreshExpiresIn, required this.refreshToken, required this.tokenType});

  /// Reads one.
  static TokenPair parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return TokenPair(
      accessToken: field<String>(json, 'access_token', asText),
      expiresIn: field<int>(json, 'expires_in', asInt),
      refreshExpiresIn: field<int>(json, 'refresh_expires_in', asInt),
      refreshToken: field<String>(json, 'refresh_token', asText),
      tokenType: field<TokenPairTokenType>(json, 'token_type', TokenPairTokenType.parse),
    );
  }

  /// For `Authorization: Bearer`
  final String accessToken;

  /// Seconds until the access token expires
  final int expiresIn;

  /// Seconds until the refresh token expires
  final int refreshExpiresIn;

  /// Gets the next pair, once
  final String refreshToken;

  /// Always `bearer`
  final TokenPairTokenType tokenType;

  /// The same with some parts changed. What may be null is given as a function.
  TokenPair copyWith({String? accessToken, int? expiresIn, int? refreshExpiresIn, String? refreshToken, TokenPairTokenType? tokenType}) {
    return TokenPair(
      accessToken: accessToken ?? this.accessToken,
      expiresIn: expiresIn ?? this.expiresIn,
      refreshExpiresIn: refreshExpiresIn ?? this.refreshExpiresIn,
      refreshToken: refreshToken ?? this.refreshToken,
      tokenType: tokenType ?? this.tokenType,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'access_token': accessToken,
      'expires_in': expiresIn,
      'refresh_expires_in': refreshExpiresIn,
      'refresh_token': refreshToken,
      'token_type': tokenType,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is TokenPair &&
        sameValue(accessToken, other.accessToken) &&
        sameValue(expiresIn, other.expiresIn) &&
        sameValue(refreshExpiresIn, other.refreshExpiresIn) &&
        sameValue(refreshToken, other.refreshToken) &&
        sameValue(tokenType, other.tokenType);
  }

  @override
  int get hashCode => hashOf(<Object?>[accessToken, expiresIn, refreshExpiresIn, refreshToken, tokenType]);

  @override
  String toString() => 'TokenPair(accessToken: …, expiresIn: $expiresIn, refreshExpiresIn: $refreshExpiresIn, refreshToken: …, tokenType: …)';
}

/// The password, if the account has one; and LINE's access token, to unlink the app there.
@immutable
final class Unlink implements HasJson {
  /// Makes one of its parts.
  const Unlink({this.lineAccessToken, this.password});

  /// Reads one.
  static Unlink parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Unlink(
      lineAccessToken: optionalField<String>(json, 'line_access_token', asText),
      password: optionalField<String>(json, 'password', asText),
    );
  }

  /// The access token of LINE's SDK, for an account with LINE: it is used once, to unlink the app
  /// there
  final String? lineAccessToken;

  /// The password, 8 to 128 characters of any script
  final String? password;

  /// The same with some parts changed. What may be null is given as a function.
  Unlink copyWith({String? Function()? lineAccessToken, String? Function()? password}) {
    return Unlink(
      lineAccessToken: lineAccessToken == null ? this.lineAccessToken : lineAccessToken(),
      password: password == null ? this.password : password(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'line_access_token': lineAccessToken,
      'password': password,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Unlink &&
        sameValue(lineAccessToken, other.lineAccessToken) &&
        sameValue(password, other.password);
  }

  @override
  int get hashCode => hashOf(<Object?>[lineAccessToken, password]);

  @override
  String toString() => 'Unlink(lineAccessToken: …, password: …)';
}

/// UnreadCount, as it travels.
@immutable
final class UnreadCount implements HasJson {
  /// Makes one of its parts.
  const UnreadCount({required this.count, required this.more});

  /// Reads one.
  static UnreadCount parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return UnreadCount(
      count: field<int>(json, 'count', asInt),
      more: field<bool>(json, 'more', asBool),
    );
  }

  /// The length of the list of unread notifications, but 999 at most
  final int count;

  /// Whether there are more than `count`. An app shows `999+`
  final bool more;

  /// The same with some parts changed. What may be null is given as a function.
  UnreadCount copyWith({int? count, bool? more}) {
    return UnreadCount(
      count: count ?? this.count,
      more: more ?? this.more,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'count': count,
      'more': more,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is UnreadCount &&
        sameValue(count, other.count) &&
        sameValue(more, other.more);
  }

  @override
  int get hashCode => hashOf(<Object?>[count, more]);

  @override
  String toString() => 'UnreadCount(count: $count, more: $more)';
}

/// A warning. The user sees the reason and, if given, what it is about.
@immutable
final class Warn implements HasJson {
  /// Makes one of its parts.
  const Warn({required this.reason, this.targetId, this.targetType});

  /// Reads one.
  static Warn parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return Warn(
      reason: field<String>(json, 'reason', asText),
      targetId: optionalField<String>(json, 'target_id', asText),
      targetType: optionalField<WarnedAboutChoice>(json, 'target_type', WarnedAboutChoice.parse),
    );
  }

  /// The reason in words; empty if none was given
  final String reason;

  /// What it is about
  final String? targetId;

  /// The type of the target
  final WarnedAboutChoice? targetType;

  /// The same with some parts changed. What may be null is given as a function.
  Warn copyWith({String? reason, String? Function()? targetId, WarnedAboutChoice? Function()? targetType}) {
    return Warn(
      reason: reason ?? this.reason,
      targetId: targetId == null ? this.targetId : targetId(),
      targetType: targetType == null ? this.targetType : targetType(),
    );
  }

  @override
  Map<String, Object?> toJson() {
    return withoutNulls(<String, Object?>{
      'reason': reason,
      'target_id': targetId,
      'target_type': targetType,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is Warn &&
        sameValue(reason, other.reason) &&
        sameValue(targetId, other.targetId) &&
        sameValue(targetType, other.targetType);
  }

  @override
  int get hashCode => hashOf(<Object?>[reason, targetId, targetType]);

  @override
  String toString() => 'Warn(reason: $reason, targetId: $targetId, targetType: $targetType)';
}

/// The reason for an action, for the audit log and for the user it concerns.
@immutable
final class WithReason implements HasJson {
  /// Makes one of its parts.
  const WithReason({required this.reason});

  /// Reads one.
  static WithReason parse(Object? value) {
    final Map<String, Object?> json = asObject(value);
    return WithReason(
      reason: field<String>(json, 'reason', asText),
    );
  }

  /// The reason, for the author and for the audit log
  final String reason;

  /// The same with some parts changed. What may be null is given as a function.
  WithReason copyWith({String? reason}) {
    return WithReason(
      reason: reason ?? this.reason,
    );
  }

  @override
  Map<String, Object?> toJson() {
    return allOf(<String, Object?>{
      'reason': reason,
    });
  }

  @override
  bool operator ==(Object other) {
    return other is WithReason &&
        sameValue(reason, other.reason);
  }

  @override
  int get hashCode => hashOf(<Object?>[reason]);

  @override
  String toString() => 'WithReason(reason: $reason)';
}
