import 'errors.dart';

/// A place in the server's log of changes.
///
/// Of one epoch the higher position is later; of two nothing is known.
final class Cursor {
  /// Of its parts.
  const Cursor(this.epoch, this.position);

  /// Reads `epoch.position`.
  static Cursor parse(String text) {
    final List<String> parts = text.split('.');
    final int? position = int.tryParse(parts.last);
    if (parts.length != 2 || position == null) {
      throw const MalformedAnswer('a cursor was expected');
    }
    return Cursor(parts.first, position);
  }

  /// Which log it is of.
  final String epoch;

  /// How far in it.
  final int position;

  @override
  String toString() => '$epoch.$position';
}
