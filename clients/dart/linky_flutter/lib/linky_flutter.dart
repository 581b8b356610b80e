/// What the client for Linky needs of Flutter.
library;

export 'src/background.dart';
export 'src/lifecycle.dart';
export 'src/open_linky.dart';
export 'src/pictures.dart';
export 'src/secure_store.dart';
