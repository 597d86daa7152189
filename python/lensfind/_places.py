"""Where the package's own files are, and the libraries that it needs of other packages."""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ._errors import Error

PACKAGE = Path(__file__).parent


def _installed(package: str) -> Path | None:
    """The folder of a package, which is not imported."""
    spec = importlib.util.find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) if places else None


def load_openvino() -> None:
    """Loads OpenVINO's library from wherever its package is, so that `_core` finds it loaded already."""
    # A build with Parquet brings Arrow, whose copy of OpenSSL would stand before Python's own: that one must be there first.
    import hashlib  # noqa: F401

    openvino = _installed("openvino")
    for library in sorted(openvino.glob("libs/libopenvino.so.*")) if openvino else []:
        ctypes.CDLL(str(library))


def data_folders(kind: str) -> list[Path]:
    """Folders with the surveys, recipes, schemes or models that names are looked up in, the first first.

    They are `$LENSFIND_DATA/<kind>`, then those of the package.
    """
    own = os.environ.get("LENSFIND_DATA")
    return ([Path(own) / kind] if own else []) + [PACKAGE / "share" / "lensfind" / kind]


def installed_names(kind: str, suffix: str = "") -> list[str]:
    """Names that can be looked up among `data_folders(kind)`, in alphabetical order."""
    found = {path.name.removesuffix(suffix) for folder in data_folders(kind) for path in folder.glob(f"[!.]*{suffix}")}
    return sorted(found)


def overrides_of(settings: Mapping[str, Any] | None) -> list[str]:
    """Settings as `--set` takes them."""
    return [f"{key}={json.dumps(value) if isinstance(value, (list, tuple, bool)) else value}" for key, value in (settings or {}).items()]


def program() -> Path:
    """The program that came with this package.

    Raises
    ------
    Error
        Where it is not there.
    """
    path = PACKAGE / "bin" / "lensfind"
    if not path.exists():
        raise Error(f"{path}: the program is not there", "install the package anew, or build the target `lensfind` too")
    return path


def library_path() -> dict[str, str]:
    """The environment in which the program finds the libraries of other packages, wherever these lie."""
    folders = [str(folder / name) for package, name in (("openvino", "libs"), ("torch", "lib")) if (folder := _installed(package)) is not None]
    own = os.environ.get("LD_LIBRARY_PATH")
    return {**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(folders + ([own] if own else []))}


def training_library() -> Path:
    """The library of the training room, with libtorch ready to be found by it.

    Raises
    ------
    Error
        Where this build has none, or torch is not installed.
    """
    library = PACKAGE / "lib" / "liblensfind_train.so"
    if not library.exists():
        raise Error("this build of lensfind cannot train", "build it with torch 2.13: LENSFIND_TORCH=.../site-packages/torch pip install .")
    torch = _installed("torch")
    if torch is None:
        raise Error("training needs torch 2.13, which is not installed", "pip install 'lensfind[train]'")
    # Already loaded libraries are found by their names, wherever they lie. What depends on others comes behind them.
    for name in ("libc10.so", "libtorch_cpu.so", "libtorch_cuda.so", "libtorch.so"):
        if (torch / "lib" / name).exists():
            ctypes.CDLL(str(torch / "lib" / name))
    return library
