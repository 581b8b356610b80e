/// What needs files: a store in a folder, and pictures by their paths. Not for the web.
library;

export 'src/file_store.dart' show FileStore, readPictureFile;
