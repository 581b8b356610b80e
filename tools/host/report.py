"""The report: a line for each stage, and its figures."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tools.host import Failed


@dataclass
class Stage:
    name: str
    seconds: float = 0.0
    figures: list[str] = field(default_factory=list)
    trouble: str = ""

    def note(self, words: str) -> None:
        self.figures.append(words)
        print(f"    {words}", flush=True)

    def expect(self, is_so: bool, words: str) -> None:
        if not is_so:
            raise Failed(words)


class Report:
    def __init__(self, of: str) -> None:
        self._of = of
        self.stages: list[Stage] = []
        self._begun = time.monotonic()

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Run a stage of the test. A failure ends the test, after the report."""
        stage = Stage(name)
        self.stages.append(stage)
        print(f"--- {name}", flush=True)
        begun = time.monotonic()
        try:
            yield stage
        except BaseException as error:
            stage.trouble = str(error) or type(error).__name__
            raise
        finally:
            stage.seconds = time.monotonic() - begun

    def show(self) -> None:
        print(f"\n=== The {self._of}, in {time.monotonic() - self._begun:.0f} s")
        for stage in self.stages:
            verdict = "FAILED" if stage.trouble else "ok"
            print(f"{verdict:<7}{stage.name} ({stage.seconds:.1f} s)")
            for words in stage.figures:
                print(f"         {words}")
            if stage.trouble:
                print(f"         {stage.trouble}")

    @property
    def is_good(self) -> bool:
        return bool(self.stages) and not any(stage.trouble for stage in self.stages)
