import 'dart:async';
import 'dart:convert';

import 'package:fake_async/fake_async.dart';
import 'package:http/http.dart' as http;
import 'package:linky/linky.dart';
import 'package:test/test.dart';

import 'fake_app.dart';

const int pieceBytes = 65536;

/// A network that takes a request piece by piece, and then lets an answer in.
final class SlowNetwork extends http.BaseClient {
  SlowNetwork(
    this.pauses, {
    this.beforeAnswer = Duration.zero,
    this.withinAnswer = Duration.zero,
  });

  /// How long it rests after each piece: of the first attempt, of the next one, and so on.
  final List<Duration> pauses;

  /// How long it rests when it has taken all.
  final Duration beforeAnswer;

  /// How long it rests between the two parts of the answer.
  final Duration withinAnswer;

  /// How many bytes of each attempt it has taken.
  final List<int> taken = <int>[];

  @override
  Future<http.StreamedResponse> send(http.BaseRequest request) async {
    final int attempt = taken.length;
    final Duration pause = attempt < pauses.length ? pauses[attempt] : Duration.zero;
    taken.add(0);
    await for (final List<int> piece in request.finalize()) {
      taken[attempt] = taken[attempt] + piece.length;
      await Future<void>.delayed(pause);
    }
    await Future<void>.delayed(beforeAnswer);
    return http.StreamedResponse(_answer(), 201);
  }

  Stream<List<int>> _answer() async* {
    final List<int> bytes = utf8.encode(jsonEncode(imageOf('i1')));
    yield bytes.sublist(0, 9);
    await Future<void>.delayed(withinAnswer);
    yield bytes.sublist(9);
  }
}

/// Uploads a picture of three pieces, and lets time pass. Returns what came of it.
List<String> upload(SlowNetwork network) {
  final List<String> outcomes = <String>[];
  fakeAsync((FakeAsync time) {
    unawaited(noteUpload(network, outcomes));
    time.elapse(const Duration(hours: 1));
  });
  return outcomes;
}

Future<void> noteUpload(SlowNetwork network, List<String> outcomes) async {
  final MemoryStore store = await signedInStore();
  final Linky linky = Linky(
    'http://linky.test',
    store: store,
    client: network,
    policy: impatient,
  );
  final List<int> bytes = List<int>.generate(3 * pieceBytes, (int index) => 7);
  try {
    final PostImage image = await linky.images.uploadImage(Upload(bytes));
    outcomes.add(image.id);
  } on Unreachable {
    outcomes.add('unreachable');
  }
}

void main() {
  test('a picture that goes out slowly is not given up', () {
    final SlowNetwork network = SlowNetwork(<Duration>[const Duration(seconds: 50)]);
    expect(upload(network), <String>['i1']);
    expect(network.taken.length, 1);
  });

  test('a picture that was given up is not sent on beside its retry', () {
    final SlowNetwork network = SlowNetwork(<Duration>[const Duration(seconds: 200)]);
    expect(upload(network), <String>['i1']);
    expect(network.taken.length, 2);
    expect(network.taken.first < 2 * pieceBytes, isTrue, reason: 'one piece was under way');
    expect(network.taken.last > 3 * pieceBytes, isTrue);
  });

  test('a picture that was taken whole has as long as the server gives it', () {
    final SlowNetwork late =
        SlowNetwork(<Duration>[], beforeAnswer: const Duration(seconds: 250));
    expect(upload(late), <String>['i1']);
    expect(late.taken.length, 1);
    final SlowNetwork dead =
        SlowNetwork(<Duration>[], beforeAnswer: const Duration(seconds: 270));
    expect(upload(dead), <String>['unreachable']);
    expect(dead.taken.length, impatient.attempts);
  });

  test('an answer that comes in slowly is not given up', () {
    final SlowNetwork network = SlowNetwork(
      <Duration>[],
      beforeAnswer: const Duration(seconds: 200),
      withinAnswer: const Duration(seconds: 200),
    );
    expect(upload(network), <String>['i1']);
    expect(network.taken.length, 1);
  });
}
