import 'package:image_picker/image_picker.dart';
import 'package:linky/linky.dart';

/// Lets the user pick pictures, and adds them to a draft, scaled on the phone to what the server keeps.
///
/// The picker's files are temporary: the client keeps a copy of each until the draft is sent.
/// [limits] are those of `/meta`. Returns the pictures that were added; none if the user went back, or
/// if the draft is full.
Future<List<DraftPicture>> pickPictures(Draft<Object?> draft, {required Limits limits}) async {
  final List<DraftPicture> added = <DraftPicture>[];
  final int room = limits.imagesPerPost - draft.pictures.length;
  if (room < 1) {
    return added;
  }
  final double side = sideToSend(limits).toDouble();
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
