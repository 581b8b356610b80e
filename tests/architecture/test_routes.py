"""What each route owes: who may call it, how often, what it says of itself and what it refuses."""

import inspect
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from app.core.errors import AppError, all_errors
from app.core.schemas import ResponseModel
from app.user import dependencies as user_dependencies
from app.web import limits as limits_module
from app.web.openapi import api_routes, errors_of
from tests.support.routes import tree

PUBLIC = {
    *("register", "login", "enter_as_guest", "refresh_tokens", "logout", "create_nonce"),
    *("forget_password", "reset_password", "verify_email"),
    *("sign_in_with_provider", "authorize_with_provider", "exchange_oauth_code"),
    *("return_from_provider", "return_from_apple"),
    "get_meta",
}
"""Routes of the API that anybody may call: ways in, and what a client should know first."""

OUTSIDE = {
    *("/health/live", "/health/ready", "/metrics", "/media/{key:path}"),
    *(
        "/account/delete",
        "/account/delete/confirm",
        "/account/delete/{provider}",
        "/account/style.css",
    ),
    *("/account/verify-email", "/account/reset-password"),
}
"""What is served outside the API, to anybody who can reach it (or to this machine alone)."""

EMPTY = {"202", "204", "302", "304"}
"""Answers that may have no content; where they have one, it has a schema all the same."""

ASKS_WHO = {
    user_dependencies.current_user,
    user_dependencies.current_owner,
    user_dependencies.admin_user,
}

BASES = {"bad_request", "conflict", "forbidden", "internal_error", "unprocessable"}
"""Codes that stand for a status where the framework, or nobody, has a better one."""


def calls(route: RouteContext) -> list[Any]:
    return [one.call for one in tree(route.dependant)]


def limits(route: RouteContext) -> list[Any]:
    """The dependencies that `limited` made."""
    made_by = limits_module.limited.__qualname__ + ".<locals>"
    return [one for one in calls(route) if getattr(one, "__qualname__", "").startswith(made_by)]


def named(route: RouteContext) -> str:
    return str(route.name)


def test_every_route_of_the_api_but_the_public_ones_asks_who_is_calling(
    documented_app: FastAPI,
) -> None:
    routes = api_routes(documented_app)
    open_to_all = {named(route) for route in routes if not ASKS_WHO & set(calls(route))}
    assert open_to_all == PUBLIC


def test_nothing_is_served_outside_the_api_but_what_is_listed(documented_app: FastAPI) -> None:
    documented = {route.path for route in api_routes(documented_app)}
    assert all(path and path.startswith("/api/v1/") for path in documented)
    others = {
        route.path
        for route in iter_route_contexts(documented_app.routes)
        if isinstance(route.original_route, APIRoute) and route.path not in documented
    }
    docs = {"/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect"}
    # The console has tests of its own: each of its pages asks who is there.
    console = {path for path in others if path and path.startswith("/admin")}
    assert others - docs - console == OUTSIDE


def test_every_route_of_an_admin_is_for_admins_alone(documented_app: FastAPI) -> None:
    admin = {
        named(r) for r in api_routes(documented_app) if str(r.path).startswith("/api/v1/admin")
    }
    guarded = {
        named(r) for r in api_routes(documented_app) if user_dependencies.admin_user in calls(r)
    }
    assert admin
    assert guarded == admin


def test_every_route_has_exactly_one_class_of_rate_limits(documented_app: FastAPI) -> None:
    found = {named(route): len(limits(route)) for route in api_routes(documented_app)}
    assert {name: count for name, count in found.items() if count != 1} == {}


def test_every_route_says_what_it_does(documented_app: FastAPI) -> None:
    silent = [
        named(route)
        for route in api_routes(documented_app)
        if not (inspect.getdoc(route.endpoint) or "").rstrip().endswith((".", "`"))
    ]
    assert silent == []


def test_an_operation_is_named_by_its_function_and_no_two_alike(documented_app: FastAPI) -> None:
    names = []
    for route in api_routes(documented_app):
        for method in route.methods or ():
            operation = documented_app.openapi()["paths"][route.path_format][method.lower()]
            assert route.endpoint is not None
            assert operation["operationId"] == route.endpoint.__name__
            names.append(operation["operationId"])
    assert len(names) == len(set(names))


def documented_codes(operation: dict[str, Any]) -> set[tuple[int, str]]:
    found = set()
    for status, answer in operation["responses"].items():
        content = answer.get("content", {}).get("application/problem+json")
        if content is not None:
            codes = content["schema"]["allOf"][1]["properties"]["code"]["enum"]
            found |= {(int(status), code) for code in codes}
    return found


def test_every_error_that_a_route_names_is_in_the_document(documented_app: FastAPI) -> None:
    for route in api_routes(documented_app):
        wanted = {(error.status, error.code) for error in errors_of(route)}
        for method in route.methods or ():
            operation = documented_app.openapi()["paths"][route.path_format][method.lower()]
            assert documented_codes(operation) == wanted, named(route)


def test_every_error_of_a_feature_is_named_by_some_route(documented_app: FastAPI) -> None:
    in_use: set[type[AppError]] = set()
    for route in api_routes(documented_app):
        in_use |= errors_of(route)
    codes = {error.code for error in in_use}
    # No route takes another method than its own, so that none names this one.
    nowhere = {error.code for error in all_errors()} - codes - BASES - {"method_not_allowed"}
    assert nowhere == set()


def test_every_caller_is_told_in_the_document_that_a_token_is_needed(
    documented_app: FastAPI,
) -> None:
    for route in api_routes(documented_app):
        for method in route.methods or ():
            operation = documented_app.openapi()["paths"][route.path_format][method.lower()]
            assert ("security" in operation) == (named(route) not in PUBLIC), named(route)


def subclasses(base: type[ResponseModel]) -> Iterator[type[ResponseModel]]:
    for child in base.__subclasses__():
        yield child
        yield from subclasses(child)


def test_no_response_model_has_a_default(documented_app: FastAPI) -> None:
    models = list(subclasses(ResponseModel))
    assert len(models) > 10
    optional = [
        f"{model.__name__}.{name}"
        for model in models
        for name, field in model.model_fields.items()
        if not field.is_required()
    ]
    assert optional == []


def test_every_answer_but_an_empty_one_has_a_schema(documented_app: FastAPI) -> None:
    for path, operations in documented_app.openapi()["paths"].items():
        for method, operation in operations.items():
            for status, answer in operation["responses"].items():
                if status in EMPTY:
                    assert all(m["schema"] for m in answer.get("content", {}).values()), path
                else:
                    schemas = [media["schema"] for media in answer["content"].values()]
                    assert schemas, (method, path, status)
                    assert all(schemas), (method, path, status)


def test_every_post_that_creates_takes_an_idempotency_key_but_those_that_give_tokens(
    documented_app: FastAPI,
) -> None:
    without = set()
    for path, operations in documented_app.openapi()["paths"].items():
        operation = operations.get("post")
        if operation and "201" in operation["responses"]:
            headers = {
                one["name"] for one in operation.get("parameters", ()) if one["in"] == "header"
            }
            if "Idempotency-Key" not in headers:
                without.add(path)
    assert all(path.startswith("/api/v1/auth/") for path in without)
    assert without == {
        f"/api/v1/auth/{name}"
        for name in ("register", "guest", "nonce", "oauth/{provider}", "oauth/exchange")
    }
