"""Resolves every name of a library, and compares every call with what it calls."""

from dataclasses import dataclass

from tree_sitter import Node

from tools.client.resolve.declarations import (
    TYPE_NODES,
    UNKNOWN,
    DartClass,
    DartType,
    Params,
    function_of,
    read_params,
    read_type,
    type_params,
)
from tools.client.resolve.expressions import Expressions
from tools.client.resolve.syntax import all_nodes, children, text_of

STATEMENTS = frozenset(
    {"expression_statement", "return_statement", "if_statement", "while_statement"}
    | {"switch_statement", "switch_block", "switch_statement_case", "switch_statement_default"}
    | {"local_variable_declaration", "finally_clause", "yield_statement", "continue_statement"}
    | {"declaration", "method_declaration", "function_declaration", "annotation", "initializers"}
    | {"initialized_identifier_list", "static_final_declaration_list", "type_alias", "library_name"}
    | {"final_builtin", "const_builtin", "late", "static", "external", "nullable_type"}
    | {"case_builtin", "rethrow_builtin", "async", "await", "inferred_type"}
)
RETURNING = frozenset({"function_signature", "getter_signature", "operator_signature"})
TESTS = frozenset({"equality_expression", "type_test_expression"})
MODIFIERS = frozenset({"final_builtin", "const_builtin", "late", "nullable_type"})


@dataclass
class Resolver(Expressions):
    is_async: bool = False

    def run(self) -> None:
        for link in self.library.links:
            if self.universe.target(self.library, link) is None:
                self.complain(link.node, f"no library {link.uri}")
        for node in children(self.library.root):
            if node.type == "class_definition":
                self.class_(node)
            elif node.type in (*TYPE_NODES, "type_arguments"):
                self.types_in(node)
            elif node.type != "import_or_export":
                self.declaration(node)
        for link in self.library.links:
            if not link.is_export and link.node.id not in self.used:
                self.complain(link.node, f"{link.uri} is imported and not used")

    def class_(self, node: Node) -> None:
        self.inside = next(one for one in self.library.classes.values() if one.node == node)
        for name in self.inside.doubles:
            self.complain(node, f"{name} is declared twice")
        with self.names_of_types(self.inside.type_params):
            for part in children(node):
                if part.type == "class_body":
                    for one in children(part):
                        self.is_static = any(child.type == "static" for child in all_nodes(one))
                        self.declaration(one)
                elif part.is_named and part.type != "type_parameters":
                    self.types_in(part)
            self.abstract_members(node, self.inside)
        self.inside = None

    def abstract_members(self, node: Node, made: DartClass) -> None:
        """A class that can be made must have every member of our interfaces."""
        if made.is_abstract:
            return
        for parent in made.interfaces:
            interface = self.universe.classes.get(parent.simple)
            for name in interface.members if interface and interface.is_abstract else ():
                if not self.has(made, name):
                    self.complain(node, f"{made.name} lacks {name} of {parent.name}")

    def has(self, made: DartClass, name: str) -> bool:
        """Also if a class that it extends declares the member."""
        if name in made.members or made.superclass is None:
            return name in made.members
        parent = self.universe.classes.get(made.superclass.simple)
        return parent is None or self.has(parent, name)

    def declaration(self, node: Node) -> None:
        """A function, a variable or a member, with its types and its body."""
        parts = children(node)
        signature = node.child_by_field_name("signature")
        is_factory = any(one.type == "factory" for one in all_nodes(signature or node))
        before, self.is_static = self.is_static, self.is_static or is_factory
        with self.names_of_types(_type_params_in(node)), self.scope():
            for part in parts:
                if part.type.endswith("_signature") or part.type == "method_signature":
                    self.signature(part)
            for part in parts:
                if part.type == "function_body":
                    self.body(part, signature)
                elif not part.type.endswith("_signature"):
                    self.statement(part)
        self.is_static = before

    def body(self, node: Node, signature: Node | None) -> None:
        """The body of a function, whose values have to be of the type that it returns."""
        words = {part.type for part in children(node)}
        made = [one for one in all_nodes(signature) if one.type in RETURNING] if signature else []
        wanted = function_of(made[0]).type if made else UNKNOWN
        if "async" in words:
            wanted = wanted.args[0] if wanted.args else UNKNOWN
        self.tests = [one for one in all_nodes(node) if one.type in TESTS]
        self.returns = UNKNOWN if "async*" in words else wanted
        if "=>" in words:
            value = next(part for part in reversed(children(node)) if part.is_named)
            self.returned(value, is_async="async" in words)
        else:
            self.is_async = "async" in words
            self.statement(node)
        self.returns = UNKNOWN

    def returned(self, node: Node, *, is_async: bool) -> None:
        """A value that a function returns. One that is async may return a Future of it."""
        given = self.expression(node)
        if is_async and given.name == "Future" and given.args:
            given = given.args[0]
        if self.returns.name != "void":
            self.fits(node, self.returns, given)

    def signature(self, node: Node) -> None:
        """The types and defaults of parameters, and an initializer list."""
        for part in all_nodes(node):
            if part.type == "formal_parameter_list" and not _is_inside(part, "function_type", node):
                for param in read_params(part).all:
                    self.declare(param.name, self.param_type(param.name, param.type))
                self.defaults(part)
            elif part.type in TYPE_NODES:
                self.type_(part)
        for part in all_nodes(node):
            if part.type == "initializers":
                before, self.is_static = self.is_static, True
                self.statement(part)
                self.is_static = before

    def param_type(self, name: str, type_: DartType) -> DartType:
        """A parameter `this.x` has the type of the field."""
        if type_ == UNKNOWN and self.inside and name in self.inside.members:
            return self.inside.members[name].type
        return type_

    def defaults(self, node: Node) -> None:
        for part in children(node):
            if part.type == "optional_formal_parameters":
                inner = children(part)
                for index, one in enumerate(inner):
                    if one.type == "=":
                        self.expression(inner[index + 1])
        for part in all_nodes(node):
            if part.type == "constructor_param" and self.inside:
                name = text_of(children(part)[-1])
                if name not in self.inside.members:
                    self.complain(part, f"{self.inside.name} has no field {name}")

    # Statements

    def statement(self, node: Node) -> None:
        """All but an expression: the expressions in it, in a scope of its own if it has one."""
        if node.type in ("block", "for_statement", "for_element", "catch_clause", "function_body"):
            with self.scope():
                self.parts(node)
        elif node.type == "try_statement":
            self.try_(node)
        elif node.type in ("initialized_variable_definition", "for_loop_parts"):
            self.variable(node)
        elif node.type in (*TYPE_NODES, "type_arguments"):
            self.types_in(node)
        elif node.type in ("static_final_declaration", "initialized_identifier"):
            for part in children(node)[2:]:
                self.expression(part)
        elif node.type == "return_statement" and len(children(node)) == 3:
            self.returned(children(node)[1], is_async=self.is_async)
        elif node.type == "field_initializer":
            self.field_initializer(node)
        elif node.type == "initializer_list_entry":
            self.initializer(node)
        elif node.type in STATEMENTS or not node.is_named:
            self.parts(node)
        else:
            self.expression(node)

    def parts(self, node: Node) -> None:
        for part in children(node):
            if part.is_named:
                self.statement(part)

    def try_(self, node: Node) -> None:
        """`on T catch (error)` declares a name for the block that follows."""
        caught = UNKNOWN
        names: list[str] = []
        parts = children(node)
        for index, part in enumerate(parts):
            if part.type in TYPE_NODES:
                self.type_(part)
                caught = read_type(parts, index)[0]
            elif part.type == "catch_clause":
                names = [text_of(one) for one in all_nodes(part) if one.type == "identifier"]
            elif part.is_named:
                with self.scope():
                    for name in names:
                        self.declare(name, caught)
                    self.statement(part)
                caught, names = UNKNOWN, []

    def variable(self, node: Node) -> None:
        parts = children(node)
        name = node.child_by_field_name("name")
        type_ = UNKNOWN
        for index, part in enumerate(parts):
            if part.type in TYPE_NODES:
                self.types_in(part)
                if type_ == UNKNOWN:
                    type_ = read_type(parts, index)[0]
            elif part.type == "type_arguments":
                self.types_in(part)
            elif part.is_named and part != name and part.type not in MODIFIERS:
                self.last = UNKNOWN
                self.statement(part)
                if node.type == "initialized_variable_definition":
                    self.fits(part, type_, self.last)
        if name is not None:
            if type_ == UNKNOWN:
                self.complain(node, f"{text_of(name)} has no written type")
            self.declare(text_of(name), type_)

    def field_initializer(self, node: Node) -> None:
        parts = [part for part in children(node) if part.is_named and part.type != "this"]
        if self.inside and text_of(parts[0]) not in self.inside.members:
            self.complain(node, f"{self.inside.name} has no field {text_of(parts[0])}")
        self.expression(parts[1])

    def initializer(self, node: Node) -> None:
        """`super(x)` among the initializers."""
        parts = children(node)
        if parts[0].type != "super" or self.inside is None or self.inside.superclass is None:
            self.parts(node)
            return
        parent = self.universe.classes[self.inside.superclass.simple]
        made = parent.constructors.get("")
        self.arguments(node, parent.name, made.params if made else Params(()), parts[-1])


def _is_inside(node: Node, kind: str, top: Node) -> bool:
    parent = node.parent
    while parent is not None and parent != top:
        if parent.type == kind:
            return True
        parent = parent.parent
    return False


def _type_params_in(node: Node) -> list[str]:
    signature = node.child_by_field_name("signature") or node
    if signature.type == "method_signature":
        return [name for part in children(signature) for name in type_params(part)]
    return list(type_params(signature))
