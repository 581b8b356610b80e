/// An attempt to which no answer came.
final class Silence implements Exception {
  /// Says what went wrong.
  const Silence(this.what, {required this.mayHaveArrived});

  /// For logs.
  final String what;

  /// Whether the server may have got the request.
  final bool mayHaveArrived;
}

/// How dart:io says that there was no connection yet, so that nothing was sent.
const List<String> _neverSent = <String>[
  'Connection refused',
  'Connection failed',
  'Failed host lookup',
  'HandshakeException',
];

/// What an error of the network says. This package runs in browsers too and knows no type of
/// dart:io, so it reads the words: with any others, the request may have arrived.
Silence silenceOf(Exception error) {
  final String words = '$error';
  if (_neverSent.any((String one) => words.contains(one))) {
    return const Silence('not reached', mayHaveArrived: false);
  }
  return const Silence('cut', mayHaveArrived: true);
}
