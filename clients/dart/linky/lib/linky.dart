/// A client for Linky, the backend of a community app.
library;

export 'src/acts.dart';
export 'src/client.dart';
export 'src/copy_store.dart';
export 'src/devices.dart';
export 'src/draft.dart' show Draft;
export 'src/draft_state.dart' show DraftPicture;
export 'src/drafts.dart';
export 'src/errors.dart';
export 'src/generated/apis.dart';
export 'src/generated/enums.dart';
export 'src/generated/models.dart';
export 'src/generated/problems.dart';
export 'src/live.dart';
export 'src/live_events.dart' show Waiting;
export 'src/loaded.dart';
export 'src/outbox.dart' hide Outbox, isSentAgain;
export 'src/paged.dart';
export 'src/picture_files.dart';
export 'src/policy.dart' show RetryPolicy;
export 'src/push.dart';
export 'src/reading.dart' show HasJson;
export 'src/session.dart';
export 'src/store.dart';
export 'src/transport.dart' show AppCheck, TokenSource, Transport;
export 'src/values.dart';
