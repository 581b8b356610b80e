// Written by `make client` from openapi.json: edit that, not this file.

/// By kind of thing the fields that only its reader makes, as they are at first.
const Map<String, Map<String, Object?>> marksOf = <String, Map<String, Object?>>{
  'lounge': <String, Object?>{
    'has_new': false,
    'is_favorite': false,
    'notification_level': 'none',
  },
  'managed_lounge': <String, Object?>{
    'has_new': false,
    'is_favorite': false,
    'notification_level': 'none',
  },
  'managed_post': <String, Object?>{
    'liked': false,
    'watching': false,
  },
  'moderated_post': <String, Object?>{
    'liked': false,
    'watching': false,
  },
  'post': <String, Object?>{
    'liked': false,
    'watching': false,
  },
};
