"""Resolves expressions: every name, every member, and the arguments of every call."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tree_sitter import Node

from tools.client.resolve.declarations import (
    UNKNOWN,
    DartClass,
    DartType,
    Member,
    Params,
    read_params,
    read_type,
    type_arguments,
)
from tools.client.resolve.scopes import Scopes
from tools.client.resolve.syntax import (
    EXPRESSIONS,
    OPERATORS,
    SCALARS,
    SELECTORS,
    TRUTHS,
    all_nodes,
    children,
    closest,
    is_conditional,
    text_of,
)

INDEX = "elementAtIndex"
"""How the stubs call the operator []."""


@dataclass
class Expressions(Scopes):
    def statement(self, node: Node) -> None:
        raise NotImplementedError

    def signature(self, node: Node) -> None:
        raise NotImplementedError

    def expression(self, node: Node) -> DartType:
        """Returns its type, or UNKNOWN."""
        self.last = self.resolve(node)
        return self.last

    def resolve(self, node: Node) -> DartType:
        kind = node.type
        if kind in SCALARS:
            self.template(node)
            return DartType(SCALARS[kind])
        if kind == "identifier":
            return self.identifier(node)
        if kind in SELECTORS:
            return self.selector(node)
        if kind == "method_invocation":
            return self.invocation(node)
        if kind in ("const_object_expression", "constructor_invocation"):
            return self.construction(node)
        if kind == "function_expression":
            return self.closure(node)
        if kind in ("list_literal", "set_or_map_literal"):
            return self.literal(node)
        if kind in TRUTHS:
            self.operands(node)
            return DartType("bool")
        return self.other(node)

    def other(self, node: Node) -> DartType:
        kind = node.type
        if kind == "this":
            return self.this(node)
        if kind == "super":
            parent = self.inside.superclass if self.inside else None
            return parent or UNKNOWN
        if kind in ("null_literal", "rethrow_expression"):
            return UNKNOWN
        if kind == "await_expression":
            future = self.expression(children(node)[1])
            return future.args[0] if future.name == "Future" and future.args else future
        if kind == "conditional_expression":
            _, one, other = [self.expression(part) for part in children(node) if part.is_named]
            if UNKNOWN not in (one, other) and (one.name == "Future") != (other.name == "Future"):
                self.complain(node, "one branch is a Future, and the other is not")
            if UNKNOWN in (one, other):  # One of them is null, or not known.
                return (other if one == UNKNOWN else one).nullable()
            return one.nullable() if other.may_be_null else one
        if kind == "cascade_expression":
            return self.cascade(node)
        if kind == "if_null_expression":
            one, other = self.operands(node)
            one = other if one == UNKNOWN else one
            return replace(one, may_be_null=other.may_be_null)
        if kind in EXPRESSIONS:
            found = self.operands(node)
            return found[0] if found else UNKNOWN
        self.complain(node, f"{kind} is not in the part of Dart that we write")
        return UNKNOWN

    def operands(self, node: Node) -> list[DartType]:
        """Operators have none."""
        found = []
        for part in children(node):
            if part.type in ("prefix_operator", *OPERATORS):
                continue
            if part.type == "type_test":
                self.types_in(part)
            elif part.is_named:
                found.append(self.expression(part))
        return found

    def template(self, node: Node) -> None:
        for part in all_nodes(node):
            if part.type == "template_substitution" and closest(part, "string_literal") == node:
                for one in children(part):
                    if one.type == "identifier_dollar_escaped":
                        self.name(one, text_of(one))
                    elif one.is_named:
                        self.expression(one)

    def this(self, node: Node) -> DartType:
        if self.inside is None or self.is_static:
            self.complain(node, "`this` where there is none")
            return UNKNOWN
        return DartType(self.inside.name, tuple(map(DartType, self.inside.type_params)))

    def identifier(self, node: Node) -> DartType:
        return self.name(node, text_of(node))

    def name(self, node: Node, name: str) -> DartType:
        member = self.lookup(node, name)
        if member is None:
            self.complain(node, f"{name} is not declared")
            return UNKNOWN
        return member.value

    def lookup(self, node: Node, name: str) -> Member | None:
        """What a name stands for: a variable, a member of the class, or something of a library."""
        for scope in reversed(self.scopes):
            if name in scope:
                type_ = self.alias(scope[name])
                if type_.name == "Function" and type_.params:
                    return Member(name, type_.returns or UNKNOWN, type_.params)
                return Member(name, type_)
        if self.inside and name in self.inside.members:
            member = self.inside.members[name]
            if self.is_static and not member.is_static:
                self.complain(node, f"{name} is a member of an object, and there is none here")
            return self.called(member)
        owner = self.owner(node, name)
        if owner and name in owner.members:
            return owner.members[name]
        if owner and name in owner.classes:
            return owner.classes[name].constructors.get("") or Member(
                name, DartType(name), Params(())
            )
        if self.inside and not self.is_static:
            inherited = self.universe.member(DartType(self.inside.name), name)
            return self.called(inherited) if inherited else None
        return None

    def called(self, member: Member) -> Member:
        """A field that holds a function is called as a function."""
        type_ = self.alias(member.type)
        if member.params is None and type_.name == "Function" and type_.params:
            return Member(member.name, type_.returns or UNKNOWN, type_.params)
        return member

    def static_class(self, node: Node) -> DartClass | None:
        """None if the expression names no class."""
        name, prefix = text_of(node), ""
        if node.type in SELECTORS:
            first, *_, last = children(node)
            prefix, name = text_of(first), text_of(last)
            if not self.is_prefix(prefix):
                return None
        elif node.type != "identifier" or any(name in scope for scope in self.scopes):
            return None
        owner = self.owner(node, name, prefix)
        return owner.classes.get(name) if owner else None

    def selector(self, node: Node) -> DartType:
        """`a.b`, `a?.b` or `a[b]` as a value."""
        parts = children(node)
        if parts[-1].type == "index_selector":
            of = self.expression(parts[0])
            for part in children(parts[-1]):
                if part.is_named:
                    self.expression(part)
            return self.typed(node, of, INDEX).type
        value = self.member(node).value
        return value.nullable() if is_conditional(node) else value

    def member(self, node: Node) -> Member:
        """`a.b`."""
        parts = children(node)
        target, name = parts[0], text_of(parts[-1])
        if target.type == "identifier" and self.is_prefix(text_of(target)):
            owner = self.owner(node, name, text_of(target))
            if owner is None:
                self.complain(node, f"{text_of(target)} has no {name}")
                return Member(name, UNKNOWN)
            made = owner.classes.get(name)
            none = Member(name, DartType(name), Params(()))
            return owner.members[name] if made is None else made.constructors.get("") or none
        made = self.static_class(target)
        if made:
            found = made.members.get(name) or made.constructors.get(name)
            if found is None or not found.is_static:
                self.complain(node, f"{made.name} has no static {name}")
                return Member(name, UNKNOWN)
            return self.called(found)
        of = self.expression(target)
        if not is_conditional(node):
            self.not_null(target, of)
        return self.typed(node, of, name)

    def typed(self, node: Node, of: DartType, name: str) -> Member:
        """A member of a value. The value may be of a type that a test has found out."""
        of = self.alias(of)
        for type_ in (of, *self.tested(children(node)[0])):
            found = self.universe.member(type_, name)
            if found and not found.is_static:
                if type_.name == "Function" and name == "call":
                    return Member(name, of.returns or UNKNOWN, of.params)
                return self.called(found)
        if of == UNKNOWN:
            self.untyped += 1
            self.complain(node, f"what {text_of(node)[:60]!r} begins with has no known type")
        else:
            self.complain(node, f"{of.name} has no {name}")
        return Member(name, UNKNOWN)

    def invocation(self, node: Node) -> DartType:
        """`f(x)`, `a.f(x)`, and constructors without `const`."""
        function = node.child_by_field_name("function")
        part = node.child_by_field_name("arguments")
        assert function is not None, "the grammar says so"
        assert part is not None, "the grammar says so"
        if function.type == "identifier":
            member = self.lookup(function, text_of(function))
            if member is None:
                self.complain(node, f"{text_of(function)} is not declared")
                member = Member(text_of(function), UNKNOWN)
        elif function.type in SELECTORS and children(function)[-1].type != "index_selector":
            member = self.member(function)
        else:
            member = Member("", self.expression(function))
        type_ = self.call(node, member, part)
        return type_.nullable() if is_conditional(function) else type_

    def call(self, node: Node, member: Member, part: Node) -> DartType:
        """What a call returns, after its arguments were compared with the parameters."""
        lists = [one for one in children(part) if one.type == "type_arguments"]
        for one in lists:
            self.types_in(one)
        given = type_arguments(lists[0]) if lists else ()
        types = self.arguments(node, member.name, member.params, children(part)[-1])
        known = dict(zip(member.type_params, given, strict=False))
        if not known and member.type_params and member.params:
            for param, type_ in zip(member.params.positional, types, strict=False):
                _unify(param.type, type_, set(member.type_params), known)
        return member.type.with_(known)

    def arguments(
        self, node: Node, name: str, params: Params | None, arguments: Node
    ) -> list[DartType]:
        """Compares arguments with parameters; returns the types of the positional ones."""
        types, named = list[DartType](), dict[str, DartType]()
        for part in children(arguments):
            inner = children(part)
            if part.type == "argument":
                types.append(self.expression(inner[0]))
            elif part.type == "named_argument":
                named[text_of(children(inner[0])[0])] = self.expression(inner[1])
            if params and part.is_named and len(types) <= len(params.positional):
                param = (
                    params.positional[len(types) - 1]
                    if part.type == "argument"
                    else params.named.get(text_of(children(inner[0])[0]))
                )
                self.fits(inner[-1], param.type if param else UNKNOWN, self.last)
        if params is None:
            self.complain(node, f"{name} is not a function")
            return types
        least = sum(param.is_required for param in params.positional)
        if not least <= len(types) <= len(params.positional):
            self.complain(node, f"{name} takes {least} arguments, not {len(types)}")
        for unknown in named.keys() - params.named.keys():
            self.complain(node, f"{name} has no parameter {unknown}")
        for one in params.named.values():
            if one.is_required and one.name not in named:
                self.complain(node, f"{name} needs {one.name}")
        return types

    def construction(self, node: Node) -> DartType:
        """`const A(x)`, `A<T>.named(x)`."""
        parts = [part for part in children(node) if part.type != "const_builtin"]
        self.types_in_head(parts[:-1])
        type_, after = read_type(parts, 0)
        names = [text_of(part) for part in parts[after:-1] if part.type == "identifier"]
        simple = type_.simple
        made, name = self.universe.classes.get(simple), names[0] if names else ""
        # Without type arguments `A.named` reads like a type with a prefix.
        if made is None and "." in type_.name:
            first, name = type_.name.split(".")
            made = self.universe.classes.get(first)
        member = made.constructors.get(name) if made else None
        if made is None or (member is None and (name or made.constructors)):
            self.complain(node, f"no constructor {text_of(node)[:50]!r}")
            return type_
        params = member.params if member else Params(())
        self.arguments(node, made.name, params, parts[-1])
        return DartType(made.name, type_.args)

    def types_in_head(self, parts: Sequence[Node]) -> None:
        for index, part in enumerate(parts):
            is_name = index and part.type == "type_identifier" and parts[index - 1].type == "."
            if is_name and not self.is_prefix(text_of(parts[0])):
                continue
            self.types_in(part)

    def closure(self, node: Node) -> DartType:
        """A function without a name."""
        before, self.returns = self.returns, UNKNOWN
        with self.scope():
            params = Params(())
            returns = UNKNOWN
            for part in children(node):
                if part.type == "formal_parameter_list":
                    self.signature(part)
                    params = read_params(part)
                elif part.type == "function_expression_body":
                    inner = [one for one in children(part) if one.is_named]
                    if inner[-1].type == "block":
                        self.statement(inner[-1])
                    else:
                        returns = self.expression(inner[-1])
        self.returns = before
        return DartType("Function", (), returns, params)

    def literal(self, node: Node) -> DartType:
        """A list, set or map, whose types are written."""
        args: tuple[DartType, ...] = ()
        has_pairs = False
        for part in children(node):
            if part.type == "type_arguments":
                self.types_in(part)
                args = type_arguments(part)
            elif part.type == "pair":
                has_pairs = True
                self.operands(part)
            elif part.type in ("for_element", "if_element"):
                self.statement(part)
            elif part.is_named and part.type != "const_builtin":
                self.expression(part)
        if not args:
            self.complain(node, "a list, set or map needs its written types")
        kind = "Map" if has_pairs or len(args) == 2 else "Set"
        return DartType("List" if node.type == "list_literal" else kind, args)

    def cascade(self, node: Node) -> DartType:
        """`a..f()`."""
        parts = children(node)
        of = self.expression(parts[0])
        for part in parts[1:]:
            for one in children(part):
                function = one.child_by_field_name("function")
                arguments = one.child_by_field_name("arguments")
                if function is not None and arguments is not None:
                    self.call(one, self.typed(node, of, text_of(function)), arguments)
        return of


def _unify(param: DartType, given: DartType, names: set[str], known: dict[str, DartType]) -> None:
    """Find what type parameters stand for, from an argument."""
    if param.name in names and given != UNKNOWN:
        known.setdefault(param.name, given)
    for one, other in zip(param.args, given.args, strict=False):
        _unify(one, other, names, known)
    if param.returns and given.returns:
        _unify(param.returns, given.returns, names, known)
