import 'dart:async';

import 'errors.dart';
import 'generated/problems.dart';
import 'policy.dart';

/// What becomes of a draft that the user has sent.
sealed class DraftEvent {
  /// For the kinds below.
  const DraftEvent(this.draftId, this.kind);

  /// The draft.
  final String draftId;

  /// post, comment, lounge_request or report; empty if it can't be read.
  final String kind;
}

/// It waits to be sent.
final class DraftQueued extends DraftEvent {
  /// Of a draft.
  const DraftQueued(super.draftId, super.kind);

  @override
  String toString() => 'DraftQueued: $draftId';
}

/// It is on its way. While it is sent once, no number of the next event is lower: a picture that has
/// to be sent again counts as before until it has come as far.
final class DraftSending extends DraftEvent {
  /// Of a draft, with how far it is.
  const DraftSending(
    super.draftId,
    super.kind, {
    this.picturesSent = 0,
    this.pictures = 0,
    this.bytesSent = 0,
    this.bytes = 0,
  });

  /// How many pictures the server has taken.
  final int picturesSent;

  /// How many it has in all.
  final int pictures;

  /// How many bytes of the pictures were handed to the network, with those that an earlier attempt
  /// has uploaded. All of them does not mean that the server has them: until it answers, show a bar
  /// without a value.
  final int bytesSent;

  /// How many bytes all pictures have. It is known before the first one goes out, and stays.
  final int bytes;

  @override
  String toString() => 'DraftSending: $draftId, $picturesSent of $pictures, $bytesSent of $bytes bytes';
}

/// It was made: a `Post`, a `Comment`, a `LoungeRequestCreated` or a `Report`.
final class DraftSent extends DraftEvent {
  /// Of a draft, with the thing.
  const DraftSent(super.draftId, super.kind, this.thing);

  /// What it has become.
  final Object? thing;

  @override
  String toString() => 'DraftSent: $draftId';
}

/// It was not made, or nobody knows.
final class DraftFailed extends DraftEvent {
  /// Of a draft, with the reason.
  const DraftFailed(super.draftId, super.kind, this.error, {required this.willRetry});

  /// Show the `detail` of a `Problem`. The others are errors of this package.
  final LinkyError error;

  /// Whether it is sent again by itself: when the server is within reach again, or at the next start. If
  /// not, it waits for its user.
  final bool willRetry;

  @override
  String toString() => 'DraftFailed: $draftId, $error';
}

/// Its user has stopped it. It is a draft as before.
final class DraftCancelled extends DraftEvent {
  /// Of a draft.
  const DraftCancelled(super.draftId, super.kind);

  @override
  String toString() => 'DraftCancelled: $draftId';
}

/// What all drafts tell.
final class Outbox {
  final StreamController<DraftEvent> _told = StreamController<DraftEvent>.broadcast();
  final Map<String, DraftEvent> _now = <String, DraftEvent>{};

  /// The last event of each draft that is queued, on its way or failed.
  List<DraftEvent> get now => List<DraftEvent>.unmodifiable(_now.values);

  /// What is so now, then each event: who begins to listen late has missed nothing.
  Stream<DraftEvent> get changes => Stream<DraftEvent>.multi((listener) {
        now.forEach(listener.add);
        final later = _told.stream.listen(listener.add, onDone: listener.close);
        listener.onCancel = later.cancel;
      }, isBroadcast: true);

  /// What a draft told last.
  DraftEvent? of(String draftId) => _now[draftId];

  /// Tells it to all.
  void tell(DraftEvent event) {
    if (_told.isClosed) {
      return;
    }
    switch (event) {
      case DraftSent() || DraftCancelled():
        _now.remove(event.draftId);
      case DraftQueued() || DraftSending() || DraftFailed():
        _now[event.draftId] = event;
    }
    _told.add(event);
  }

  /// A draft is no more.
  void forget(String draftId) => _now.remove(draftId);

  /// Ends the stream.
  Future<void> close() => _told.close();
}

/// Whether a draft that failed so is sent again by itself.
bool isSentAgain(LinkyError error, {required bool isWanted}) {
  return isWanted && error is! DraftTooOld && error is! PictureUnreadable && error is! SignedOutError &&
      !(error is Problem && isRefusal(error));
}
