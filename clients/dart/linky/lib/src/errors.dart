/// The base of everything that goes wrong in this package.
abstract class LinkyError implements Exception {
  /// For the kinds below.
  const LinkyError();
}

/// No answer came: offline, a time-out, or a connection that was cut, after all retries.
///
/// With [mayHaveArrived] the server may have done what it was asked. A draft finds out.
final class Unreachable extends LinkyError {
  /// Says what was called, and what went wrong.
  const Unreachable(this.message, {this.mayHaveArrived = true});

  /// For logs, not for users.
  final String message;

  /// False if there was no connection in any attempt.
  final bool mayHaveArrived;

  @override
  String toString() => 'Unreachable: $message';
}

/// The answer is not what the document says: a proxy's page, or a newer server.
final class MalformedAnswer extends LinkyError {
  /// Says what is wrong.
  const MalformedAnswer(this.message);

  /// For logs, not for users.
  final String message;

  @override
  String toString() => 'MalformedAnswer: $message';
}

/// The caller cancelled the call.
final class Cancelled extends LinkyError {
  /// Has no parts.
  const Cancelled();

  @override
  String toString() => 'Cancelled';
}

/// The call needs a user, and none is signed in.
final class SignedOutError extends LinkyError {
  /// Says why a session ended, if one did.
  const SignedOutError(this.code);

  /// Why a session ended; empty if none did.
  final String code;

  @override
  String toString() => 'SignedOutError: $code';
}

/// A draft may have been sent a day ago, so that its key no longer protects from a double.
///
/// Show the users their own posts, and let them choose: `send(again: true)` or `discard()`.
final class DraftTooOld extends LinkyError {
  /// Names the draft.
  const DraftTooOld(this.draftId);

  /// The draft.
  final String draftId;

  @override
  String toString() => 'DraftTooOld: $draftId';
}

/// What is stored of a draft can't be read. It is not sent, and goes with the next sign-out.
final class DraftUnreadable extends LinkyError {
  /// Names the draft.
  const DraftUnreadable(this.draftId);

  /// The draft.
  final String draftId;

  @override
  String toString() => 'DraftUnreadable: $draftId';
}

/// The file of a draft's picture is not there. Let the user take the picture out (`removePicture`).
final class PictureUnreadable extends LinkyError {
  /// Names the draft and the picture.
  const PictureUnreadable(this.draftId, this.pictureId, this.path);

  /// The draft.
  final String draftId;

  /// The draft's own id of it.
  final String pictureId;

  /// Where its file should be.
  final String path;

  @override
  String toString() => 'PictureUnreadable: $path';
}

/// What is wrong with one field of a request. The message can be shown to the user.
final class FieldProblem {
  /// Made of an answer.
  const FieldProblem(this.field, this.code, this.message);

  /// Where: `body.title`.
  final String field;

  /// Stable, for programs.
  final String code;

  /// To show to the user.
  final String message;

  @override
  String toString() => '$field: $message ($code)';
}
