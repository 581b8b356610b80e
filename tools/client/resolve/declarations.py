"""What Dart libraries declare, import and export."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from tree_sitter import Node

from tools.client.resolve.syntax import all_nodes, children, parse, text_of

TYPE_NODES = frozenset({"type_identifier", "void_type", "function_type", "inferred_type"})


@dataclass(frozen=True)
class DartType:
    """A class with its arguments, or a function."""

    name: str
    args: tuple["DartType", ...] = ()
    returns: "DartType | None" = None
    params: "Params | None" = None
    may_be_null: bool = field(default=False, compare=False)

    def nullable(self) -> "DartType":
        return replace(self, may_be_null=True)

    @property
    def simple(self) -> str:
        """The name of the class without the prefix of an import."""
        return self.name.rsplit(".", maxsplit=1)[-1]

    def with_(self, known: dict[str, "DartType"]) -> "DartType":
        if self.name in known:
            one = known[self.name]
            return one.nullable() if self.may_be_null else one
        args = tuple(arg.with_(known) for arg in self.args)
        returns = None if self.returns is None else self.returns.with_(known)
        return replace(self, args=args, returns=returns)


UNKNOWN = DartType("?")


@dataclass(frozen=True)
class Param:
    name: str
    type: DartType
    is_named: bool
    is_required: bool
    of_field: bool
    """`this.x`: its type is that of the field."""


@dataclass(frozen=True)
class Params:
    all: tuple[Param, ...]

    @property
    def positional(self) -> list[Param]:
        return [param for param in self.all if not param.is_named]

    @property
    def named(self) -> dict[str, Param]:
        return {param.name: param for param in self.all if param.is_named}


@dataclass(frozen=True)
class Member:
    """A variable, getter, function or constructor, of a class or of a library."""

    name: str
    type: DartType
    """Of a function: what it returns."""
    params: Params | None = None
    type_params: tuple[str, ...] = ()
    is_static: bool = False

    @property
    def value(self) -> DartType:
        """A function's is a function."""
        if self.params is None:
            return self.type
        return DartType("Function", (), self.type, self.params)


@dataclass
class DartClass:
    name: str
    node: Node
    is_abstract: bool
    type_params: tuple[str, ...] = ()
    superclass: DartType | None = None
    interfaces: tuple[DartType, ...] = ()
    members: dict[str, Member] = field(default_factory=dict)
    constructors: dict[str, Member] = field(default_factory=dict)
    doubles: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Link:
    uri: str
    prefix: str
    shown: frozenset[str]
    hidden: frozenset[str]
    is_export: bool
    node: Node

    def lets(self, name: str) -> bool:
        """`show` and `hide` let some names through."""
        return not name.startswith("_") and (
            name in self.shown if self.shown else name not in self.hidden
        )


@dataclass
class Library:
    path: Path
    uri: str
    source: str

    @cached_property
    def root(self) -> Node:
        return parse(self.source)

    @cached_property
    def links(self) -> list[Link]:
        return [
            link_of(node)
            for part in self.root.children
            if part.type == "import_or_export"
            for node in all_nodes(part)
            if node.type in ("library_import", "library_export")
        ]

    @cached_property
    def classes(self) -> dict[str, DartClass]:
        found = [class_of(node) for node in self.root.children if node.type == "class_definition"]
        return {one.name: one for one in found}

    @cached_property
    def aliases(self) -> dict[str, DartType]:
        found = {}
        for node in self.root.children:
            if node.type == "type_alias":
                parts = children(node)
                found[text_of(parts[1])] = read_type(parts, 3)[0]
        return found

    @cached_property
    def members(self) -> dict[str, Member]:
        found = [*_functions(self.root), *_variables(children(self.root))]
        return {one.name: one for one in found}

    def declares(self, name: str) -> bool:
        return name in self.classes or name in self.members or name in self.aliases


def link_of(node: Node) -> Link:
    words = [part for part in all_nodes(node) if part.type in ("string_literal", "identifier")]
    shown, hidden, prefix = set[str](), set[str](), ""
    for word in words:
        parent = word.parent
        if word.type == "identifier" and parent and parent.type == "combinator":
            target = shown if text_of(children(parent)[0]) == "show" else hidden
            target.add(text_of(word))
        elif word.type == "identifier":
            prefix = text_of(word)
    uri = text_of(words[0]).strip("'\"")
    is_export = node.type == "library_export"
    return Link(uri, prefix, frozenset(shown), frozenset(hidden), is_export, node)


def read_type(nodes: Sequence[Node], start: int) -> tuple[DartType, int]:
    """Returns the type that begins at a node, and the place after it."""
    node = nodes[start]
    place = start + 1
    if node.type == "function_type":
        type_ = _function_type(node)
        return (type_.nullable() if children(node)[-1].type == "nullable_type" else type_), place
    if node.type != "type_identifier":
        return (DartType("void") if node.type == "void_type" else UNKNOWN), place
    name = text_of(node)
    if _is(nodes, place, "."):
        name, place = f"{name}.{text_of(nodes[place + 1])}", place + 2
    args: tuple[DartType, ...] = ()
    if _is(nodes, place, "type_arguments"):
        args, place = type_arguments(nodes[place]), place + 1
    if _is(nodes, place, "nullable_type"):
        return DartType(name, args, may_be_null=True), place + 1
    return DartType(name, args), place


def _is(nodes: Sequence[Node], place: int, kind: str) -> bool:
    return place < len(nodes) and nodes[place].type == kind


def type_arguments(node: Node) -> tuple[DartType, ...]:
    parts = children(node)
    found, place = [], 1
    while place < len(parts):
        if parts[place].type in TYPE_NODES:
            one, place = read_type(parts, place)
            found.append(one)
        else:
            place += 1
    return tuple(found)


def _function_type(node: Node) -> DartType:
    parts = children(node)
    returns = read_type(parts, 0)[0] if parts[0].type in TYPE_NODES else UNKNOWN
    given = next(part for part in parts if part.type == "parameter_type_list")
    params = []
    for part in children(given):
        if part.type == "normal_parameter_type":
            inner = children(part)
            inner = children(inner[0]) if inner[0].type == "typed_identifier" else inner
            params.append(Param("", read_type(inner, 0)[0], False, True, False))
    return DartType("Function", (), returns, Params(tuple(params)))


def read_params(node: Node) -> Params:
    return Params(tuple(_params(node, is_named=False, is_optional=False)))


def _params(node: Node, *, is_named: bool, is_optional: bool) -> Iterator[Param]:
    required = False
    for part in children(node):
        if part.type == "required":
            required = True
        elif part.type == "optional_formal_parameters":
            named = children(part)[0].type == "{"
            yield from _params(part, is_named=named, is_optional=True)
        elif part.type == "formal_parameter":
            yield _param(part, is_named=is_named, is_required=required or not is_optional)
            required = False


def _param(node: Node, *, is_named: bool, is_required: bool) -> Param:
    parts = children(node)
    if parts[0].type in ("constructor_param", "super_formal_parameter"):
        name = text_of(children(parts[0])[-1])
        return Param(name, UNKNOWN, is_named, is_required, parts[0].type == "constructor_param")
    type_ = read_type(parts, 0)[0] if parts[0].type in TYPE_NODES else UNKNOWN
    return Param(text_of(parts[-1]), type_, is_named, is_required, False)


def type_params(node: Node) -> tuple[str, ...]:
    """The names between `<` and `>`."""
    return tuple(
        text_of(children(part)[0])
        for outer in children(node)
        if outer.type == "type_parameters"
        for part in children(outer)
        if part.type == "type_parameter"
    )


def function_of(node: Node, *, is_static: bool = False) -> Member:
    parts = children(node)
    returns = read_type(parts, 0)[0] if parts[0].type in TYPE_NODES else UNKNOWN
    name_node = node.child_by_field_name("name")
    name = text_of(name_node) if name_node else ""
    lists = [part for part in parts if part.type == "formal_parameter_list"]
    params = read_params(lists[0]) if lists else None
    return Member(name, returns, params, type_params(node), is_static)


def _functions(root: Node) -> Iterator[Member]:
    for node in root.children:
        signature = node.child_by_field_name("signature")
        if signature is None and node.type in ("function_signature", "getter_signature"):
            signature = node
        if signature is not None and node.type != "class_definition":
            yield function_of(signature)


def _variables(nodes: Sequence[Node], *, is_static: bool = False) -> Iterator[Member]:
    """A type, and then a list of names."""
    for place, node in enumerate(nodes):
        if node.type in ("static_final_declaration_list", "initialized_identifier_list"):
            start = place
            while start > 0 and nodes[start - 1].type in (*TYPE_NODES, *TYPE_PARTS):
                start -= 1
            type_ = read_type(nodes, start)[0] if start < place else UNKNOWN
            for part in children(node):
                if part.type in ("static_final_declaration", "initialized_identifier"):
                    yield Member(text_of(children(part)[0]), type_, is_static=is_static)


TYPE_PARTS = frozenset({"type_arguments", "nullable_type", "."})


def class_of(node: Node) -> DartClass:
    words = [text_of(part) for part in children(node)]
    name_node = node.child_by_field_name("name")
    assert name_node is not None, "a class has a name"
    made = DartClass(
        text_of(name_node), node, bool({"abstract", "sealed"} & set(words)), type_params(node)
    )
    for part in children(node):
        if part.type == "superclass":
            made.superclass = read_type(children(part), 1)[0]
        elif part.type == "interfaces":
            made.interfaces = tuple(_types_of(children(part)[1:]))
        elif part.type == "class_body":
            for one in children(part):
                _declare(made, one)
    return made


def _types_of(nodes: Sequence[Node]) -> Iterator[DartType]:
    place = 0
    while place < len(nodes):
        if nodes[place].type in TYPE_NODES:
            type_, place = read_type(nodes, place)
            yield type_
        else:
            place += 1


def _declare(made: DartClass, node: Node) -> None:
    if node.type not in ("declaration", "method_declaration"):
        return
    outer = children(node)
    inner = [one for part in outer if part.type == "method_signature" for one in children(part)]
    parts = inner or outer
    is_static = any(part.type == "static" for part in parts)
    for part in parts:
        if part.type.endswith("constructor_signature"):
            _add(made, made.constructors, _constructor(made, part))
        elif part.type in ("function_signature", "getter_signature"):
            _add(made, made.members, function_of(part, is_static=is_static))
    for one in _variables(outer, is_static=is_static):
        _add(made, made.members, one)


def _add(made: DartClass, names: dict[str, Member], one: Member) -> None:
    if one.name in names:
        made.doubles.append(one.name)
    names[one.name] = one


def _constructor(made: DartClass, node: Node) -> Member:
    """The unnamed constructor has the name ""."""
    parts = children(node)
    names = [text_of(part) for part in parts if part.type == "identifier"]
    params = next(part for part in parts if part.type == "formal_parameter_list")
    type_ = DartType(made.name, tuple(DartType(name) for name in made.type_params))
    name = names[1] if len(names) > 1 else ""
    return Member(name, type_, read_params(params), made.type_params, is_static=True)
