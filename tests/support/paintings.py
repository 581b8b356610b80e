"""The demo community's pictures, drawn and encoded once for all tests of a run."""

import fcntl
import pickle
from pathlib import Path

import pytest
from anyio import to_thread

from app.integrations.pictures.rendering import Picture
from app.runtime.runtime import Runtime
from linky_dev.seed import material


def keep_paintings(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let the first test that seeds make a picture, and the others read it.

    Drawing and encoding takes five of the six seconds of a seed. Its result is always the same.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paint = material._painted

    async def kept(runtime: Runtime, name: str) -> Picture:
        with (folder / name).open("a+b") as file:
            # Another process may be drawing it. In a thread: this process draws others meanwhile.
            await to_thread.run_sync(fcntl.flock, file, fcntl.LOCK_EX)
            file.seek(0)
            if not (pickled := file.read()):
                pickled = pickle.dumps(await paint(runtime, name))
                file.write(pickled)
        picture: Picture = pickle.loads(pickled)
        return picture

    patch.setattr(material, "_painted", kept)
