"""Rules for every route: authentication, rate limits, documentation, and its errors."""

import inspect
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from app.core.errors import AppError, all_errors
from app.core.schemas import ResponseModel
from app.image.router import owner_or_nobody
from app.user import dependencies as user_dependencies
from app.user.exceptions import AdminOnly
from app.web import limits as limits_module
from app.web.dependencies import get_context, get_single_context
from app.web.openapi import api_routes, errors_of
from app.web.route import ApiRoute
from tests.support.routes import tree
from tools.document import in_full

PUBLIC = {
    *("register", "login", "enter_as_guest", "refresh_tokens", "logout", "create_nonce"),
    *("forget_password", "reset_password", "verify_email", "change_email"),
    *("sign_in_with_provider", "authorize_with_provider", "exchange_oauth_code"),
    *("return_from_provider", "return_from_apple", "hear_apple"),
    "get_meta",
}
"""Routes of the API without authentication: sign-in, password reset and such, and /meta."""

OUTSIDE = {
    *("/favicon.ico", "/app-icon/{digest}"),
    *("/health/live", "/health/ready", "/metrics", "/media/{key:path}"),
    *(
        "/account/delete",
        "/account/delete/confirm",
        "/account/delete/{provider}",
        "/account/style.css",
        "/account/show_password.js",
        "/account/appeal",
    ),
    *("/account/verify-email", "/account/reset-password", "/account/change-email"),
    *("/l/{lounge_id}", "/p/{post_id}", "/p/{post_id}/c/{comment_id}"),
    *("/.well-known/apple-app-site-association", "/.well-known/assetlinks.json"),
}
"""Routes outside the API. They need no authentication; some answer only to this machine."""

EMPTY = {"202", "204", "302", "304"}
"""Statuses whose answers may have no content. If they have content, it needs a schema."""

AUTHENTICATES = {
    user_dependencies.current_user,
    user_dependencies.guarded_author,
    owner_or_nobody,
}
"""What refuses a call without a good token, beside each `CheckedCaller`."""

BASES = {"bad_request", "conflict", "forbidden", "internal_error", "unprocessable"}
"""General codes for a status, which the framework uses or which only have subclasses."""

CONSOLE = {
    *(
        "lounge_in_use",
        "no_such_days",
        "no_term_chosen",
        "nothing_chosen",
        "only_in_app",
        "reported_again",
        "too_many_reasons",
        "undo_too_late",
    ),
}
"""What only pages answer: the console, and `/account/delete`."""


def calls(route: RouteContext) -> list[Any]:
    return [dependant.call for dependant in tree(route.dependant)]


def authenticates(call: Any) -> bool:
    return isinstance(call, user_dependencies.CheckedCaller) or call in AUTHENTICATES


def limits(route: RouteContext) -> list[Any]:
    """The dependencies that `limited` made."""
    made_by = limits_module.limited.__qualname__ + ".<locals>"
    return [call for call in calls(route) if getattr(call, "__qualname__", "").startswith(made_by)]


def named(route: RouteContext) -> str:
    return str(route.name)


def test_every_route_of_the_api_needs_authentication_except_the_public_routes(
    documented_app: FastAPI,
) -> None:
    routes = api_routes(documented_app)
    open_to_all = {named(route) for route in routes if not any(map(authenticates, calls(route)))}
    unguarded = open_to_all - PUBLIC
    assert not unguarded, (
        f"{sorted(unguarded)} ask for no caller: give each a parameter, as `viewer: CurrentUser`"
        " of app/user/dependencies.py, or add it to PUBLIC of tests/architecture/test_routes.py"
    )
    assert open_to_all == PUBLIC, "these ask for a caller"


def test_only_the_listed_routes_are_outside_the_api(documented_app: FastAPI) -> None:
    documented = {route.path for route in api_routes(documented_app)}
    assert all(path and path.startswith("/api/v1/") for path in documented)
    others = {
        route.path
        for route in iter_route_contexts(documented_app.routes)
        if isinstance(route.original_route, APIRoute) and route.path not in documented
    }
    docs = {"/docs", "/docs/{operation_id}", "/openapi.json", "/openapi-app.json"}
    # The console has its own tests: each of its pages needs a sign-in.
    console = {path for path in others if path and path.startswith("/admin")}
    assert others - docs - console == OUTSIDE


def test_exactly_the_admin_routes_need_an_admin(documented_app: FastAPI) -> None:
    admin = {
        named(r) for r in api_routes(documented_app) if str(r.path).startswith("/api/v1/admin")
    }
    guarded = {
        named(route)
        for route in api_routes(documented_app)
        if any(AdminOnly in getattr(call, "raises", ()) for call in calls(route))
    }
    assert admin
    assert guarded == admin


def test_a_route_that_writes_names_its_context_before_its_caller(documented_app: FastAPI) -> None:
    """The caller is asked for, and locked, in the context of the route."""
    wrong = []
    for route in api_routes(documented_app):
        order = calls(route)
        asked = [number for number, call in enumerate(order) if authenticates(call)]
        opened = [n for n, call in enumerate(order) if call in (get_context, get_single_context)]
        if asked and (route.methods or set()) - {"GET"} and not (opened and opened[0] < asked[0]):
            wrong.append(named(route))
    assert wrong == [], "write `ctx` before the caller in the signature of these routes"


def test_every_route_has_exactly_one_rate_limit_class(documented_app: FastAPI) -> None:
    counts = {named(route): len(limits(route)) for route in api_routes(documented_app)}
    assert {name: count for name, count in counts.items() if count != 1} == {}


def test_every_writing_route_takes_a_body_or_refuses_its_fields(documented_app: FastAPI) -> None:
    for route in api_routes(documented_app):
        if (route.methods or set()) - {"GET", "HEAD"}:
            takes_body = route.body_field is not None or "requestBody" in (
                route.openapi_extra or {}
            )
            own = route.original_route
            assert isinstance(own, ApiRoute)
            assert takes_body != own.refuses_fields, named(route)
            # Else FastAPI would handle it, and take any body. A form is what it reads itself.
            assert own.has_plan or takes_body, named(route)


def test_every_route_has_a_description(documented_app: FastAPI) -> None:
    undescribed = [
        named(route)
        for route in api_routes(documented_app)
        if not (inspect.getdoc(route.endpoint) or "").rstrip().endswith((".", "`"))
    ]
    assert undescribed == []


def test_every_operation_id_is_the_functions_name_and_unique(documented_app: FastAPI) -> None:
    names = []
    for route in api_routes(documented_app):
        for method in route.methods or ():
            operation = in_full(documented_app.openapi())["paths"][route.path_format][
                method.lower()
            ]
            assert route.endpoint is not None
            assert operation["operationId"] == route.endpoint.__name__
            names.append(operation["operationId"])
    assert len(names) == len(set(names))


def documented_codes(operation: dict[str, Any]) -> set[tuple[int, str]]:
    codes_found = set()
    for status, answer in operation["responses"].items():
        codes_found |= {(int(status), code) for code in answer.get("x-error-codes", ())}
    return codes_found


def test_the_document_lists_exactly_the_errors_of_each_route(documented_app: FastAPI) -> None:
    for route in api_routes(documented_app):
        wanted = {(error.status, error.code) for error in errors_of(route)}
        for method in route.methods or ():
            operation = in_full(documented_app.openapi())["paths"][route.path_format][
                method.lower()
            ]
            assert documented_codes(operation) == wanted, named(route)


def test_every_error_is_listed_by_a_route(documented_app: FastAPI) -> None:
    in_use: set[type[AppError]] = set()
    for route in api_routes(documented_app):
        in_use |= errors_of(route)
    codes = {error.code for error in in_use}
    # The framework raises method_not_allowed before any route, so no route lists it.
    ours = {"method_not_allowed"} | BASES | CONSOLE
    assert {error.code for error in all_errors()} - codes == ours - codes


def test_the_document_shows_which_routes_need_a_token(
    documented_app: FastAPI,
) -> None:
    for route in api_routes(documented_app):
        for method in route.methods or ():
            operation = in_full(documented_app.openapi())["paths"][route.path_format][
                method.lower()
            ]
            asks, must_ask = bool(operation["security"]), named(route) not in PUBLIC
            assert asks == must_ask, f"{named(route)}: the caller that it asks for, and PUBLIC"


def subclasses(base: type[ResponseModel]) -> Iterator[type[ResponseModel]]:
    for child in base.__subclasses__():
        yield child
        yield from subclasses(child)


PARTLY_MISSING = {"PushData", "CommentInContext", "Change", "ReloadTarget"}
"""Some of their fields are missing, not null.

All of a push is text, a place is asked for, and a change has what its kind says.
"""


def test_no_field_of_a_response_model_has_a_default(documented_app: FastAPI) -> None:
    models = list(subclasses(ResponseModel))
    assert len(models) > 10
    optional = [
        f"{model.__name__}.{name}"
        for model in models
        for name, field in model.model_fields.items()
        if not field.is_required() and model.__name__ not in PARTLY_MISSING
    ]
    assert optional == []


def test_every_answer_with_content_has_a_schema(documented_app: FastAPI) -> None:
    for path, operations in in_full(documented_app.openapi())["paths"].items():
        for method, operation in operations.items():
            for status, answer in operation["responses"].items():
                if status in EMPTY:
                    assert all(m["schema"] for m in answer.get("content", {}).values()), path
                else:
                    schemas = [media["schema"] for media in answer["content"].values()]
                    assert schemas, (method, path, status)
                    assert all(schemas), (method, path, status)


def test_every_creating_post_takes_an_idempotency_key_except_those_that_return_tokens(
    documented_app: FastAPI,
) -> None:
    without = set()
    for path, operations in in_full(documented_app.openapi())["paths"].items():
        operation = operations.get("post")
        if operation and "201" in operation["responses"]:
            headers = {
                parameter["name"]
                for parameter in operation.get("parameters", ())
                if parameter["in"] == "header"
            }
            if "Idempotency-Key" not in headers:
                without.add(path)
    assert all(path.startswith("/api/v1/auth/") for path in without)
    assert without == {
        f"/api/v1/auth/{name}"
        for name in ("register", "guest", "nonce", "oauth/{provider}", "oauth/exchange")
    }
