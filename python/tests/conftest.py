"""What the tests share: the program itself, against which the package is compared, and small models made by it."""

from __future__ import annotations

import hashlib
import json
import math
import os
import pathlib
import struct
import subprocess
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lensfind as lf
from lensfind import _places

ROOT = pathlib.Path(__file__).parents[2]
PROGRAM = pathlib.Path(os.environ.get("LENSFIND_PROGRAM", _places.PACKAGE / "bin" / "lensfind"))
SIZE = 64
DATA_SEED = 12  #: of the simulated cutouts; by chance a network of random weights tells them well enough to be calibrated


def can_train() -> bool:
    """Whether the library that trains is there."""
    try:
        _places.training_library()
    except lf.Error:
        return False
    return True


@pytest.fixture(scope="session")
def program() -> Callable[..., str]:
    """Runs the program; its standard output, or an AssertionError with what it said."""
    if not PROGRAM.exists():
        pytest.skip(f"{PROGRAM} is not built: nothing to compare with")

    def run(*arguments: Any) -> str:
        done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False, env=_places.library_path())
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def _seeded(name: str, shape: list[int]) -> np.ndarray:
    """Weights that depend on their name alone."""
    random = np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little"))
    values = random.uniform(-1, 1, shape)
    if name.endswith("running_var"):
        return 1 + 0.5 * np.abs(values)
    if len(shape) >= 2:
        return np.sqrt((6 if len(shape) == 4 else 3) / math.prod(shape[1:])) * values
    return 1 + 0.1 * values if name.endswith("weight") else 0.1 * values


def _write_safetensors(path: pathlib.Path, tensors: list[dict[str, Any]]) -> None:
    header, blob = {}, b""
    for tensor in tensors:
        if tensor["name"].endswith("num_batches_tracked"):
            continue
        data = _seeded(tensor["name"], tensor["shape"]).astype("<f4").tobytes()
        header[tensor["name"]] = {"dtype": "F32", "shape": tensor["shape"], "data_offsets": [len(blob), len(blob) + len(data)]}
        blob += data
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + blob)


def write_weights(path: pathlib.Path, network: str) -> None:
    """Seeded weights of a network."""
    reference = json.loads((ROOT / f"tests/reference/networks/{network}.json").read_text())
    _write_safetensors(path, reference["parameters"] + reference["buffers"])


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return tmp_path_factory.mktemp("lensfind")


@pytest.fixture(scope="session")
def data(program: Callable[..., str], place: pathlib.Path) -> pathlib.Path:
    """Simulated cutouts of survey des, labelled: 20 lenses and 60 others to train on, 12 and 30 to test with."""
    folder = place / "data"
    program(
        "simulate",
        folder,
        "--survey",
        "des",
        "--lenses",
        20,
        "--nonlenses",
        60,
        "--test-lenses",
        12,
        "--test-nonlenses",
        30,
        "--size",
        SIZE,
        "--seed",
        DATA_SEED,
        "--quiet",
    )
    return folder


@pytest.fixture(scope="session")
def plain_model(program: Callable[..., str], place: pathlib.Path) -> pathlib.Path:
    """A network with seeded weights, not calibrated."""
    weights = place / "weights.safetensors"
    write_weights(weights, "mobilevitv2_050")
    program(
        "import",
        "--network",
        "mobilevitv2_050",
        "--weights",
        weights,
        "--out",
        place / "plain",
        "--size",
        SIZE,
        "--bands",
        3,
        "--scaling",
        "minmax",
        "--band",
        "g",
        "--band",
        "r",
        "--band",
        "i",
        "--pixel-scale",
        0.263,
        "--quiet",
    )
    return place / "plain"


@pytest.fixture(scope="session")
def model_folder(program: Callable[..., str], plain_model: pathlib.Path, data: pathlib.Path, place: pathlib.Path) -> pathlib.Path:
    """The same, calibrated."""
    program("calibrate", plain_model, "--data", data, "--split", "train", "--out", place / "model", "--quiet")
    return place / "model"


@pytest.fixture(scope="session")
def model(model_folder: pathlib.Path) -> lf.Model:
    return lf.load(model_folder, threads=1)


@pytest.fixture(scope="session")
def images(data: pathlib.Path) -> np.ndarray:
    """The test set's cutouts (42, 3, SIZE, SIZE), in the order of the program's inputs."""
    paths = [data / f"test_{kind}" / f"{i + 1}.npy" for kind, count in (("lenses", 12), ("nonlenses", 30)) for i in range(count)]
    return np.stack([np.load(path) for path in paths])


@pytest.fixture(scope="session")
def program_logits(program: Callable[..., str], model_folder: pathlib.Path, images: np.ndarray, place: pathlib.Path) -> np.ndarray:
    """What `lensfind score` gives for these cutouts as a stack."""
    np.save(place / "stack.npy", images)
    program("score", model_folder, place / "stack.npy", "--out", place / "stack.csv", "--threads", 1, "--quiet")
    return np.array([float(line.split(",")[1]) for line in (place / "stack.csv").read_text().splitlines()[1:]], dtype=np.float32)
