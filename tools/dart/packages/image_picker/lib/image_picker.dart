// What we use of package:image_picker, 1.1.
class XFile {
  external String get path;
}

class ImagePicker {
  ImagePicker();
  external Future<List<XFile>> pickMultiImage({
    double? maxWidth,
    double? maxHeight,
    int? imageQuality,
    int? limit,
    bool requestFullMetadata = true,
  });
}
