"""boto3 for tests: it reads its descriptions of AWS once in a process, and not for each client."""

from functools import cache
from typing import Any


@cache
def read_models_once() -> None:
    """Let all sessions share one loader: S3's description alone takes a tenth of a second."""
    from botocore import session
    from botocore.loaders import create_loader

    @cache
    def shared_loader(search_path: str | None = None) -> Any:
        return create_loader(search_path)

    session.create_loader = shared_loader
