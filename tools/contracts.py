"""A contract of import-linter that its own types can't express. `pyproject.toml` uses it."""

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.application import contract_utils
from importlinter.domain import helpers


class OwnPackageContract(Contract):
    """`modules` are imported only within the package that they are in.

    With `app.*.repository` each feature, a new one too, has its repository for itself.
    """

    modules = fields.SetField(subfield=fields.ModuleExpressionField())
    ignore_imports = fields.SetField(subfield=fields.ImportExpressionField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        settings: Any = self
        ignored = contract_utils.remove_ignored_imports_and_report(
            graph=graph,
            ignore_imports=settings.ignore_imports,
            unmatched_alerting=contract_utils.AlertLevel.ERROR,
        )
        foreign = [
            f"{importer} -> {imported}"
            for module in helpers.module_expressions_to_modules(graph, settings.modules)
            for imported in {module.name} | graph.find_descendants(module.name)
            for importer in graph.find_modules_that_directly_import(imported)
            if not importer.startswith(module.name.rpartition(".")[0] + ".")
        ]
        return ContractCheck(
            kept=not foreign,
            ignored_import_count=ignored.ignored_import_count,
            metadata={"foreign": sorted(foreign)},
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        output.print_error("Use the other feature's service:", bold=False)
        for line in check.metadata["foreign"]:
            output.print_error(f"- {line}", bold=False)
