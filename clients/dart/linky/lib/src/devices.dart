import 'generated/apis.dart';
import 'generated/enums.dart';
import 'generated/models.dart';
import 'policy.dart';
import 'session.dart';
import 'store.dart';
import 'values.dart';

const String _installKey = 'install_id';

/// Registers this installation at every start, at every sign-in, and when its value changes.
final class Devices {
  /// Made by the client.
  Devices(this._notifications, this._session, this._store) {
    _session.afterSignIn(_send);
    _session.afterSignOut((String userId) => _forget());
  }

  final NotificationsApi _notifications;
  final LinkySession _session;
  final Store _store;
  DeviceRegistration? _registration;

  /// The random id of this installation. It is made once, and stays after a sign-out. It goes with an
  /// account that is deleted.
  Future<String> installId() async {
    final String? known = await _store.read(_installKey);
    if (known != null && known.isNotEmpty) {
      return known;
    }
    final String made = randomId();
    await _store.write(_installKey, made);
    return made;
  }

  /// Says where to push to. Call it at every start, and whenever the value changes.
  Future<void> start(String value, DevicePlatform platform, DeviceKind kind) async {
    _registration = DeviceRegistration(kind: kind, value: value, platform: platform);
    if (_session.state is SignedInState) {
      await _send();
    }
  }

  Future<void> _forget() async {
    if (_session.state == const SignedOutState(SignedOutState.left)) {
      await _store.delete(_installKey);
    }
  }

  Future<void> _send() async {
    final DeviceRegistration? registration = _registration;
    if (registration != null) {
      await _notifications.registerDevice(await installId(), registration);
    }
  }
}
