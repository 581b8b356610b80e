import 'dart:io';

import 'picture_files.dart';
import 'policy.dart';

/// A UUID's. What else lies in the folder stays.
const int _nameLength = 36;

/// Keeps a copy of each picture in a folder of the app.
///
/// A draft stores the copy's name without the folder, whose place an update of the app may change.
/// Copies that no draft names are removed, so that no other client may have the same folder.
final class FilePictures implements PictureFiles {
  /// Keeps the copies in a folder, which is made if it is not there.
  FilePictures(this.folder, {this.patience = const Duration(hours: 1)});

  /// The folder.
  final Directory folder;

  /// For so long a copy need not be named by a draft. Another isolate may be just storing it.
  final Duration patience;

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

  @override
  Future<List<String>> names() async {
    final List<String> found = <String>[];
    if (!await folder.exists()) {
      return found;
    }
    await for (final FileSystemEntity entry in folder.list()) {
      final String name = entry.uri.pathSegments.last;
      if (name.length == _nameLength && await _isOld(entry)) {
        found.add(name);
      }
    }
    return found;
  }

  /// By the time of the last change of any kind: a copy may keep the time of writing of its file.
  Future<bool> _isOld(FileSystemEntity copy) async {
    final FileStat stat = await copy.stat();
    return DateTime.now().difference(stat.changed).abs() >= patience;
  }
}
