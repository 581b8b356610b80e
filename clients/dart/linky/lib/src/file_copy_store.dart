import 'dart:convert';
import 'dart:io';

import 'copy_store.dart';

/// A file is written again when it is this much longer than four times what it holds.
const int _slack = 262144;

/// A file with a line for each step.
///
/// A step counts once its line is whole. What follows a broken line is dropped: the copy is then
/// what it was some steps before, and its cursor is as old as its data.
final class FileCopyStore implements CopyStore {
  /// Keeps its file at a path of the app.
  FileCopyStore(this.file);

  /// The file.
  final File file;

  final Map<String, int> _sizes = <String, int>{};
  int _length = 0;

  @override
  Future<Map<String, String>> readAll() async {
    final Map<String, String> values = <String, String>{};
    final List<int> bytes = await file.exists() ? await file.readAsBytes() : <int>[];
    int begin = 0;
    bool isWhole = true;
    for (int index = 0; index < bytes.length && isWhole; index++) {
      if (bytes[index] == 10) {
        isWhole = _takeStep(bytes.sublist(begin, index), values);
        begin = index + 1;
      }
    }
    _sizes.clear();
    for (final MapEntry<String, String> entry in values.entries) {
      _sizes[entry.key] = entry.key.length + entry.value.length;
    }
    await _writeAnew(values); // Also removes a broken line: the next one must not join it.
    return values;
  }

  @override
  Future<void> apply(Map<String, String> put, Set<String> remove) async {
    for (final String key in remove) {
      _sizes.remove(key);
    }
    for (final MapEntry<String, String> entry in put.entries) {
      _sizes[entry.key] = entry.key.length + entry.value.length;
    }
    final String line = _line(put, remove);
    await file.parent.create(recursive: true);
    await file.writeAsString(line, mode: FileMode.append, flush: true);
    _length += line.length;
    int held = 0;
    for (final int size in _sizes.values) {
      held += size;
    }
    if (_length > 4 * held + _slack) {
      await readAll();
    }
  }

  @override
  Future<void> clear() async {
    _sizes.clear();
    _length = 0;
    if (await file.exists()) {
      await file.delete();
    }
  }

  /// Takes the step in a line; returns whether the line was whole.
  bool _takeStep(List<int> bytes, Map<String, String> values) {
    try {
      final Object? step = jsonDecode(utf8.decode(bytes));
      if (step is! List<Object?> || step.length != 2) {
        return false;
      }
      final Object? put = step[0];
      final Object? remove = step[1];
      if (put is! Map<String, Object?> || remove is! List<Object?>) {
        return false;
      }
      for (final Object? key in remove) {
        values.remove(key);
      }
      for (final MapEntry<String, Object?> entry in put.entries) {
        values[entry.key] = '${entry.value}';
      }
      return true;
    } on FormatException {
      return false;
    }
  }

  Future<void> _writeAnew(Map<String, String> values) async {
    await file.parent.create(recursive: true);
    final String line = values.isEmpty ? '' : _line(values, <String>{});
    final File part = File('${file.path}.part');
    await part.writeAsString(line, flush: true);
    await part.rename(file.path);
    _length = line.length;
  }

  String _line(Map<String, String> put, Set<String> remove) {
    return '${jsonEncode(<Object?>[put, remove.toList()])}\n';
  }
}
