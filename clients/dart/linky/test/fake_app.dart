import 'package:http/http.dart' as http;
import 'package:linky/linky.dart';
import 'package:linky/src/generated/marks.dart';

import 'fake_server.dart';
import 'generated/things.dart';

/// Waits for nothing.
const RetryPolicy impatient = RetryPolicy(firstWait: Duration.zero, dice: noDice);

/// Always the same.
double noDice() => 0;

/// A store in which a user is signed in.
Future<MemoryStore> signedInStore() async {
  final MemoryStore store = MemoryStore();
  await store.write('tokens', storedTokens(1));
  return store;
}

/// A client that was started.
Future<Linky> open(FakeServer server, Store store, {PictureFiles? pictures}) async {
  final Linky linky = Linky(
    'http://linky.test',
    store: store,
    pictures: pictures ?? const NoPictures(),
    client: server.client(),
    policy: impatient,
  );
  await linky.session.start();
  return linky;
}

/// Another user signs in with the same client.
Future<void> signInAnother(Linky linky) async {
  final pair = TokenPair.parse(tokens(2));
  await linky.session.adopt(SignedIn(tokens: pair, user: meOf('another')));
}

/// A user as the server sends it.
Me meOf(String id) => Me.parse(<String, Object?>{
      'avatar_url': null,
      'bio': '',
      'created_at': '2026-11-25T01:34:56Z',
      'email': null,
      'email_verified': false,
      'id': id,
      'is_guest': false,
      'locale': 'ja',
      'may_publish': 'yes',
      'needs_nickname': false,
      'nickname': '花子',
      'provider': 'line',
      'role': 'user',
      'terms_version': null,
    });

/// Pictures in memory.
final class FakePictures implements PictureFiles {
  /// What is kept, by its name.
  final Set<String> kept = <String>{};

  @override
  Future<String> keep(String path) async {
    kept.add('kept-$path');
    return 'kept-$path';
  }

  @override
  Future<List<int>> read(String name) async {
    if (!kept.contains(name)) {
      throw const FormatException('it is gone');
    }
    return <int>[1, 2, 3];
  }

  @override
  Future<void> drop(String name) async {
    kept.remove(name);
  }

  @override
  Future<List<String>> names() async => kept.toList();
}

/// A post as the server sends it.
Map<String, Object?> postOf(String title) {
  return <String, Object?>{
    ...postExample,
    'id': 'p1',
    'title': title,
    'comment_count': 0,
    'like_count': 0,
    ...?marksOf['post'],
  };
}

/// A picture as the server sends it.
Map<String, Object?> imageOf(String id) {
  return <String, Object?>{
    'id': id,
    'url': 'https://linky.test/media/$id',
    'width': 640,
    'height': 480,
    'thumbnail_url': 'https://linky.test/media/$id-small',
    'blurhash': 'L',
  };
}

/// Cuts the connection.
Future<http.Response> cut() async {
  throw http.ClientException('cut');
}
