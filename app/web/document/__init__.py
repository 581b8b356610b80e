"""Makes the OpenAPI document: FastAPI's own, changed so that clients can be generated from it.

Routes say what is special about them in `app/web/openapi.py`. ADR 0070 has the rules.
"""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from app.web.document.answers import share_error_answers
from app.web.document.examples import add_examples, describe_parameters, describe_properties
from app.web.document.operations import describe_operation
from app.web.document.problems import problem_examples, problem_schemas
from app.web.document.schemas import mend_schemas, schemas_of
from app.web.openapi import HEADERS, answers_as_of, api_routes, errors_of

HERE = "http://127.0.0.1:8000"
"""The address in the committed document: where `make run` serves."""

_HEADER_TYPES = {"Retry-After": "integer"}

_UNUSED = ("HTTPValidationError", "ValidationError")
"""FastAPI's own forms of a 422. We never send them."""


def install_openapi(app: FastAPI, address: str, others: Sequence[type[BaseModel]] = ()) -> None:
    """Make the app serve our document. It is built on the first request and kept.

    `others` are schemas that no route answers with.
    """

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, address, others)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI, address: str, others: Sequence[type[BaseModel]]) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        tags=app.openapi_tags,
        contact={"name": app.title},
        license_info={"name": "MIT", "identifier": "MIT"},
        servers=[{"url": address, "description": "This server"}],
        routes=app.routes,
    )
    components = document["components"]
    components["headers"] = {
        name: {"description": text, "schema": {"type": _HEADER_TYPES.get(name, "string")}}
        for name, text in HEADERS.items()
    }
    for unused in _UNUSED:
        components["schemas"].pop(unused, None)
    components["schemas"].update(schemas_of(others))
    mend_schemas(document, [model.__name__ for model in others])
    components["schemas"].update(problem_schemas())
    describe_properties(components["schemas"])
    for route in api_routes(app):
        for method in route.methods or ():
            operation = document["paths"][route.path_format][method.lower()]
            describe_operation(operation, errors_of(route), answers_as_of=answers_as_of(route))
            describe_parameters(operation)
    operations = [
        (path, operation)
        for path, methods in document["paths"].items()
        for operation in methods.values()
    ]
    for path, operation in operations:
        add_examples(path, operation, components["schemas"])
    codes = {code for _, operation in operations for code in operation["x-error-codes"]}
    components["examples"] = problem_examples(codes)
    share_error_answers(document)
    return document
