import 'generated/models.dart';

/// Whether this version of the app is older than the oldest that the server works with: show only that
/// it has to be updated. `1.10` is newer than `1.9`; what follows `+` or `-` does not count.
bool isTooOld(String version, Meta meta) => _compared(version, meta.minAppVersion) < 0;

int _compared(String version, String other) {
  final left = _numbersIn(version);
  final right = _numbersIn(other);
  for (var index = 0; index < left.length || index < right.length; index++) {
    final difference =
        (index < left.length ? left[index] : 0) - (index < right.length ? right[index] : 0);
    if (difference != 0) {
      return difference;
    }
  }
  return 0;
}

List<int> _numbersIn(String version) {
  return version.split(RegExp('[+-]')).first.split('.').map((part) => int.tryParse(part) ?? 0).toList();
}
