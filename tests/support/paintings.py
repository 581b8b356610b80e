"""The demo community's pictures, drawn and encoded once for all tests of a run."""

import pickle
import secrets
from pathlib import Path

import pytest

from app.integrations.pictures.rendering import Picture
from app.runtime.runtime import Runtime
from app.seed import material


def keep_paintings(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let the first test that seeds make a picture, and the others read it.

    Drawing and encoding takes five of the six seconds of a seed. Its result is always the same.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paint = material._painted

    async def kept(runtime: Runtime, name: str) -> Picture:
        file = folder / name
        if not file.exists():
            # Written aside and renamed, because another process may read the file at any moment.
            part = folder / f"{name}.{secrets.token_hex(4)}"
            part.write_bytes(pickle.dumps(await paint(runtime, name)))
            part.rename(file)
        picture: Picture = pickle.loads(file.read_bytes())
        return picture

    patch.setattr(material, "_painted", kept)
