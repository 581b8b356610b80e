import 'package:http/http.dart' as http;

import 'devices.dart';
import 'drafts.dart';
import 'errors.dart';
import 'generated/apis.dart';
import 'picture_files.dart';
import 'policy.dart';
import 'session.dart';
import 'store.dart';
import 'transport.dart';
import 'values.dart';

/// The client: one server, one user. It has all calls of the API by their groups.
final class Linky extends Apis {
  Linky._(this.transport, Store store, Store draftStore, PictureFiles pictures)
      : super(transport) {
    session = LinkySession(transport, auth, store);
    drafts = Drafts(this, session, draftStore, pictures);
    devices = Devices(notifications, session, store);
    transport.useTokensOf(session);
  }

  /// Calls a server by its address.
  ///
  /// [store] holds the tokens: give it a safe place. [draftStore] holds what users compose, and
  /// [pictures] the pictures of it.
  factory Linky(
    String baseUrl, {
    Store? store,
    Store? draftStore,
    PictureFiles pictures = const NoPictures(),
    http.Client? client,
    RetryPolicy policy = const RetryPolicy(),
    String language = 'ja',
    AppCheck? appCheck,
    Log? log,
  }) {
    final Store tokens = store ?? MemoryStore();
    return Linky._(
      Transport(
        baseUrl,
        client: client,
        policy: policy,
        language: language,
        appCheck: appCheck,
        log: log,
      ),
      tokens,
      draftStore ?? tokens,
      pictures,
    );
  }

  /// Sends the calls.
  final Transport transport;

  /// The language of errors from now on: `ja` or `en`.
  set language(String language) => transport.language = language;

  /// Who is signed in.
  late final LinkySession session;

  /// What users compose.
  late final Drafts drafts;

  /// The registration for pushes.
  late final Devices devices;

  /// Reads the store, and finishes what the run before could not: sign-outs and drafts.
  Future<List<LinkyError>> start() async {
    await session.start();
    await drafts.sweep();
    return session.state is SignedInState ? await drafts.sendAll() : <LinkyError>[];
  }

  /// Closes the connections.
  Future<void> close() async {
    transport.close();
    await drafts.close();
    await session.close();
  }
}
