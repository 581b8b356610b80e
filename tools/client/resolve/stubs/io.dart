// What we use of dart:io.
external int get pid;

class Platform {
  external static bool get isAndroid;
  external static bool get isIOS;
  external static String get operatingSystem;
}

class FileSystemException implements Exception {}

class FileSystemEntityType {
  static const FileSystemEntityType notFound = FileSystemEntityType();
  const FileSystemEntityType();
}

class FileStat {
  external FileSystemEntityType get type;
  external DateTime get modified;
  external DateTime get changed;
}

class FileMode {
  const FileMode();
  static const FileMode append = FileMode();
}

class FileSystemEntity {
  external Directory get parent;
  external String get path;
  external Uri get uri;
  external Future<bool> exists();
  external Future<FileStat> stat();
  external Future<FileSystemEntity> delete({bool recursive = false});
}

class Link extends FileSystemEntity {
  Link(String path);
  external Future<String> target();
}

class Directory extends FileSystemEntity {
  Directory(String path);
  external static Directory get systemTemp;
  external Future<Directory> create({bool recursive = false});
  external Future<Directory> createTemp([String? prefix]);
  external Stream<FileSystemEntity> list({bool recursive = false, bool followLinks = true});
}

class File extends FileSystemEntity {
  File(String path);
  external Future<File> create({bool recursive = false, bool exclusive = false});
  external Future<File> copy(String newPath);
  external Future<File> rename(String newPath);
  external Future<void> setLastModified(DateTime time);
  external Future<String> readAsString();
  external Future<List<int>> readAsBytes();
  external Future<File> writeAsBytes(List<int> bytes, {FileMode? mode, bool flush = false});
  external Future<File> writeAsString(String contents, {FileMode? mode, bool flush = false});
}
