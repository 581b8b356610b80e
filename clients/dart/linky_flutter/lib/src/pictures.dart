import 'package:image_picker/image_picker.dart';
import 'package:linky/linky.dart';

/// The longer side of a picture as the server keeps it: a larger one only takes longer to send.
const double longestSide = 1600;

/// Lets the user pick pictures, and adds them to a draft, shrunk on the phone.
///
/// The picker's files are temporary: the client keeps a copy of each until the draft is sent.
/// [room] is how many the draft still takes: `images_per_post` of `/meta` less those it has.
/// Returns the pictures that were added; none if the user went back.
Future<List<DraftPicture>> pickPictures(
  Draft<Object?> draft, {
  required int room,
  double side = longestSide,
}) async {
  final List<DraftPicture> added = <DraftPicture>[];
  if (room < 1) {
    return added;
  }
  final List<XFile> picked = await ImagePicker().pickMultiImage(
    maxWidth: side,
    maxHeight: side,
    imageQuality: 88,
    requestFullMetadata: false,
  );
  for (final XFile file in picked.take(room)) {
    added.add(await draft.addPicture(file.path));
  }
  return added;
}
