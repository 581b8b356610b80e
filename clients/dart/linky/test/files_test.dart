import 'dart:io';

import 'package:linky/io.dart';
import 'package:test/test.dart';

Future<Directory> newFolder() => Directory.systemTemp.createTemp('linky-test');

/// A store whose lock another has left.
Future<FileStore> lockedBy(Directory folder, String words) async {
  await File('${folder.path}/refresh.lock').writeAsString(words);
  return FileStore(folder);
}

void main() {
  test(
    'a lock of a process that has died is free at once',
    () async {
      final Directory folder = await newFolder();
      final FileStore store = FileStore(folder);
      expect(await store.tryLock('refresh'), isTrue);
      final File lock = File('${folder.path}/refresh.lock');
      final List<String> words = (await lock.readAsString()).split(' ');
      // No process has this number: it is above the highest one of any system.
      await lock.writeAsString('999999999 ${words[1]} a');
      expect(await store.tryLock('refresh'), isFalse);
      expect(await store.tryLock('refresh'), isTrue);
      expect(await store.tryLock('refresh'), isFalse);
      await store.unlock('refresh');
      expect(await store.tryLock('refresh'), isTrue);
      await folder.delete(recursive: true);
    },
    testOn: 'linux',
  );

  test('a lock of another isolate, or of a process elsewhere, is kept', () async {
    for (final String words in <String>['$pid here a', '999999999 elsewhere a', '999999999  a']) {
      final Directory folder = await newFolder();
      final FileStore store = await lockedBy(folder, words);
      expect(await store.tryLock('refresh'), isFalse);
      expect(await store.tryLock('refresh'), isFalse);
      await folder.delete(recursive: true);
    }
  });

  test('no lock is eternal because the clock was set', () async {
    for (final int hours in <int>[-1, 1]) {
      final Directory folder = await newFolder();
      final FileStore store = await lockedBy(folder, '$pid here a');
      final DateTime moved = DateTime.now().add(Duration(hours: hours));
      await File('${folder.path}/refresh.lock').setLastModified(moved);
      expect(await store.tryLock('refresh'), isFalse);
      expect(await store.tryLock('refresh'), isTrue);
      await folder.delete(recursive: true);
    }
  });

  test('a lock that was taken over is not given back', () async {
    final Directory folder = await newFolder();
    final FileStore slow = FileStore(folder);
    final FileStore quick = FileStore(folder);
    expect(await slow.tryLock('refresh'), isTrue);
    await File('${folder.path}/refresh.lock').delete();
    expect(await quick.tryLock('refresh'), isTrue);
    await slow.unlock('refresh');
    expect(await slow.tryLock('refresh'), isFalse);
    await folder.delete(recursive: true);
  });

  test('a value that can not be read is not taken for one that is gone', () async {
    final Directory folder = await newFolder();
    final FileStore store = FileStore(folder);
    await store.write('a', 'text');
    await File('${folder.path}/a.json').writeAsBytes(<int>[255, 254]);
    expect(await store.read('a'), '');
    expect(await store.read('b'), isNull);
    await folder.delete(recursive: true);
  });

  test('a copy that is torn at any byte opens as of its last whole step', () async {
    final Directory folder = await newFolder();
    final File file = File('${folder.path}/live.copy');
    final FileCopyStore store = FileCopyStore(file);
    await store.readAll();
    final List<(int, Map<String, String>)> states = [(0, <String, String>{})];
    final Map<String, String> held = <String, String>{};
    for (final (String key, String? value) in [('a', '一'), ('b', '二\n'), ('a', null), ('c', '三'), ('b', '四')]) {
      await store.apply(value == null ? {} : {key: value}, value == null ? {key} : {});
      value == null ? held.remove(key) : held[key] = value;
      states.add((await file.length(), {...held}));
    }
    final List<int> whole = await file.readAsBytes();
    for (int length = 0; length <= whole.length; length++) {
      final File torn = File('${folder.path}/torn');
      await torn.writeAsBytes(whole.sublist(0, length));
      final Map<String, String> expected = states.lastWhere((one) => one.$1 <= length).$2;
      expect(await FileCopyStore(torn).readAll(), expected, reason: 'torn at $length');
      expect(await FileCopyStore(torn).readAll(), expected, reason: 'opened twice, torn at $length');
    }
    await folder.delete(recursive: true);
  });

  test('a line that is no step ends what a copy holds', () async {
    for (final String line in ['[{"b": "二"}]', '[{"b": "二"}, [], 1]', '7', '[1, []]', '[{}, 1]', '\u0000']) {
      final Directory folder = await newFolder();
      final File file = File('${folder.path}/live.copy');
      await file.writeAsString('[{"a": "一"}, []]\n$line\n[{"c": "三"}, []]\n');
      expect(await FileCopyStore(file).readAll(), {'a': '一'}, reason: line);
      await folder.delete(recursive: true);
    }
  });

  test('only copies that are not new are named', () async {
    final Directory folder = await newFolder();
    final File picked = File('${folder.path}/picked.jpg');
    await picked.writeAsString('a picture');
    final FilePictures pictures = FilePictures(folder);
    expect(await FilePictures(Directory('${folder.path}/none')).names(), <String>[]);
    final String name = await pictures.keep(picked.path);
    expect(await pictures.names(), <String>[]);
    final FilePictures impatient = FilePictures(folder, patience: Duration.zero);
    expect(await impatient.names(), <String>[name]);
    await folder.delete(recursive: true);
  });

  test('a picture is kept when its file goes, until it is dropped', () async {
    final Directory folder = await newFolder();
    final File picked = File('${folder.path}/picked.jpg');
    await picked.writeAsString('a picture');
    final FilePictures pictures = FilePictures(Directory('${folder.path}/kept'));
    final String name = await pictures.keep(picked.path);
    await picked.delete();
    final List<int> bytes = await pictures.read(name);
    expect(bytes.length, 'a picture'.length);
    await pictures.drop(name);
    await pictures.drop(name);
    await expectLater(pictures.read(name), throwsA(isA<FileSystemException>()));
    await folder.delete(recursive: true);
  });
}
