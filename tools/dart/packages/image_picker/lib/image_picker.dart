// What we use of package:image_picker, 1.1.
class XFile {
  XFile(this.path);
  final String path;
}

class ImagePicker {
  ImagePicker();

  /// Not of the package: what the user picks next.
  static List<String> picked = [];

  Future<List<XFile>> pickMultiImage({
    double? maxWidth,
    double? maxHeight,
    int? imageQuality,
    int? limit,
    bool requestFullMetadata = true,
  }) async =>
      [for (final path in picked) XFile(path)];
}
