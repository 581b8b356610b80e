// Written by `make client` from openapi.json: edit that, not this file.

import 'package:meta/meta.dart';

import '../errors.dart';
import '../reading.dart';

/// The decision that is appealed: hidden content, a warning or a suspension.
@immutable
final class AppealAgainst implements HasJson {
  const AppealAgainst._(this.value);

  /// A value that this package does not know. Treat it as other.
  const AppealAgainst.unknown(this.value);

  /// `moderation`.
  static const AppealAgainst moderation = AppealAgainst._('moderation');

  /// `warning`.
  static const AppealAgainst warning = AppealAgainst._('warning');

  /// `suspension`.
  static const AppealAgainst suspension = AppealAgainst._('suspension');

  /// All values that this package knows.
  static const List<AppealAgainst> values = <AppealAgainst>[moderation, warning, suspension];

  /// Reads a value.
  static AppealAgainst parse(Object? json) {
    final String text = asText(json);
    for (final AppealAgainst known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return AppealAgainst.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is AppealAgainst && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// The decision is upheld or overturned.
@immutable
final class AppealDecision implements HasJson {
  const AppealDecision._(this.value);

  /// `uphold`.
  static const AppealDecision uphold = AppealDecision._('uphold');

  /// `overturn`.
  static const AppealDecision overturn = AppealDecision._('overturn');

  /// All values that this package knows.
  static const List<AppealDecision> values = <AppealDecision>[uphold, overturn];

  /// Reads a value.
  static AppealDecision parse(Object? json) {
    final String text = asText(json);
    for (final AppealDecision known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('AppealDecision has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is AppealDecision && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Fixed values.
@immutable
final class AppealStatus implements HasJson {
  const AppealStatus._(this.value);

  /// A value that this package does not know. Treat it as other.
  const AppealStatus.unknown(this.value);

  /// `open`.
  static const AppealStatus open = AppealStatus._('open');

  /// `upheld`.
  static const AppealStatus upheld = AppealStatus._('upheld');

  /// `overturned`.
  static const AppealStatus overturned = AppealStatus._('overturned');

  /// All values that this package knows.
  static const List<AppealStatus> values = <AppealStatus>[open, upheld, overturned];

  /// Reads a value.
  static AppealStatus parse(Object? json) {
    final String text = asText(json);
    for (final AppealStatus known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return AppealStatus.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is AppealStatus && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Fixed values.
@immutable
final class AppealStatusChoice implements HasJson {
  const AppealStatusChoice._(this.value);

  /// `open`.
  static const AppealStatusChoice open = AppealStatusChoice._('open');

  /// `upheld`.
  static const AppealStatusChoice upheld = AppealStatusChoice._('upheld');

  /// `overturned`.
  static const AppealStatusChoice overturned = AppealStatusChoice._('overturned');

  /// All values that this package knows.
  static const List<AppealStatusChoice> values = <AppealStatusChoice>[open, upheld, overturned];

  /// Reads a value.
  static AppealStatusChoice parse(Object? json) {
    final String text = asText(json);
    for (final AppealStatusChoice known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('AppealStatusChoice has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is AppealStatusChoice && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// A role that an admin can give. Guests get theirs by signing up.
@immutable
final class AssignableRole implements HasJson {
  const AssignableRole._(this.value);

  /// `user`.
  static const AssignableRole user = AssignableRole._('user');

  /// `moderator`.
  static const AssignableRole moderator = AssignableRole._('moderator');

  /// `admin`.
  static const AssignableRole admin = AssignableRole._('admin');

  /// All values that this package knows.
  static const List<AssignableRole> values = <AssignableRole>[user, moderator, admin];

  /// Reads a value.
  static AssignableRole parse(Object? json) {
    final String text = asText(json);
    for (final AssignableRole known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('AssignableRole has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is AssignableRole && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Fixed values.
@immutable
final class CaseStatus implements HasJson {
  const CaseStatus._(this.value);

  /// A value that this package does not know. Treat it as other.
  const CaseStatus.unknown(this.value);

  /// `open`.
  static const CaseStatus open = CaseStatus._('open');

  /// `resolved`.
  static const CaseStatus resolved = CaseStatus._('resolved');

  /// All values that this package knows.
  static const List<CaseStatus> values = <CaseStatus>[open, resolved];

  /// Reads a value.
  static CaseStatus parse(Object? json) {
    final String text = asText(json);
    for (final CaseStatus known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return CaseStatus.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is CaseStatus && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Fixed values.
@immutable
final class CaseStatusChoice implements HasJson {
  const CaseStatusChoice._(this.value);

  /// `open`.
  static const CaseStatusChoice open = CaseStatusChoice._('open');

  /// `resolved`.
  static const CaseStatusChoice resolved = CaseStatusChoice._('resolved');

  /// All values that this package knows.
  static const List<CaseStatusChoice> values = <CaseStatusChoice>[open, resolved];

  /// Reads a value.
  static CaseStatusChoice parse(Object? json) {
    final String text = asText(json);
    for (final CaseStatusChoice known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('CaseStatusChoice has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is CaseStatusChoice && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// What a change is about. Kinds may be added: a client ignores those that it does not know.
@immutable
final class ChangeKind implements HasJson {
  const ChangeKind._(this.value);

  /// A value that this package does not know. Treat it as other.
  const ChangeKind.unknown(this.value);

  /// `post`.
  static const ChangeKind post = ChangeKind._('post');

  /// `comment`.
  static const ChangeKind comment = ChangeKind._('comment');

  /// `lounge`.
  static const ChangeKind lounge = ChangeKind._('lounge');

  /// `notification`.
  static const ChangeKind notification = ChangeKind._('notification');

  /// `badge`.
  static const ChangeKind badge = ChangeKind._('badge');

  /// `author`.
  static const ChangeKind author = ChangeKind._('author');

  /// `reload`.
  static const ChangeKind reload = ChangeKind._('reload');

  /// `mark`.
  static const ChangeKind mark = ChangeKind._('mark');

  /// All values that this package knows.
  static const List<ChangeKind> values = <ChangeKind>[post, comment, lounge, notification, badge, author, reload, mark];

  /// Reads a value.
  static ChangeKind parse(Object? json) {
    final String text = asText(json);
    for (final ChangeKind known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return ChangeKind.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is ChangeKind && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// What admins decide.
@immutable
final class DecisionKind implements HasJson {
  const DecisionKind._(this.value);

  /// A value that this package does not know. Treat it as other.
  const DecisionKind.unknown(this.value);

  /// `lounge_request`.
  static const DecisionKind loungeRequest = DecisionKind._('lounge_request');

  /// `report`.
  static const DecisionKind report = DecisionKind._('report');

  /// `held`.
  static const DecisionKind held = DecisionKind._('held');

  /// `appeal`.
  static const DecisionKind appeal = DecisionKind._('appeal');

  /// All values that this package knows.
  static const List<DecisionKind> values = <DecisionKind>[loungeRequest, report, held, appeal];

  /// Reads a value.
  static DecisionKind parse(Object? json) {
    final String text = asText(json);
    for (final DecisionKind known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return DecisionKind.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is DecisionKind && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// How a device is addressed: FCM's registration token, or the Firebase installation id.
@immutable
final class DeviceKind implements HasJson {
  const DeviceKind._(this.value);

  /// `fcm_token`.
  static const DeviceKind fcmToken = DeviceKind._('fcm_token');

  /// `fid`.
  static const DeviceKind fid = DeviceKind._('fid');

  /// All values that this package knows.
  static const List<DeviceKind> values = <DeviceKind>[fcmToken, fid];

  /// Reads a value.
  static DeviceKind parse(Object? json) {
    final String text = asText(json);
    for (final DeviceKind known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('DeviceKind has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is DeviceKind && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Fixed values.
@immutable
final class DevicePlatform implements HasJson {
  const DevicePlatform._(this.value);

  /// `ios`.
  static const DevicePlatform ios = DevicePlatform._('ios');

  /// `android`.
  static const DevicePlatform android = DevicePlatform._('android');

  /// `web`.
  static const DevicePlatform web = DevicePlatform._('web');

  /// All values that this package knows.
  static const List<DevicePlatform> values = <DevicePlatform>[ios, android, web];

  /// Reads a value.
  static DevicePlatform parse(Object? json) {
    final String text = asText(json);
    for (final DevicePlatform known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('DevicePlatform has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is DevicePlatform && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// A sign-in method. An account can have several, one of each kind.
@immutable
final class Door implements HasJson {
  const Door._(this.value);

  /// A value that this package does not know. Treat it as other.
  const Door.unknown(this.value);

  /// `email`.
  static const Door email = Door._('email');

  /// `line`.
  static const Door line = Door._('line');

  /// `google`.
  static const Door google = Door._('google');

  /// `apple`.
  static const Door apple = Door._('apple');

  /// All values that this package knows.
  static const List<Door> values = <Door>[email, line, google, apple];

  /// Reads a value.
  static Door parse(Object? json) {
    final String text = asText(json);
    for (final Door known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return Door.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is Door && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// A sign-in method. An account can have several, one of each kind.
@immutable
final class DoorChoice implements HasJson {
  const DoorChoice._(this.value);

  /// `email`.
  static const DoorChoice email = DoorChoice._('email');

  /// `line`.
  static const DoorChoice line = DoorChoice._('line');

  /// `google`.
  static const DoorChoice google = DoorChoice._('google');

  /// `apple`.
  static const DoorChoice apple = DoorChoice._('apple');

  /// All values that this package knows.
  static const List<DoorChoice> values = <DoorChoice>[email, line, google, apple];

  /// Reads a value.
  static DoorChoice parse(Object? json) {
    final String text = asText(json);
    for (final DoorChoice known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('DoorChoice has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is DoorChoice && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Fixed values.
@immutable
final class HeldKind implements HasJson {
  const HeldKind._(this.value);

  /// A value that this package does not know. Treat it as other.
  const HeldKind.unknown(this.value);

  /// `post`.
  static const HeldKind post = HeldKind._('post');

  /// `comment`.
  static const HeldKind comment = HeldKind._('comment');

  /// All values that this package knows.
  static const List<HeldKind> values = <HeldKind>[post, comment];

  /// Reads a value.
  static HeldKind parse(Object? json) {
    final String text = asText(json);
    for (final HeldKind known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return HeldKind.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is HeldKind && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// `popular`: most favorites first. `new`: newest first. `name`: by code points.
@immutable
final class LoungeSort implements HasJson {
  const LoungeSort._(this.value);

  /// `popular`.
  static const LoungeSort popular = LoungeSort._('popular');

  /// `new`.
  static const LoungeSort newValue = LoungeSort._('new');

  /// `name`.
  static const LoungeSort name = LoungeSort._('name');

  /// All values that this package knows.
  static const List<LoungeSort> values = <LoungeSort>[popular, newValue, name];

  /// Reads a value.
  static LoungeSort parse(Object? json) {
    final String text = asText(json);
    for (final LoungeSort known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('LoungeSort has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is LoungeSort && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Whether an account may publish, or the first reason why it may not.
@immutable
final class MayPublish implements HasJson {
  const MayPublish._(this.value);

  /// A value that this package does not know. Treat it as other.
  const MayPublish.unknown(this.value);

  /// `yes`.
  static const MayPublish yes = MayPublish._('yes');

  /// `account_suspended`.
  static const MayPublish accountSuspended = MayPublish._('account_suspended');

  /// `guest`.
  static const MayPublish guest = MayPublish._('guest');

  /// `terms_required`.
  static const MayPublish termsRequired = MayPublish._('terms_required');

  /// `email_unverified`.
  static const MayPublish emailUnverified = MayPublish._('email_unverified');

  /// All values that this package knows.
  static const List<MayPublish> values = <MayPublish>[yes, accountSuspended, guest, termsRequired, emailUnverified];

  /// Reads a value.
  static MayPublish parse(Object? json) {
    final String text = asText(json);
    for (final MayPublish known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return MayPublish.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is MayPublish && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Whether signing up and in requires a token of Firebase App Check: with `enforce` it does, with
/// `watch` missing ones are only counted
@immutable
final class MetaAppCheck implements HasJson {
  const MetaAppCheck._(this.value);

  /// A value that this package does not know. Treat it as other.
  const MetaAppCheck.unknown(this.value);

  /// `off`.
  static const MetaAppCheck off = MetaAppCheck._('off');

  /// `watch`.
  static const MetaAppCheck watch = MetaAppCheck._('watch');

  /// `enforce`.
  static const MetaAppCheck enforce = MetaAppCheck._('enforce');

  /// All values that this package knows.
  static const List<MetaAppCheck> values = <MetaAppCheck>[off, watch, enforce];

  /// Reads a value.
  static MetaAppCheck parse(Object? json) {
    final String text = asText(json);
    for (final MetaAppCheck known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return MetaAppCheck.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is MetaAppCheck && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// What an account needs to publish: a confirmed email address, or a sign-in with LINE, Google or
/// Apple
@immutable
final class MetaPublishNeeds implements HasJson {
  const MetaPublishNeeds._(this.value);

  /// A value that this package does not know. Treat it as other.
  const MetaPublishNeeds.unknown(this.value);

  /// `nothing`.
  static const MetaPublishNeeds nothing = MetaPublishNeeds._('nothing');

  /// `verified_email`.
  static const MetaPublishNeeds verifiedEmail = MetaPublishNeeds._('verified_email');

  /// All values that this package knows.
  static const List<MetaPublishNeeds> values = <MetaPublishNeeds>[nothing, verifiedEmail];

  /// Reads a value.
  static MetaPublishNeeds parse(Object? json) {
    final String text = asText(json);
    for (final MetaPublishNeeds known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return MetaPublishNeeds.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is MetaPublishNeeds && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// `held` waits for a moderator, and only its author sees it. No user sees what is `hidden`.
@immutable
final class Moderation implements HasJson {
  const Moderation._(this.value);

  /// A value that this package does not know. Treat it as other.
  const Moderation.unknown(this.value);

  /// `visible`.
  static const Moderation visible = Moderation._('visible');

  /// `held`.
  static const Moderation held = Moderation._('held');

  /// `hidden`.
  static const Moderation hidden = Moderation._('hidden');

  /// All values that this package knows.
  static const List<Moderation> values = <Moderation>[visible, held, hidden];

  /// Reads a value.
  static Moderation parse(Object? json) {
    final String text = asText(json);
    for (final Moderation known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return Moderation.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is Moderation && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// `held` waits for a moderator, and only its author sees it. No user sees what is `hidden`.
@immutable
final class ModerationChoice implements HasJson {
  const ModerationChoice._(this.value);

  /// `visible`.
  static const ModerationChoice visible = ModerationChoice._('visible');

  /// `held`.
  static const ModerationChoice held = ModerationChoice._('held');

  /// `hidden`.
  static const ModerationChoice hidden = ModerationChoice._('hidden');

  /// All values that this package knows.
  static const List<ModerationChoice> values = <ModerationChoice>[visible, held, hidden];

  /// Reads a value.
  static ModerationChoice parse(Object? json) {
    final String text = asText(json);
    for (final ModerationChoice known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('ModerationChoice has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is ModerationChoice && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// A `held` post or comment waits for a moderator; only its author sees it.
@immutable
final class ModerationState implements HasJson {
  const ModerationState._(this.value);

  /// A value that this package does not know. Treat it as other.
  const ModerationState.unknown(this.value);

  /// `visible`.
  static const ModerationState visible = ModerationState._('visible');

  /// `held`.
  static const ModerationState held = ModerationState._('held');

  /// All values that this package knows.
  static const List<ModerationState> values = <ModerationState>[visible, held];

  /// Reads a value.
  static ModerationState parse(Object? json) {
    final String text = asText(json);
    for (final ModerationState known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return ModerationState.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is ModerationState && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// `all`: the user is notified of each new post in the lounge. `none`: of no post.
@immutable
final class NotificationLevel implements HasJson {
  const NotificationLevel._(this.value);

  /// A value that this package does not know. Treat it as other.
  const NotificationLevel.unknown(this.value);

  /// `none`.
  static const NotificationLevel none = NotificationLevel._('none');

  /// `all`.
  static const NotificationLevel all = NotificationLevel._('all');

  /// All values that this package knows.
  static const List<NotificationLevel> values = <NotificationLevel>[none, all];

  /// Reads a value.
  static NotificationLevel parse(Object? json) {
    final String text = asText(json);
    for (final NotificationLevel known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return NotificationLevel.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is NotificationLevel && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// `all`: the user is notified of each new post in the lounge. `none`: of no post.
@immutable
final class NotificationLevelChoice implements HasJson {
  const NotificationLevelChoice._(this.value);

  /// `none`.
  static const NotificationLevelChoice none = NotificationLevelChoice._('none');

  /// `all`.
  static const NotificationLevelChoice all = NotificationLevelChoice._('all');

  /// All values that this package knows.
  static const List<NotificationLevelChoice> values = <NotificationLevelChoice>[none, all];

  /// Reads a value.
  static NotificationLevelChoice parse(Object? json) {
    final String text = asText(json);
    for (final NotificationLevelChoice known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('NotificationLevelChoice has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is NotificationLevelChoice && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Fixed values.
@immutable
final class NotificationType implements HasJson {
  const NotificationType._(this.value);

  /// A value that this package does not know. Treat it as other.
  const NotificationType.unknown(this.value);

  /// `comment`.
  static const NotificationType comment = NotificationType._('comment');

  /// `reply`.
  static const NotificationType reply = NotificationType._('reply');

  /// `lounge_request_approved`.
  static const NotificationType loungeRequestApproved = NotificationType._('lounge_request_approved');

  /// `lounge_request_rejected`.
  static const NotificationType loungeRequestRejected = NotificationType._('lounge_request_rejected');

  /// `moderation`.
  static const NotificationType moderation = NotificationType._('moderation');

  /// `report_resolved`.
  static const NotificationType reportResolved = NotificationType._('report_resolved');

  /// `lounge_post`.
  static const NotificationType loungePost = NotificationType._('lounge_post');

  /// `watched`.
  static const NotificationType watched = NotificationType._('watched');

  /// `warning`.
  static const NotificationType warning = NotificationType._('warning');

  /// `appeal_decided`.
  static const NotificationType appealDecided = NotificationType._('appeal_decided');

  /// `announcement`.
  static const NotificationType announcement = NotificationType._('announcement');

  /// `security`.
  static const NotificationType security = NotificationType._('security');

  /// All values that this package knows.
  static const List<NotificationType> values = <NotificationType>[comment, reply, loungeRequestApproved, loungeRequestRejected, moderation, reportResolved, loungePost, watched, warning, appealDecided, announcement, security];

  /// Reads a value.
  static NotificationType parse(Object? json) {
    final String text = asText(json);
    for (final NotificationType known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return NotificationType.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is NotificationType && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// The two sizes of an image, as in its private URLs.
@immutable
final class PictureSize implements HasJson {
  const PictureSize._(this.value);

  /// `full`.
  static const PictureSize full = PictureSize._('full');

  /// `thumbnail`.
  static const PictureSize thumbnail = PictureSize._('thumbnail');

  /// All values that this package knows.
  static const List<PictureSize> values = <PictureSize>[full, thumbnail];

  /// Reads a value.
  static PictureSize parse(Object? json) {
    final String text = asText(json);
    for (final PictureSize known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('PictureSize has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is PictureSize && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// `favorites`: posts in the caller's favorite lounges.
@immutable
final class PostFeed implements HasJson {
  const PostFeed._(this.value);

  /// `favorites`.
  static const PostFeed favorites = PostFeed._('favorites');

  /// All values that this package knows.
  static const List<PostFeed> values = <PostFeed>[favorites];

  /// Reads a value.
  static PostFeed parse(Object? json) {
    final String text = asText(json);
    for (final PostFeed known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('PostFeed has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is PostFeed && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// `new`: newest first. `relevance`: those with the words in the title first; needs `q`.
@immutable
final class PostSort implements HasJson {
  const PostSort._(this.value);

  /// `new`.
  static const PostSort newValue = PostSort._('new');

  /// `relevance`.
  static const PostSort relevance = PostSort._('relevance');

  /// All values that this package knows.
  static const List<PostSort> values = <PostSort>[newValue, relevance];

  /// Reads a value.
  static PostSort parse(Object? json) {
    final String text = asText(json);
    for (final PostSort known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('PostSort has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is PostSort && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// What a `reload` is about. Scopes may be added: a client that does not know one loads everything
/// again.
@immutable
final class ReloadScope implements HasJson {
  const ReloadScope._(this.value);

  /// A value that this package does not know. Treat it as other.
  const ReloadScope.unknown(this.value);

  /// `all`.
  static const ReloadScope all = ReloadScope._('all');

  /// `notifications`.
  static const ReloadScope notifications = ReloadScope._('notifications');

  /// `post`.
  static const ReloadScope post = ReloadScope._('post');

  /// All values that this package knows.
  static const List<ReloadScope> values = <ReloadScope>[all, notifications, post];

  /// Reads a value.
  static ReloadScope parse(Object? json) {
    final String text = asText(json);
    for (final ReloadScope known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return ReloadScope.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is ReloadScope && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// What came of a report.
@immutable
final class ReportOutcome implements HasJson {
  const ReportOutcome._(this.value);

  /// A value that this package does not know. Treat it as other.
  const ReportOutcome.unknown(this.value);

  /// `acted`.
  static const ReportOutcome acted = ReportOutcome._('acted');

  /// `no_violation`.
  static const ReportOutcome noViolation = ReportOutcome._('no_violation');

  /// `removed_by_author`.
  static const ReportOutcome removedByAuthor = ReportOutcome._('removed_by_author');

  /// All values that this package knows.
  static const List<ReportOutcome> values = <ReportOutcome>[acted, noViolation, removedByAuthor];

  /// Reads a value.
  static ReportOutcome parse(Object? json) {
    final String text = asText(json);
    for (final ReportOutcome known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return ReportOutcome.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is ReportOutcome && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// A reason of a case: what a reporter can choose, or `system` for what no report opened.
@immutable
final class ReportReason implements HasJson {
  const ReportReason._(this.value);

  /// A value that this package does not know. Treat it as other.
  const ReportReason.unknown(this.value);

  /// `spam`.
  static const ReportReason spam = ReportReason._('spam');

  /// `abuse`.
  static const ReportReason abuse = ReportReason._('abuse');

  /// `sexual`.
  static const ReportReason sexual = ReportReason._('sexual');

  /// `intimate_image`.
  static const ReportReason intimateImage = ReportReason._('intimate_image');

  /// `minor_safety`.
  static const ReportReason minorSafety = ReportReason._('minor_safety');

  /// `violence`.
  static const ReportReason violence = ReportReason._('violence');

  /// `illegal`.
  static const ReportReason illegal = ReportReason._('illegal');

  /// `privacy`.
  static const ReportReason privacy = ReportReason._('privacy');

  /// `impersonation`.
  static const ReportReason impersonation = ReportReason._('impersonation');

  /// `other`.
  static const ReportReason other = ReportReason._('other');

  /// `system`.
  static const ReportReason system = ReportReason._('system');

  /// All values that this package knows.
  static const List<ReportReason> values = <ReportReason>[spam, abuse, sexual, intimateImage, minorSafety, violence, illegal, privacy, impersonation, other, system];

  /// Reads a value.
  static ReportReason parse(Object? json) {
    final String text = asText(json);
    for (final ReportReason known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return ReportReason.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is ReportReason && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// What a reporter can choose.
@immutable
final class ReportReasonChoice implements HasJson {
  const ReportReasonChoice._(this.value);

  /// `spam`.
  static const ReportReasonChoice spam = ReportReasonChoice._('spam');

  /// `abuse`.
  static const ReportReasonChoice abuse = ReportReasonChoice._('abuse');

  /// `sexual`.
  static const ReportReasonChoice sexual = ReportReasonChoice._('sexual');

  /// `intimate_image`.
  static const ReportReasonChoice intimateImage = ReportReasonChoice._('intimate_image');

  /// `minor_safety`.
  static const ReportReasonChoice minorSafety = ReportReasonChoice._('minor_safety');

  /// `violence`.
  static const ReportReasonChoice violence = ReportReasonChoice._('violence');

  /// `illegal`.
  static const ReportReasonChoice illegal = ReportReasonChoice._('illegal');

  /// `privacy`.
  static const ReportReasonChoice privacy = ReportReasonChoice._('privacy');

  /// `impersonation`.
  static const ReportReasonChoice impersonation = ReportReasonChoice._('impersonation');

  /// `other`.
  static const ReportReasonChoice other = ReportReasonChoice._('other');

  /// All values that this package knows.
  static const List<ReportReasonChoice> values = <ReportReasonChoice>[spam, abuse, sexual, intimateImage, minorSafety, violence, illegal, privacy, impersonation, other];

  /// Reads a value.
  static ReportReasonChoice parse(Object? json) {
    final String text = asText(json);
    for (final ReportReasonChoice known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('ReportReasonChoice has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is ReportReasonChoice && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Fixed values.
@immutable
final class ReportTarget implements HasJson {
  const ReportTarget._(this.value);

  /// A value that this package does not know. Treat it as other.
  const ReportTarget.unknown(this.value);

  /// `post`.
  static const ReportTarget post = ReportTarget._('post');

  /// `comment`.
  static const ReportTarget comment = ReportTarget._('comment');

  /// `user`.
  static const ReportTarget user = ReportTarget._('user');

  /// `lounge`.
  static const ReportTarget lounge = ReportTarget._('lounge');

  /// All values that this package knows.
  static const List<ReportTarget> values = <ReportTarget>[post, comment, user, lounge];

  /// Reads a value.
  static ReportTarget parse(Object? json) {
    final String text = asText(json);
    for (final ReportTarget known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return ReportTarget.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is ReportTarget && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Fixed values.
@immutable
final class ReportTargetChoice implements HasJson {
  const ReportTargetChoice._(this.value);

  /// `post`.
  static const ReportTargetChoice post = ReportTargetChoice._('post');

  /// `comment`.
  static const ReportTargetChoice comment = ReportTargetChoice._('comment');

  /// `user`.
  static const ReportTargetChoice user = ReportTargetChoice._('user');

  /// `lounge`.
  static const ReportTargetChoice lounge = ReportTargetChoice._('lounge');

  /// All values that this package knows.
  static const List<ReportTargetChoice> values = <ReportTargetChoice>[post, comment, user, lounge];

  /// Reads a value.
  static ReportTargetChoice parse(Object? json) {
    final String text = asText(json);
    for (final ReportTargetChoice known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('ReportTargetChoice has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is ReportTargetChoice && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// A request starts as pending. An admin decides it, or its requester withdraws it.
@immutable
final class RequestStatus implements HasJson {
  const RequestStatus._(this.value);

  /// A value that this package does not know. Treat it as other.
  const RequestStatus.unknown(this.value);

  /// `pending`.
  static const RequestStatus pending = RequestStatus._('pending');

  /// `approved`.
  static const RequestStatus approved = RequestStatus._('approved');

  /// `rejected`.
  static const RequestStatus rejected = RequestStatus._('rejected');

  /// `withdrawn`.
  static const RequestStatus withdrawn = RequestStatus._('withdrawn');

  /// All values that this package knows.
  static const List<RequestStatus> values = <RequestStatus>[pending, approved, rejected, withdrawn];

  /// Reads a value.
  static RequestStatus parse(Object? json) {
    final String text = asText(json);
    for (final RequestStatus known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return RequestStatus.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is RequestStatus && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// A request starts as pending. An admin decides it, or its requester withdraws it.
@immutable
final class RequestStatusChoice implements HasJson {
  const RequestStatusChoice._(this.value);

  /// `pending`.
  static const RequestStatusChoice pending = RequestStatusChoice._('pending');

  /// `approved`.
  static const RequestStatusChoice approved = RequestStatusChoice._('approved');

  /// `rejected`.
  static const RequestStatusChoice rejected = RequestStatusChoice._('rejected');

  /// `withdrawn`.
  static const RequestStatusChoice withdrawn = RequestStatusChoice._('withdrawn');

  /// All values that this package knows.
  static const List<RequestStatusChoice> values = <RequestStatusChoice>[pending, approved, rejected, withdrawn];

  /// Reads a value.
  static RequestStatusChoice parse(Object? json) {
    final String text = asText(json);
    for (final RequestStatusChoice known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('RequestStatusChoice has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is RequestStatusChoice && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Why changes can't be reported one by one: the client loads its lists again.
@immutable
final class ResetReason implements HasJson {
  const ResetReason._(this.value);

  /// A value that this package does not know. Treat it as other.
  const ResetReason.unknown(this.value);

  /// `too_old`.
  static const ResetReason tooOld = ResetReason._('too_old');

  /// `other_epoch`.
  static const ResetReason otherEpoch = ResetReason._('other_epoch');

  /// `ahead`.
  static const ResetReason ahead = ResetReason._('ahead');

  /// `too_much`.
  static const ResetReason tooMuch = ResetReason._('too_much');

  /// All values that this package knows.
  static const List<ResetReason> values = <ResetReason>[tooOld, otherEpoch, ahead, tooMuch];

  /// Reads a value.
  static ResetReason parse(Object? json) {
    final String text = asText(json);
    for (final ResetReason known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return ResetReason.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is ResetReason && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// What a moderator does: nothing, hide the target, or suspend its author.
@immutable
final class Resolution implements HasJson {
  const Resolution._(this.value);

  /// A value that this package does not know. Treat it as other.
  const Resolution.unknown(this.value);

  /// `dismiss`.
  static const Resolution dismiss = Resolution._('dismiss');

  /// `hide`.
  static const Resolution hide = Resolution._('hide');

  /// `suspend`.
  static const Resolution suspend = Resolution._('suspend');

  /// All values that this package knows.
  static const List<Resolution> values = <Resolution>[dismiss, hide, suspend];

  /// Reads a value.
  static Resolution parse(Object? json) {
    final String text = asText(json);
    for (final Resolution known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return Resolution.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is Resolution && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// What a moderator does: nothing, hide the target, or suspend its author.
@immutable
final class ResolutionChoice implements HasJson {
  const ResolutionChoice._(this.value);

  /// `dismiss`.
  static const ResolutionChoice dismiss = ResolutionChoice._('dismiss');

  /// `hide`.
  static const ResolutionChoice hide = ResolutionChoice._('hide');

  /// `suspend`.
  static const ResolutionChoice suspend = ResolutionChoice._('suspend');

  /// All values that this package knows.
  static const List<ResolutionChoice> values = <ResolutionChoice>[dismiss, hide, suspend];

  /// Reads a value.
  static ResolutionChoice parse(Object? json) {
    final String text = asText(json);
    for (final ResolutionChoice known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('ResolutionChoice has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is ResolutionChoice && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Fixed values.
@immutable
final class Role implements HasJson {
  const Role._(this.value);

  /// A value that this package does not know. Treat it as other.
  const Role.unknown(this.value);

  /// `user`.
  static const Role user = Role._('user');

  /// `moderator`.
  static const Role moderator = Role._('moderator');

  /// `admin`.
  static const Role admin = Role._('admin');

  /// `guest`.
  static const Role guest = Role._('guest');

  /// All values that this package knows.
  static const List<Role> values = <Role>[user, moderator, admin, guest];

  /// Reads a value.
  static Role parse(Object? json) {
    final String text = asText(json);
    for (final Role known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return Role.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is Role && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Fixed values.
@immutable
final class RoleChoice implements HasJson {
  const RoleChoice._(this.value);

  /// `user`.
  static const RoleChoice user = RoleChoice._('user');

  /// `moderator`.
  static const RoleChoice moderator = RoleChoice._('moderator');

  /// `admin`.
  static const RoleChoice admin = RoleChoice._('admin');

  /// `guest`.
  static const RoleChoice guest = RoleChoice._('guest');

  /// All values that this package knows.
  static const List<RoleChoice> values = <RoleChoice>[user, moderator, admin, guest];

  /// Reads a value.
  static RoleChoice parse(Object? json) {
    final String text = asText(json);
    for (final RoleChoice known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('RoleChoice has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is RoleChoice && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// How an account or a session began: by a sign-in method, or as a guest.
@immutable
final class SignInMethod implements HasJson {
  const SignInMethod._(this.value);

  /// A value that this package does not know. Treat it as other.
  const SignInMethod.unknown(this.value);

  /// `email`.
  static const SignInMethod email = SignInMethod._('email');

  /// `guest`.
  static const SignInMethod guest = SignInMethod._('guest');

  /// `line`.
  static const SignInMethod line = SignInMethod._('line');

  /// `google`.
  static const SignInMethod google = SignInMethod._('google');

  /// `apple`.
  static const SignInMethod apple = SignInMethod._('apple');

  /// All values that this package knows.
  static const List<SignInMethod> values = <SignInMethod>[email, guest, line, google, apple];

  /// Reads a value.
  static SignInMethod parse(Object? json) {
    final String text = asText(json);
    for (final SignInMethod known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return SignInMethod.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is SignInMethod && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// A sign-in provider.
@immutable
final class SocialProvider implements HasJson {
  const SocialProvider._(this.value);

  /// `line`.
  static const SocialProvider line = SocialProvider._('line');

  /// `google`.
  static const SocialProvider google = SocialProvider._('google');

  /// `apple`.
  static const SocialProvider apple = SocialProvider._('apple');

  /// All values that this package knows.
  static const List<SocialProvider> values = <SocialProvider>[line, google, apple];

  /// Reads a value.
  static SocialProvider parse(Object? json) {
    final String text = asText(json);
    for (final SocialProvider known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('SocialProvider has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is SocialProvider && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// What this push is about
@immutable
final class SuspensionPushDataType implements HasJson {
  const SuspensionPushDataType._(this.value);

  /// A value that this package does not know. Treat it as other.
  const SuspensionPushDataType.unknown(this.value);

  /// `account_suspended`.
  static const SuspensionPushDataType accountSuspended = SuspensionPushDataType._('account_suspended');

  /// All values that this package knows.
  static const List<SuspensionPushDataType> values = <SuspensionPushDataType>[accountSuspended];

  /// Reads a value.
  static SuspensionPushDataType parse(Object? json) {
    final String text = asText(json);
    for (final SuspensionPushDataType known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return SuspensionPushDataType.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is SuspensionPushDataType && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Fixed values.
@immutable
final class TargetType implements HasJson {
  const TargetType._(this.value);

  /// A value that this package does not know. Treat it as other.
  const TargetType.unknown(this.value);

  /// `user`.
  static const TargetType user = TargetType._('user');

  /// `lounge`.
  static const TargetType lounge = TargetType._('lounge');

  /// `lounge_request`.
  static const TargetType loungeRequest = TargetType._('lounge_request');

  /// `post`.
  static const TargetType post = TargetType._('post');

  /// `comment`.
  static const TargetType comment = TargetType._('comment');

  /// `report`.
  static const TargetType report = TargetType._('report');

  /// `banned_words`.
  static const TargetType bannedWords = TargetType._('banned_words');

  /// `canned_reasons`.
  static const TargetType cannedReasons = TargetType._('canned_reasons');

  /// `records`.
  static const TargetType records = TargetType._('records');

  /// `job`.
  static const TargetType job = TargetType._('job');

  /// `appeal`.
  static const TargetType appeal = TargetType._('appeal');

  /// `announcement`.
  static const TargetType announcement = TargetType._('announcement');

  /// All values that this package knows.
  static const List<TargetType> values = <TargetType>[user, lounge, loungeRequest, post, comment, report, bannedWords, cannedReasons, records, job, appeal, announcement];

  /// Reads a value.
  static TargetType parse(Object? json) {
    final String text = asText(json);
    for (final TargetType known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return TargetType.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is TargetType && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Always `bearer`
@immutable
final class TokenPairTokenType implements HasJson {
  const TokenPairTokenType._(this.value);

  /// A value that this package does not know. Treat it as other.
  const TokenPairTokenType.unknown(this.value);

  /// `bearer`.
  static const TokenPairTokenType bearer = TokenPairTokenType._('bearer');

  /// All values that this package knows.
  static const List<TokenPairTokenType> values = <TokenPairTokenType>[bearer];

  /// Reads a value.
  static TokenPairTokenType parse(Object? json) {
    final String text = asText(json);
    for (final TokenPairTokenType known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return TokenPairTokenType.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is TokenPairTokenType && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Fixed values.
@immutable
final class UserLocale implements HasJson {
  const UserLocale._(this.value);

  /// A value that this package does not know. Treat it as other.
  const UserLocale.unknown(this.value);

  /// `ja`.
  static const UserLocale ja = UserLocale._('ja');

  /// `en`.
  static const UserLocale en = UserLocale._('en');

  /// All values that this package knows.
  static const List<UserLocale> values = <UserLocale>[ja, en];

  /// Reads a value.
  static UserLocale parse(Object? json) {
    final String text = asText(json);
    for (final UserLocale known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return UserLocale.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is UserLocale && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Fixed values.
@immutable
final class UserLocaleChoice implements HasJson {
  const UserLocaleChoice._(this.value);

  /// `ja`.
  static const UserLocaleChoice ja = UserLocaleChoice._('ja');

  /// `en`.
  static const UserLocaleChoice en = UserLocaleChoice._('en');

  /// All values that this package knows.
  static const List<UserLocaleChoice> values = <UserLocaleChoice>[ja, en];

  /// Reads a value.
  static UserLocaleChoice parse(Object? json) {
    final String text = asText(json);
    for (final UserLocaleChoice known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('UserLocaleChoice has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is UserLocaleChoice && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Fixed values.
@immutable
final class UserStatus implements HasJson {
  const UserStatus._(this.value);

  /// A value that this package does not know. Treat it as other.
  const UserStatus.unknown(this.value);

  /// `active`.
  static const UserStatus active = UserStatus._('active');

  /// `suspended`.
  static const UserStatus suspended = UserStatus._('suspended');

  /// All values that this package knows.
  static const List<UserStatus> values = <UserStatus>[active, suspended];

  /// Reads a value.
  static UserStatus parse(Object? json) {
    final String text = asText(json);
    for (final UserStatus known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return UserStatus.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is UserStatus && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// Fixed values.
@immutable
final class UserStatusChoice implements HasJson {
  const UserStatusChoice._(this.value);

  /// `active`.
  static const UserStatusChoice active = UserStatusChoice._('active');

  /// `suspended`.
  static const UserStatusChoice suspended = UserStatusChoice._('suspended');

  /// All values that this package knows.
  static const List<UserStatusChoice> values = <UserStatusChoice>[active, suspended];

  /// Reads a value.
  static UserStatusChoice parse(Object? json) {
    final String text = asText(json);
    for (final UserStatusChoice known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('UserStatusChoice has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is UserStatusChoice && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// What a warning can be about.
@immutable
final class WarnedAbout implements HasJson {
  const WarnedAbout._(this.value);

  /// A value that this package does not know. Treat it as other.
  const WarnedAbout.unknown(this.value);

  /// `post`.
  static const WarnedAbout post = WarnedAbout._('post');

  /// `comment`.
  static const WarnedAbout comment = WarnedAbout._('comment');

  /// `user`.
  static const WarnedAbout user = WarnedAbout._('user');

  /// `lounge`.
  static const WarnedAbout lounge = WarnedAbout._('lounge');

  /// All values that this package knows.
  static const List<WarnedAbout> values = <WarnedAbout>[post, comment, user, lounge];

  /// Reads a value.
  static WarnedAbout parse(Object? json) {
    final String text = asText(json);
    for (final WarnedAbout known in values) {
      if (known.value == text) {
        return known;
      }
    }
    return WarnedAbout.unknown(text);
  }

  /// The value as it travels.
  final String value;

  /// Whether this package knows the value.
  bool get isKnown => values.contains(this);

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is WarnedAbout && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}

/// What a warning can be about.
@immutable
final class WarnedAboutChoice implements HasJson {
  const WarnedAboutChoice._(this.value);

  /// `post`.
  static const WarnedAboutChoice post = WarnedAboutChoice._('post');

  /// `comment`.
  static const WarnedAboutChoice comment = WarnedAboutChoice._('comment');

  /// `user`.
  static const WarnedAboutChoice user = WarnedAboutChoice._('user');

  /// `lounge`.
  static const WarnedAboutChoice lounge = WarnedAboutChoice._('lounge');

  /// All values that this package knows.
  static const List<WarnedAboutChoice> values = <WarnedAboutChoice>[post, comment, user, lounge];

  /// Reads a value.
  static WarnedAboutChoice parse(Object? json) {
    final String text = asText(json);
    for (final WarnedAboutChoice known in values) {
      if (known.value == text) {
        return known;
      }
    }
    throw MalformedAnswer('WarnedAboutChoice has no value $text');
  }

  /// The value as it travels.
  final String value;

  @override
  String toJson() => value;

  @override
  bool operator ==(Object other) => other is WarnedAboutChoice && other.value == value;

  @override
  int get hashCode => value.hashCode;

  @override
  String toString() => value;
}
