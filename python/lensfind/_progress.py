"""How long work says how far it is."""

from __future__ import annotations

import warnings
from typing import Any, Protocol


class Progress(Protocol):
    """What may be given as `progress`: an object with these methods, all called from the thread that called lensfind."""

    def start(self, task: str, total: int, unit: str) -> None:
        """A task of `total` steps begins; 0: it is not known how many."""

    def advance(self, steps: int) -> None:
        """So many more steps are done."""

    def line(self, text: str) -> None:
        """A line that belongs to the run's record, as an epoch's losses."""

    def warn(self, text: str) -> None:
        """Something that is no error and should be known."""

    def finish(self) -> None:
        """The task is done."""


class Bar:
    """A bar of tqdm; warnings become `UserWarning`. Without tqdm it prints the lines alone."""

    def __init__(self) -> None:
        self._bar: Any = None

    def start(self, task: str, total: int, unit: str) -> None:
        self.finish()
        try:
            from tqdm.auto import tqdm
        except ImportError:
            return
        self._bar = tqdm(total=total or None, desc=task, unit=f" {unit}")

    def advance(self, steps: int) -> None:
        if self._bar is not None:
            self._bar.update(steps)

    def line(self, text: str) -> None:
        if self._bar is not None:
            self._bar.write(text)
        else:
            print(text)

    def warn(self, text: str) -> None:
        warnings.warn(text, stacklevel=3)

    def finish(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class Warnings:
    """Passes warnings on and says nothing else."""

    def start(self, task: str, total: int, unit: str) -> None: ...

    def advance(self, steps: int) -> None: ...

    def line(self, text: str) -> None: ...

    def warn(self, text: str) -> None:
        warnings.warn(text, stacklevel=3)

    def finish(self) -> None: ...


def listener(progress: bool | Progress) -> Progress:
    """What `progress` stands for: True a bar, False warnings alone, else itself."""
    if isinstance(progress, bool):
        return Bar() if progress else Warnings()
    return progress
