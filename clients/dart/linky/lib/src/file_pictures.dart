import 'dart:io';

import 'picture_files.dart';
import 'policy.dart';

/// Keeps a copy of each picture in a folder of the app.
///
/// A draft stores the copy's name without the folder, whose place an update of the app may change.
final class FilePictures implements PictureFiles {
  /// Keeps the copies in a folder, which is made if it is not there.
  FilePictures(this.folder);

  /// The folder.
  final Directory folder;

  /// The file of a picture, to show it.
  File fileOf(String name) => File('${folder.path}/$name');

  @override
  Future<String> keep(String path) async {
    await folder.create(recursive: true);
    final String name = randomId();
    await File(path).copy(fileOf(name).path);
    return name;
  }

  @override
  Future<List<int>> read(String name) => fileOf(name).readAsBytes();

  @override
  Future<void> drop(String name) async {
    try {
      await fileOf(name).delete();
    } on FileSystemException {
      return; // It is gone already.
    }
  }
}
