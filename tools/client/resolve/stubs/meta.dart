// What we use of package:meta/meta.dart.
const Immutable immutable = Immutable();

class Immutable {
  const Immutable();
}
