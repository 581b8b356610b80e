"""`make client` on a small document: what it writes is compared with files that were read by hand.

`python -m tests.tools.test_emitter` writes the files; read the difference before you commit it.
"""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from tools.client import dart, python
from tools.client.model import Api, Type, read, without_null

GOLDEN = Path(__file__).parent / "golden"


def small() -> Api:
    return read(json.loads((GOLDEN / "document.json").read_text(encoding="utf-8")))


@cache
def written() -> dict[str, str]:
    """What is written for the small document, by the names of the golden files."""
    modules = python.modules(small())
    files = {f"python/{name}.txt": text for name, text in modules.items()}
    return files | {f"dart/{name}.txt": text for name, text in dart.modules(small()).items()}


def golden_files() -> list[str]:
    return sorted(str(path.relative_to(GOLDEN)) for path in GOLDEN.rglob("*.txt"))


@pytest.mark.parametrize("name", golden_files())
def test_what_is_written_is_what_was_read_by_hand(name: str) -> None:
    assert written()[name] == (GOLDEN / name).read_text(encoding="utf-8")


def test_nothing_else_is_golden() -> None:
    assert golden_files() == sorted(written())


def test_enums_of_answers_are_open_and_those_of_requests_closed() -> None:
    assert {enum.name: enum.is_open for enum in small().enums} == {
        "ThingKind": True, "ThingSort": False, "ThingState": True,
    }  # fmt: skip


def test_problems_are_no_models_and_what_pushes_carry_is_one() -> None:
    names = {model.name for model in small().models}
    assert names == {"Owner", "PushData", "Thing", "ThingCreate"}


def test_what_the_release_before_does_not_send_has_a_default() -> None:
    document = json.loads((GOLDEN / "document.json").read_text(encoding="utf-8"))
    known = [*document["components"]["schemas"]["Owner"]["properties"]]
    older = {"Owner": [name for name in known if name != "is_here"]}
    api = read(document, older)
    in_dart = dart.modules(api)["models.dart"]
    assert "const Owner({this.isHere = false});" in in_dart
    assert "optionalField<bool>(json, 'is_here', asBool) ?? false" in in_dart
    assert "is_here: bool = False" in python.modules(api)["generated/models.py"]


def test_an_answer_with_a_field_that_may_be_missing_keeps_its_nulls() -> None:
    """The offline copy stores answers, and reads them again."""
    document = json.loads((GOLDEN / "document.json").read_text(encoding="utf-8"))
    api = read(document, {"Owner": []})
    optional = [
        replace(model, fields=tuple(replace(each, required=False) for each in model.fields))
        for model in api.models
    ]
    for model in optional:
        made = dart.modules(replace(api, models=(model,)))["models.dart"]
        assert ("return allOf(" in made) is model.is_answer, model.name
    assert {model.is_answer for model in optional} == {True, False}


def test_codes_are_found_in_both_forms() -> None:
    assert small().codes == ("thing_not_found", "thing_taken")


def test_what_a_browser_opens_is_no_call() -> None:
    assert "open_in_a_browser" not in {operation.id for operation in small().operations}


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"oneOf": [{"type": "null"}, {"type": "string"}]},
        {"type": ["string", "null"]},
        {"type": "string", "nullable": True},
        {"allOf": [{"type": "string"}], "nullable": True},
    ],
)
def test_null_is_found_in_each_way_to_say_it(schema: dict[str, object]) -> None:
    plain, nullable = without_null(schema)
    assert plain["type"] == "string"
    assert nullable


def test_a_type_of_python() -> None:
    inner = Type("list", item=Type("model", "Owner"), nullable=True)
    assert python.type_of(inner) == "tuple[models.Owner, ...] | None"
    assert python.parser_of(inner) == "maybe(list_of(models.Owner.parse))"


if __name__ == "__main__":
    for golden, text in written().items():
        (GOLDEN / golden).parent.mkdir(parents=True, exist_ok=True)
        (GOLDEN / golden).write_text(text, encoding="utf-8")
