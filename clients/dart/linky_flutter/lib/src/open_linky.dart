import 'dart:io';

import 'package:http/http.dart' as http;
import 'package:linky/io.dart';
import 'package:linky/linky.dart';
import 'package:path_provider/path_provider.dart';

import 'secure_store.dart';

/// The client of an app: tokens among its secrets, drafts and copies of their pictures in files.
///
/// Call it in a background isolate, too: both share the tokens, and one of them refreshes. It waits
/// for no network: who is signed in is known then, and what is left to send is for `start`. While the
/// secrets can't be read no user is, and `start` looks again.
Future<Linky> openLinky(
  String baseUrl, {
  required Secrets secrets,
  http.Client? client,
  RetryPolicy policy = const RetryPolicy(),
  String language = 'ja',
  AppCheck? appCheck,
  Log? log,
}) async {
  final support = await getApplicationSupportDirectory();
  final files = FileStore(Directory('${support.path}/linky'));
  final linky = Linky(
    baseUrl,
    store: SecureStore(secrets, files),
    draftStore: files,
    pictures: FilePictures(Directory('${support.path}/linky/pictures')),
    client: client,
    policy: policy,
    language: language,
    appCheck: appCheck,
    log: log,
  );
  await linky.session.open();
  return linky;
}

/// What the app showed before, in a file of the app, and what keeps it up to date.
///
/// Only one isolate may have it open.
Future<Live> openLiveCopy(Linky linky) async {
  final support = await getApplicationSupportDirectory();
  return openLive(linky, FileCopyStore(File('${support.path}/linky/live.copy')));
}
