import 'dart:io';

import 'store.dart';

/// A lock this old was left by an isolate or a process that died.
const Duration staleLock = Duration(seconds: 60);

/// A file for each key, in a folder of the app.
///
/// The lock is a file that only one can create: it holds between isolates, too, which the file
/// locks of the operating system don't.
final class FileStore implements Store {
  /// Keeps its files in a folder, which is made if it is not there.
  FileStore(this.folder);

  /// The folder.
  final Directory folder;

  int _writes = 0;

  File _fileOf(String key) => File('${folder.path}/${Uri.encodeComponent(key)}.json');

  File _lockOf(String name) => File('${folder.path}/${Uri.encodeComponent(name)}.lock');

  @override
  Future<String?> read(String key) async {
    try {
      return await _fileOf(key).readAsString();
    } on FileSystemException {
      return null;
    }
  }

  @override
  Future<void> write(String key, String value) async {
    await folder.create(recursive: true);
    _writes++;
    final File file = _fileOf(key);
    final File part = File('${file.path}.$pid.${identityHashCode(this)}.$_writes.part');
    await part.writeAsString(value, flush: true);
    await part.rename(file.path);
  }

  @override
  Future<void> delete(String key) async {
    await _remove(_fileOf(key));
  }

  @override
  Future<List<String>> keys(String prefix) async {
    final List<String> found = <String>[];
    if (!await folder.exists()) {
      return found;
    }
    await for (final FileSystemEntity entry in folder.list()) {
      final String name = entry.uri.pathSegments.last;
      if (name.endsWith('.json')) {
        final String key = Uri.decodeComponent(name.substring(0, name.length - 5));
        if (key.startsWith(prefix)) {
          found.add(key);
        }
      }
    }
    found.sort();
    return found;
  }

  @override
  Future<bool> tryLock(String name) async {
    await folder.create(recursive: true);
    final File lock = _lockOf(name);
    try {
      await lock.create(exclusive: true);
      return true;
    } on FileSystemException {
      await _removeIfStale(lock);
      return false;
    }
  }

  @override
  Future<void> unlock(String name) async {
    await _remove(_lockOf(name));
  }

  Future<void> _removeIfStale(File lock) async {
    final FileStat stat = await lock.stat();
    final bool isThere = stat.type != FileSystemEntityType.notFound;
    if (isThere && DateTime.now().difference(stat.modified) > staleLock) {
      await _remove(lock);
    }
  }

  Future<void> _remove(File file) async {
    try {
      await file.delete();
    } on FileSystemException {
      return; // It is gone already.
    }
  }
}

/// Reads a picture of a draft.
Future<List<int>> readPictureFile(String path) => File(path).readAsBytes();
