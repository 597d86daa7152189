"""The program from Python: every command, its result as data."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import _places
from ._errors import Error
from ._progress import Progress, listener

INTERRUPTED = 130  #: exit status of the program after Ctrl-C


def program(*words: str | os.PathLike[str], progress: bool | Progress = False, **options: Any) -> dict[str, Any]:
    """Runs a command of the program, `lensfind COMMAND ...`, in a process of its own.

    Parameters
    ----------
    *words : str or path
        The command and its arguments: "candidates", "scores.csv".
    progress : bool or Progress
        Show lines and warnings of the work, or tell an object. Warnings are told always.
    **options
        The command's options, with "_" for "-": `top=40` is `--top 40`, True a flag, a list the option once for each value. None and
        False are left out.

    Returns
    -------
    dict
        The result as `--json` prints it.

    Raises
    ------
    Error
        Where the command fails, with its words and its hint.
    KeyboardInterrupt
        At Ctrl-C, when the command has left a state to resume from.

    Examples
    --------
    >>> lf.program("candidates", "scores.csv", images="cutouts", top=40, out="best")    # doctest: +SKIP
    """
    command = [str(_places.program()), *map(str, words), *_options(options), "--json"]
    told = listener(progress)
    # A session of its own: Ctrl-C in a terminal comes here alone, and is passed on once.
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_places.library_path(), start_new_session=True
    ) as running:
        out: list[str] = []
        reader = threading.Thread(target=lambda: out.append(running.stdout.read() if running.stdout else ""), daemon=True)
        reader.start()
        said = _listen(running, told)
        reader.join()
    _require_success(running.returncode, said)
    result: dict[str, Any] = json.loads(out[0]) if out[0].strip() else {}
    return result


def _options(given: Mapping[str, Any]) -> list[str]:
    words: list[str] = []
    for name, value in given.items():
        flag = "--" + name.replace("_", "-")
        if value is True:
            words.append(flag)
        elif isinstance(value, (list, tuple)):
            words += [word for one in value for word in (flag, str(one))]
        elif value is not None and value is not False:
            words += [flag, str(value)]
    return words


def _listen(running: subprocess.Popen[str], told: Progress) -> dict[str, str]:
    """Tells what the program says on stderr until it ends; its error and hint are returned."""
    said: dict[str, str] = {}
    interrupted = False
    lines = iter(running.stderr or ())
    while True:
        try:
            line = next(lines, None)
            if line is None:
                break
            kind, _, text = line.rstrip("\n").partition(": ")
            if kind in ("error", "hint"):
                said[kind] = text
            elif kind == "warning":
                told.warn(text)
            elif line.strip():
                told.line(line.rstrip("\n"))
        except BaseException as error:
            if interrupted or not isinstance(error, KeyboardInterrupt):
                running.kill()
                raise
            interrupted = True
            running.send_signal(signal.SIGINT)
    return said


def _require_success(status: int, said: Mapping[str, str]) -> None:
    if status == INTERRUPTED or status == -signal.SIGINT:
        raise KeyboardInterrupt
    if status != 0:
        raise Error(said.get("error", f"the program ended with status {status}"), said.get("hint", ""))


def temporary_labels(labels: Any, folder: Path) -> Path:
    """A mapping of ids to labels as a table id,label; a path stays as it is."""
    if isinstance(labels, (str, os.PathLike)):
        return Path(labels)
    if not isinstance(labels, Mapping):
        raise Error(f"labels are no path or mapping but a {type(labels).__name__}", "give the path of a table id,label or a mapping {id: 1 or 0}")
    import csv

    from ._evaluation import labels_of

    path = folder / "labels.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "label"))
        writer.writerows((name, int(label) if label >= 0 else "") for name, label in zip(labels, labels_of(list(labels.values())), strict=True))
    return path
