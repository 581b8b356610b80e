import 'generated/problems.dart';
import 'reading.dart';
import 'values.dart';

const String _myself = '/api/v1/users/me';

const String _avatar = '/api/v1/users/me/avatar';

const String _pictures = '/images';

/// What the server promises to a user who leaves.
const Duration _erasedWithin = Duration(hours: 24);

/// A text in which nothing is visible. The letters and the Braille cell at its end have no shape.
final RegExp _invisible = RegExp(
  r'^[\p{Cc}\p{Cf}\p{Z}\p{M}\u115f\u1160\u3164\uffa0\u2800]*$',
  unicode: true,
);

/// What the server makes a newline of.
final RegExp _newlines = RegExp('\r\n|[\u2028\u2029]');

/// The path of what a call reads or changes: for pictures that of their post or account.
String thingOf(Call call) {
  final String path = call.path;
  if (path == _avatar) {
    return _myself;
  }
  if (call.method == 'PUT' && path.endsWith(_pictures)) {
    return path.substring(0, path.length - _pictures.length);
  }
  return path;
}

/// The answer to a DELETE that has nothing left to do, if an attempt before may have arrived. Null
/// if the refusal holds.
Map<String, Object?>? lostAnswer(Call call, Problem problem) {
  if (call.method != 'DELETE') {
    return null;
  }
  if (problem.status == 404) {
    return <String, Object?>{};
  }
  if (problem is SessionRevokedProblem && call.path == _myself) {
    // The account has ended, and its sessions with it. The first answer was a moment ago.
    return lostLeaving();
  }
  return null;
}

/// The answer to leaving, if it was lost. All is deleted by then at the latest.
Map<String, Object?> lostLeaving() {
  return <String, Object?>{
    'completes_by': jsonOf(DateTime.now().add(_erasedWithin)),
    // Only the lost answer knew.
    'unlink_at_provider': false,
  };
}

/// What to read to learn whether an attempt before made the change. Null if the refusal holds.
String? pathToRead(Call call, Problem problem) {
  if (problem is PreconditionFailedProblem && call.body != null) {
    return thingOf(call); // The tag may be old because of the change itself.
  }
  if (problem is AlreadyDecidedProblem && call.method == 'DELETE') {
    return call.path; // By an admin, or by this withdrawal itself.
  }
  return null;
}

/// Whether a thing is what the call wanted to make of it.
bool isAsWanted(Call call, Map<String, Object?> thing) {
  if (call.method == 'DELETE') {
    return textIn(thing, 'status') == 'withdrawn';
  }
  final Map<String, Object?> sent = asObject(call.body?.toJson());
  for (final MapEntry<String, Object?> entry in sent.entries) {
    if (!sameValue(_plain(_shown(thing, entry.key)), _plain(entry.value))) {
      return false;
    }
  }
  return true;
}

/// What a thing shows of a field that can be sent.
Object? _shown(Map<String, Object?> thing, String name) {
  final Object? images = thing['images'];
  if (name == 'image_ids' && images is List<Object?>) {
    return images.map<Object?>((Object? one) => asObject(one)['id']).toList();
  }
  return thing[name];
}

/// A value without what the server changes in a text: line ends and edges. A text in which nothing is
/// visible is none. Dart can't compose letters: one that was sent in parts (か and its mark for が)
/// is not the server's, so that the refusal holds.
Object? _plain(Object? value) {
  if (value is! String) {
    return value;
  }
  final String text = value.replaceAll(_newlines, '\n').trim();
  return _invisible.hasMatch(text) ? '' : text;
}
