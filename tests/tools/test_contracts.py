"""The import contract for repositories: it fails on a planted foreign repository."""

import grimp
import pytest

from tools.contracts import OwnPackageContract

OWN, FOREIGN = "app.post.service.reading", "app.comment.service.reading"
REPOSITORY = "app.post.repository.reading"


def is_kept(graph: grimp.ImportGraph) -> bool:
    options = {"modules": ["app.*.repository"]}
    contract = OwnPackageContract("repositories", {"root_packages": ["app"]}, options)
    return contract.check(graph, verbose=False).kept


def planted(importer: str, imported: str) -> grimp.ImportGraph:
    graph = grimp.ImportGraph()
    for name in (importer, imported, *_above(imported)):
        graph.add_module(name)
    graph.add_import(importer=importer, imported=imported)
    return graph


def _above(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]


@pytest.mark.parametrize("imported", [REPOSITORY, "app.post.repository", "app.new.repository"])
def test_a_foreign_repository_breaks_the_contract(imported: str) -> None:
    assert not is_kept(planted(FOREIGN, imported))


def test_a_feature_uses_its_own_repository() -> None:
    assert is_kept(planted(OWN, REPOSITORY))
    assert is_kept(planted("app.post.repository.feeds", REPOSITORY))
