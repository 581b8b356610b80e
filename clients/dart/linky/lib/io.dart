/// What needs files: a store in a folder, an offline copy in a file, and pictures in a folder. Not for the web.
library;

export 'src/file_copy_store.dart' show FileCopyStore;
export 'src/file_pictures.dart' show FilePictures;
export 'src/file_store.dart' show FileStore;
