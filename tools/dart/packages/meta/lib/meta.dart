/// The one annotation that the client uses of package:meta.
library;

const Object immutable = 'immutable';
