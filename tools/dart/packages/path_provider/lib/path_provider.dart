// What we use of package:path_provider.
import 'dart:io';

external Future<Directory> getApplicationSupportDirectory();
