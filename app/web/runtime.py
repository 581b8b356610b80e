"""Finds the runtime of the app that serves a request."""

from fastapi import Request

from app.runtime.runtime import Runtime


def runtime_of(request: Request) -> Runtime:
    """The app's runtime, which its lifespan builds."""
    runtime = request.app.state.runtime
    assert isinstance(runtime, Runtime)
    return runtime
