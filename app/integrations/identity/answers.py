"""Reading what a provider's server answers."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from httpx import Response


def object_in(response: "Response") -> dict[str, Any]:
    """Empty if the answer is no JSON object."""
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def described(response: "Response") -> dict[str, Any]:
    """The status and the error code, such as `invalid_client`. Nothing else goes into the log."""
    error = str(object_in(response).get("error"))[:100]
    return {"status": response.status_code, "error": error}
