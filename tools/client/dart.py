"""Writes the Dart package's models, enums, problems and calls, in a small, plain part of Dart."""

import json
import re
from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Any

from tools.client.model import Api, Enum, Field, Model, Operation, Param, Type, camel

SCALARS = {
    "text": ("String", "asText"), "int": ("int", "asInt"), "double": ("double", "asDouble"),
    "bool": ("bool", "asBool"), "time": ("DateTime", "asTime"), "date": ("String", "asText"),
    "json": ("Object?", "asJson"), "object": ("Map<String, Object?>", "asObject"),
    "bytes": ("List<int>", ""),
}  # fmt: skip

RESERVED = frozenset(
    {
        *("assert", "await", "break", "case", "catch", "class", "const", "continue", "default"),
        *("do", "else", "enum", "extends", "false", "final", "finally", "for", "if", "in", "is"),
        *("new", "null", "rethrow", "return", "super", "switch", "this", "throw", "true", "try"),
        *("var", "void", "while", "with", "yield"),
        *("hashCode", "runtimeType", "toString", "noSuchMethod", "parse", "toJson", "copyWith"),
        *("field", "optionalField", "allOf", "withoutNulls", "sameValue", "hashOf", "maybe"),
        *("listOf", "mapOf", "pageOf", "asBool", "asDouble", "asInt", "asJson", "asObject"),
        *("asText", "asTime"),
    }
)
"""Words of Dart, members of each model, and functions that they call: others get a suffix."""

HEAD = "// Written by `make client` from openapi.json: edit that, not this file.\n"


OF_ENUMS = frozenset({"value", "values", "isKnown", "unknown"})
"""Members that our enums have beside their values."""


def lower_camel(name: str, reserved: frozenset[str] = RESERVED) -> str:
    """`lounge_id` as `loungeId`."""
    name = camel(name)
    name = name[:1].lower() + name[1:]
    return f"{name}Value" if name in reserved else name


def plain(type_: Type) -> str:
    """Without `?`."""
    inner = type_of(type_.item) if type_.item else ""
    kinds = {
        "list": f"List<{inner}>",
        "map": f"Map<String, {inner}>",
        "page": f"ResultPage<{inner}>",
        "model": type_.name,
        "enum": type_.name,
    }
    return kinds.get(type_.kind) or SCALARS[type_.kind][0]


def type_of(type_: Type) -> str:
    return nullable(plain(type_)) if type_.nullable else plain(type_)


def nullable(name: str) -> str:
    return name if name.endswith("?") else f"{name}?"


def parser_of(type_: Type) -> str:
    inner = f"<{type_of(type_.item)}>({parser_of(type_.item)})" if type_.item else ""
    kinds = {
        "list": f"listOf{inner}",
        "map": f"mapOf{inner}",
        "page": f"pageOf{inner}",
        "model": f"{type_.name}.parse",
        "enum": f"{type_.name}.parse",
    }
    name = kinds.get(type_.kind) or SCALARS[type_.kind][1]
    return f"maybe<{plain(type_)}>({name})" if type_.nullable else name


def doc(text: str, depth: int, extra: Sequence[str] = ()) -> Iterator[str]:
    """Wraps the text as a documentation comment."""
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
    for number, part in enumerate([*paragraphs, *extra] or ["Not described."]):
        if number:
            yield " " * depth + "///"
        for line in wrap(part, 96 - depth, break_on_hyphens=False):
            yield f"{' ' * depth}/// {line}"


def _enum(enum: Enum) -> Iterator[str]:
    name = enum.name
    yield from doc(enum.description or "Fixed values.", 0)
    yield f"@immutable\nfinal class {name} implements HasJson {{"
    yield f"  const {name}._(this.value);\n"
    if enum.is_open:
        yield "  /// A value that this package does not know. Treat it as other."
        yield f"  const {name}.unknown(this.value);\n"
    names = {value: lower_camel(value, RESERVED | OF_ENUMS) for value in enum.values}
    for value, member in names.items():
        yield f"  /// `{value}`."
        yield f"  static const {name} {member} = {name}._('{value}');\n"
    yield "  /// All values that this package knows."
    yield f"  static const List<{name}> values = <{name}>[{', '.join(names.values())}];\n"
    yield "  /// Reads a value."
    yield f"  static {name} parse(Object? json) {{"
    yield "    final String text = asText(json);"
    yield f"    for (final {name} known in values) {{"
    yield "      if (known.value == text) {\n        return known;\n      }\n    }"
    other = f"return {name}.unknown(text);"
    refusal = f"throw MalformedAnswer('{name} has no value $text');"
    yield f"    {other if enum.is_open else refusal}\n  }}\n"
    yield "  /// The value as it travels.\n  final String value;\n"
    if enum.is_open:
        yield "  /// Whether this package knows the value."
        yield "  bool get isKnown => values.contains(this);\n"
    yield "  @override\n  String toJson() => value;\n"
    yield "  @override"
    yield f"  bool operator ==(Object other) => other is {name} && other.value == value;\n"
    yield "  @override\n  int get hashCode => value.hashCode;\n"
    yield "  @override\n  String toString() => value;\n}\n"


def _enums(api: Api) -> Iterator[str]:
    yield HEAD
    yield "import 'package:meta/meta.dart';\n"
    yield "import '../errors.dart';" if any(not enum.is_open for enum in api.enums) else ""
    yield "import '../reading.dart';\n"
    for enum in api.enums:
        yield from _enum(enum)


def _declared(field: Field) -> str:
    is_there = field.required or field.default is not None
    return type_of(field.type) if is_there else nullable(plain(field.type))


def _default(field: Field) -> str:
    """As Dart writes it; empty if there is none."""
    if field.default is None:
        return ""
    return f"'{field.default}'" if isinstance(field.default, str) else str(field.default).lower()


SECRETS = re.compile(r"password|token|secret|verifier|(^|_)code$|nonce")
"""Names of fields that no log shows."""


def _model(model: Model) -> Iterator[str]:
    name = model.name
    yield from doc(model.description or f"{name}, as it travels.", 0)
    yield f"@immutable\nfinal class {name} implements HasJson {{"
    yield "  /// Makes one of its parts."
    parts = [
        f"{'required ' if field.required else ''}this.{lower_camel(field.name)}"
        f"{' = ' if field.default is not None else ''}{_default(field)}"
        for field in model.fields
    ]
    yield f"  const {name}({{{', '.join(parts)}}});\n"
    yield "  /// Reads one."
    yield f"  static {name} parse(Object? value) {{"
    yield "    final Map<String, Object?> json = asObject(value);"
    yield f"    return {name}("
    for field in model.fields:
        if field.required:
            reading = f"field<{type_of(field.type)}>(json, '{field.name}', {parser_of(field.type)})"
        else:
            bare = Type(field.type.kind, field.type.name, field.type.item)
            reading = f"optionalField<{plain(bare)}>(json, '{field.name}', {parser_of(bare)})"
            if field.default is not None:
                reading += f" ?? {_default(field)}"
        yield f"      {lower_camel(field.name)}: {reading},"
    yield "    );\n  }\n"
    for field in model.fields:
        yield from doc(field.description or f"`{field.name}`.", 2)
        yield f"  final {_declared(field)} {lower_camel(field.name)};\n"
    yield from _copy_with(model)
    yield from _json_and_equality(model)
    yield "}\n"


def _copy_with(model: Model) -> Iterator[str]:
    """A field that may be null is given as a function, so that null can be given too."""
    yield "  /// The same with some parts changed. What may be null is given as a function."
    parts, values = [], []
    for field in model.fields:
        name, type_ = lower_camel(field.name), _declared(field)
        if type_.endswith("?"):
            parts.append(f"{type_} Function()? {name}")
            values.append(f"      {name}: {name} == null ? this.{name} : {name}(),")
        else:
            parts.append(f"{type_}? {name}")
            values.append(f"      {name}: {name} ?? this.{name},")
    yield f"  {model.name} copyWith({{{', '.join(parts)}}}) {{"
    yield f"    return {model.name}("
    yield from values
    yield "    );\n  }\n"


def _json_and_equality(model: Model) -> Iterator[str]:
    names = [(field.name, lower_camel(field.name)) for field in model.fields]
    yield "  @override\n  Map<String, Object?> toJson() {"
    yield f"    return {'allOf' if model.keeps_nulls else 'withoutNulls'}(<String, Object?>{{"
    yield from (f"      '{wire}': {name}," for wire, name in names)
    yield "    });\n  }\n"
    same = [f"sameValue({name}, other.{name})" for _, name in names]
    yield "  @override\n  bool operator ==(Object other) {"
    yield f"    return other is {model.name} &&\n        {' &&\n        '.join(same)};\n  }}\n"
    yield "  @override"
    yield f"  int get hashCode => hashOf(<Object?>[{', '.join(name for _, name in names)}]);\n"
    shown = [f"{name}: {'…' if SECRETS.search(wire) else f'${name}'}" for wire, name in names]
    yield "  @override"
    yield f"  String toString() => '{model.name}({', '.join(shown)})';"


def _models(api: Api) -> Iterator[str]:
    yield HEAD
    yield "import 'package:meta/meta.dart';\n"
    yield "import '../reading.dart';\nimport 'enums.dart';\n"
    for model in api.models:
        yield from _model(model)


BASE_PROBLEM = """\
/// The server refused. Decide by the class, or by [code]; show [title] and [detail].
sealed class Problem extends LinkyError {
  /// Made by [Problem.of].
  const Problem(this.status, this.body, this.retryAfter, this.requestId);

  /// The status of the answer.
  final int status;

  /// The whole body of the answer.
  final Map<String, Object?> body;

  /// How long to wait, if the server says so.
  final Duration? retryAfter;

  /// For bug reports.
  final String requestId;

  /// Stable, for programs.
  String get code => textIn(body, 'code');

  /// To show to the user, in their language.
  String get title => textIn(body, 'title');

  /// To show to the user, in their language.
  String get detail => textIn(body, 'detail');

  /// The fields of the request that are wrong (422).
  List<FieldProblem> get fields => fieldProblemsIn(body);

  @override
  String toString() => 'Problem $status $code: $detail';

  /// The problem in an answer. What is not one of our problems becomes an [UnknownProblem].
  static Problem of(
    int status,
    Map<String, Object?> body,
    Duration? retryAfter,
    String requestId,
  ) {
    switch (textIn(body, 'code')) {"""


def _problems(api: Api) -> Iterator[str]:
    yield HEAD
    yield "import '../errors.dart';\nimport '../reading.dart';\n"
    yield BASE_PROBLEM
    for code in api.codes:
        yield f"      case '{code}':"
        yield f"        return {camel(code)}Problem(status, body, retryAfter, requestId);"
    yield "      default:\n        return UnknownProblem(status, body, retryAfter, requestId);"
    yield "    }\n  }\n}\n"
    for code in api.codes:
        yield from _problem(f"{camel(code)}Problem", f"`{code}`.")
    yield from _problem(
        "UnknownProblem", "A code that is newer than this package, or an error of a proxy."
    )


def _problem(name: str, text: str) -> Iterator[str]:
    yield f"/// {text}\nfinal class {name} extends Problem {{"
    yield "  /// Made by [Problem.of]."
    yield f"  const {name}(super.status, super.body, super.retryAfter, super.requestId);\n}}\n"


def _argument(param: Param) -> str:
    type_ = type_of(param.type)
    if param.required:
        return f"required {type_} {lower_camel(param.name)}"
    return f"{nullable(plain(param.type))} {lower_camel(param.name)}"


def _arguments(operation: Operation) -> str:
    given = [f"{type_of(one.type)} {lower_camel(one.name)}" for one in operation.in_("path")]
    named = [_argument(one) for one in (*operation.in_("query"), *operation.in_("header"))]
    if operation.has_file:
        given.append("Upload file")
    if operation.body and operation.body_required:
        given.append(f"{type_of(operation.body)} body")
    elif operation.body:
        named.append(f"{nullable(plain(operation.body))} body")
    return (
        f"{''.join(f'{one}, ' for one in given)}{{{', '.join([*named, 'CallOptions? options'])}}}"
    )


def _pairs(params: Sequence[Param], values: str) -> str:
    return f"<String, {values}>{{" + ", ".join(
        f"'{one.name}': {lower_camel(one.name)}" for one in params
    ) + "}"  # fmt: skip


def _operation(operation: Operation) -> Iterator[str]:
    codes = [f"Problems: {', '.join(f'`{code}`' for code in operation.codes)}."]
    yield from doc(operation.summary, 2, codes * bool(operation.codes))
    answer = type_of(operation.answer) if operation.answer else "void"
    yield f"  Future<{answer}> {lower_camel(operation.id)}({_arguments(operation)}) {{"
    path = re.sub(
        r"\{(\w+)\}", lambda found: f"${{segment({lower_camel(found[1])})}}", operation.path
    )
    yield "    final Call call = Call("
    yield f"      operation: '{operation.id}',\n      method: '{operation.method}',"
    yield f"      path: '{path}',"
    if query := operation.in_("query"):
        yield f"      query: {_pairs(query, 'Object?')},"
    if headers := operation.in_("header"):
        yield f"      headers: {_pairs(headers, 'String?')},"
    for name, value in (
        ("body", "body" if operation.body else ""),
        ("upload", "file" if operation.has_file else ""),
        ("isPublic", "true" if operation.is_public else ""),
        ("keyed", "true" if operation.keyed else ""),
        ("cached", "true" if operation.cached else ""),
    ):
        if value:
            yield f"      {name}: {value},"
    yield "      options: options ?? const CallOptions(),\n    );"
    if operation.answer is None:
        yield "    return _transport.send(call);"
    elif operation.answer.kind == "bytes":
        yield "    return _transport.fetch(call);"
    else:
        yield f"    return _transport.call<{answer}>(call, {parser_of(operation.answer)});"
    yield "  }\n"


def _calls(api: Api) -> Iterator[str]:
    yield HEAD
    yield "import '../reading.dart';\nimport '../transport.dart';\nimport '../values.dart';"
    yield "import 'enums.dart';\nimport 'models.dart';\n"
    for group, operations in api.groups.items():
        yield f"/// The calls of `{group}`."
        yield f"final class {camel(group)}Api {{\n  /// Calls by a transport."
        yield f"  const {camel(group)}Api(this._transport);\n\n  final Transport _transport;\n"
        for operation in operations:
            yield from _operation(operation)
        yield "}\n"
    yield "/// All calls, by their groups.\nclass Apis {\n  /// Calls by a transport."
    made = [f"{lower_camel(group)} = {camel(group)}Api(transport)" for group in api.groups]
    yield f"  Apis(Transport transport)\n      : {',\n        '.join(made)};\n"
    for group in api.groups:
        yield f"  /// The calls of `{group}`.\n  final {camel(group)}Api {lower_camel(group)};\n"
    yield "}"


def _marks(api: Api) -> Iterator[str]:
    yield HEAD
    yield "/// By kind of thing the fields that only its reader makes, as they are at first."
    yield "const Map<String, Map<String, Object?>> marksOf = <String, Map<String, Object?>>{"
    for kind, fields in api.marks.items():
        yield f"  '{kind}': <String, Object?>{{"
        yield from (f"    '{name}': {_literal(value)}," for name, value in fields.items())
        yield "  },"
    yield "};"


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else json.dumps(value)


def things(document: dict[str, Any]) -> str:
    """What tests answer with: a post, comment and notification as in the document's examples."""
    paths = document["paths"]
    post = _example(paths["/api/v1/posts/{post_id}"])
    (comment,) = _example(paths["/api/v1/posts/{post_id}/comments"])["items"]
    (notification,) = _example(paths["/api/v1/notifications"])["items"]
    parts = {"post": post, "comment": comment, "notification": notification}
    examples = "\n".join(
        f"""
/// A {name} as the server sends it.
final Map<String, Object?> {name}Example = jsonDecode(r'''
{json.dumps(value, ensure_ascii=False, indent=2)}
''') as Map<String, Object?>;"""
        for name, value in parts.items()
    )
    return f"{HEAD}\nimport 'dart:convert';\n{examples}\n"


def _example(path: dict[str, Any]) -> Any:
    return path["get"]["responses"]["200"]["content"]["application/json"]["example"]


def modules(api: Api) -> dict[str, str]:
    """All files that are written: by their names below `generated`."""
    sources = {
        "enums.dart": _enums(api), "models.dart": _models(api),
        "problems.dart": _problems(api), "apis.dart": _calls(api), "marks.dart": _marks(api),
    }  # fmt: skip
    texts = {name: "\n".join(lines) for name, lines in sources.items()}
    return {name: re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n" for name, text in texts.items()}
