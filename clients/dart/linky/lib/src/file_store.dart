import 'dart:io';

import 'policy.dart';
import 'store.dart';

/// A lock this old may be taken over: the server bears two refreshes, but only within 30 seconds.
const Duration staleLock = Duration(seconds: 25);

/// A file for each key, in a folder of the app.
///
/// The lock is a file that only one can create: it holds between isolates, too, which the file
/// locks of the operating system don't. It names the process: one that is known to have died holds
/// nothing. Of others, such as those in another container, the lock is taken over when it is old.
final class FileStore implements Store {
  /// Keeps its files in a folder, which is made if it is not there.
  FileStore(this.folder);

  /// The folder.
  final Directory folder;

  final Map<String, String> _held = <String, String>{};
  int _writes = 0;

  File _fileOf(String key) => File('${folder.path}/${Uri.encodeComponent(key)}.json');

  File _lockOf(String name) => File('${folder.path}/${Uri.encodeComponent(name)}.lock');

  /// The value of a key, or null. A file that is there and can't be read is an empty text, so that
  /// it is not taken for one that is gone.
  @override
  Future<String?> read(String key) async {
    try {
      return await _fileOf(key).readAsString();
    } on FileSystemException {
      return await _fileOf(key).exists() ? '' : null;
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
    final String words = '$pid ${await _place()} ${randomId()}';
    try {
      await lock.create(exclusive: true);
      await lock.writeAsString(words);
    } on FileSystemException {
      await _removeIfStale(lock);
      return false;
    }
    _held[name] = words;
    return true;
  }

  @override
  Future<void> unlock(String name) async {
    final File lock = _lockOf(name);
    final String? words = _held.remove(name);
    if (words != null && await _wordsOf(lock) == words) {
      await _remove(lock); // Unless another has taken it over meanwhile.
    }
  }

  Future<void> _removeIfStale(File lock) async {
    final FileStat stat = await lock.stat();
    if (stat.type == FileSystemEntityType.notFound) {
      return;
    }
    // A clock that was set back makes a lock of the future: it is as stale as an old one.
    final bool isOld = DateTime.now().difference(stat.modified).abs() > staleLock;
    if (isOld || await _holderHasDied(lock)) {
      await _remove(lock);
    }
  }

  /// Isolates share their process.
  Future<bool> _holderHasDied(File lock) async {
    final List<String> words = (await _wordsOf(lock)).split(' ');
    final int? holder = int.tryParse(words.first);
    if (holder == null || holder == pid || words.length != 3) {
      return false; // It is just being written, or it is an isolate of ours.
    }
    final String place = await _place();
    if (place.isEmpty || words[1] != place) {
      return false; // It may live where it can't be seen from here.
    }
    return Platform.isIOS || !await Directory('/proc/$holder').exists();
  }

  /// Where processes see each other: each container is a place of its own. On iOS an app is one
  /// process. Empty if processes can't be seen at all.
  Future<String> _place() async {
    if (Platform.isIOS || Platform.isAndroid) {
      return Platform.operatingSystem;
    }
    try {
      final String boot = await File('/proc/sys/kernel/random/boot_id').readAsString();
      return '${boot.trim()}/${await Link('/proc/self/ns/pid').target()}';
    } on FileSystemException {
      return '';
    }
  }

  Future<String> _wordsOf(File lock) async {
    try {
      return await lock.readAsString();
    } on FileSystemException {
      return '';
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
