import 'errors.dart';

/// What can be sent.
abstract interface class HasJson {
  /// The value as it travels.
  Object? toJson();
}

/// A JSON object.
Map<String, Object?> asObject(Object? value) {
  if (value is Map<String, Object?>) {
    return value;
  }
  throw MalformedAnswer('an object was expected, not $value');
}

/// A string.
String asText(Object? value) {
  if (value is String) {
    return value;
  }
  throw const MalformedAnswer('a text was expected');
}

/// A whole number.
int asInt(Object? value) {
  if (value is int) {
    return value;
  }
  throw const MalformedAnswer('a whole number was expected');
}

/// A number.
double asDouble(Object? value) {
  if (value is num) {
    return value.toDouble();
  }
  throw const MalformedAnswer('a number was expected');
}

/// True or false.
bool asBool(Object? value) {
  if (value is bool) {
    return value;
  }
  throw const MalformedAnswer('true or false was expected');
}

/// A time, in UTC.
DateTime asTime(Object? value) {
  final DateTime? time = DateTime.tryParse(asText(value));
  if (time == null) {
    throw const MalformedAnswer('a time was expected');
  }
  return time.toUtc();
}

/// Anything.
Object? asJson(Object? value) => value;

/// A list whose items are all of one kind. It can't be changed.
List<T> Function(Object?) listOf<T>(T Function(Object?) parse) {
  return (Object? value) {
    if (value is List<Object?>) {
      return List<T>.unmodifiable(value.map<T>(parse));
    }
    throw const MalformedAnswer('a list was expected');
  };
}

/// An object whose values are all of one kind. It can't be changed.
Map<String, T> Function(Object?) mapOf<T>(T Function(Object?) parse) {
  return (Object? value) {
    final Map<String, T> read = <String, T>{};
    for (final MapEntry<String, Object?> entry in asObject(value).entries) {
      read[entry.key] = parse(entry.value);
    }
    return Map<String, T>.unmodifiable(read);
  };
}

/// The same, or null.
T? Function(Object?) maybe<T>(T Function(Object?) parse) {
  return (Object? value) => value == null ? null : parse(value);
}

/// A property that is always there.
T field<T>(Map<String, Object?> json, String name, T Function(Object?) parse) {
  if (!json.containsKey(name)) {
    throw MalformedAnswer('$name is missing');
  }
  try {
    return parse(json[name]);
  } on MalformedAnswer catch (error) {
    throw MalformedAnswer('$name: ${error.message}');
  }
}

/// A property that may be absent or null.
T? optionalField<T>(Map<String, Object?> json, String name, T Function(Object?) parse) {
  return json[name] == null ? null : field<T>(json, name, parse);
}

/// What a request sends for a value.
Object? jsonOf(Object? value) {
  if (value is HasJson) {
    return value.toJson();
  }
  if (value is DateTime) {
    return value.toUtc().toIso8601String();
  }
  if (value is List<Object?>) {
    return value.map<Object?>(jsonOf).toList();
  }
  if (value is Map<String, Object?>) {
    return allOf(value);
  }
  return value;
}

/// An answer's fields, nulls too, so that it can be stored and read again.
Map<String, Object?> allOf(Map<String, Object?> values) {
  final Map<String, Object?> json = <String, Object?>{};
  for (final MapEntry<String, Object?> entry in values.entries) {
    json[entry.key] = jsonOf(entry.value);
  }
  return json;
}

/// A request's fields. Null means "not sent": null clears nothing in this API.
Map<String, Object?> withoutNulls(Map<String, Object?> values) {
  final Map<String, Object?> json = <String, Object?>{};
  for (final MapEntry<String, Object?> entry in values.entries) {
    if (entry.value != null) {
      json[entry.key] = jsonOf(entry.value);
    }
  }
  return json;
}

/// Whether two values are equal. Lists and maps are equal if their parts are.
bool sameValue(Object? left, Object? right) {
  if (identical(left, right)) {
    return true;
  }
  if (left is List<Object?> && right is List<Object?>) {
    if (left.length != right.length) {
      return false;
    }
    for (int index = 0; index < left.length; index++) {
      if (!sameValue(left[index], right[index])) {
        return false;
      }
    }
    return true;
  }
  if (left is Map<String, Object?> && right is Map<String, Object?>) {
    if (left.length != right.length) {
      return false;
    }
    for (final String key in left.keys) {
      if (!right.containsKey(key) || !sameValue(left[key], right[key])) {
        return false;
      }
    }
    return true;
  }
  return left == right;
}

/// A hash that is equal where [sameValue] says so.
int hashOf(Object? value) {
  if (value is List<Object?>) {
    return Object.hashAll(value.map<int>(hashOf));
  }
  if (value is Map<String, Object?>) {
    int hash = value.length;
    for (final MapEntry<String, Object?> entry in value.entries) {
      hash = hash ^ Object.hash(entry.key, hashOf(entry.value));
    }
    return hash;
  }
  return value.hashCode;
}

/// A text in an object; empty if it is not there.
String textIn(Map<String, Object?> json, String name) {
  final Object? value = json[name];
  if (value is String) {
    return value;
  }
  return '';
}

/// The `errors` of a problem.
List<FieldProblem> fieldProblemsIn(Map<String, Object?> body) {
  final List<FieldProblem> found = <FieldProblem>[];
  final Object? listed = body['errors'];
  if (listed is List<Object?>) {
    for (final Object? one in listed) {
      if (one is Map<String, Object?>) {
        found.add(FieldProblem(textIn(one, 'field'), textIn(one, 'code'), textIn(one, 'message')));
      }
    }
  }
  return found;
}

/// A value as a part of a path.
String segment(Object value) => Uri.encodeComponent('${jsonOf(value)}');
