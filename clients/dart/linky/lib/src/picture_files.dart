import 'generated/models.dart';

/// The longer side to which an app scales a picture before it is sent, in pixels: the server keeps no
/// more of it. A server of the release before does not say how much, and kept as much.
int sideToSend(Limits limits) => limits.imageSideKept > 0 ? limits.imageSideKept : 1600;

/// Keeps the files of pictures until their draft is sent: a picker's own file may go at any time.
///
/// `FilePictures` of `linky/io.dart` keeps them in a folder.
abstract interface class PictureFiles {
  /// Takes the file at a path in; returns the name that the draft stores.
  Future<String> keep(String path);

  /// The bytes of a picture, by its name.
  Future<List<int>> read(String name);

  /// Removes a picture that no draft has any more.
  Future<void> drop(String name);

  /// The names of the pictures, to find those that no draft names. Without those that were kept
  /// just now: their draft may not be stored yet.
  Future<List<String>> names();
}

/// For a client without pictures.
final class NoPictures implements PictureFiles {
  /// Has no parts.
  const NoPictures();

  @override
  Future<String> keep(String path) {
    throw UnsupportedError('give Linky pictures, such as FilePictures of linky/io.dart');
  }

  @override
  Future<List<int>> read(String name) {
    throw const FormatException('this client keeps no pictures');
  }

  @override
  Future<void> drop(String name) async {}

  @override
  Future<List<String>> names() async => <String>[];
}
