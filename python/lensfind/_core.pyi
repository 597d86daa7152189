"""The bindings (python/src); lensfind/*.py make the interface of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._progress import Progress

__version__: str

class Network:
    def __init__(self, model: Path, precision: str, threads: int, average_symmetries: bool, onnx_output: str, onnx_size: int) -> None: ...
    def description(self) -> dict[str, Any]: ...
    def score(
        self,
        pixels: NDArray[np.float32],
        may_miss: bool,
        pixel_scale_arcsec: float | None,
        zero_points: list[float],
        max_missing: float,
        max_oversize: float,
        pad: bool,
        listener: Progress | None,
    ) -> tuple[NDArray[np.float32], list[tuple[int, str]], NDArray[np.int64]]: ...

class Survey:
    @staticmethod
    def find(path_or_name: str, folders: Sequence[Path], overrides: Sequence[str]) -> Survey: ...
    @staticmethod
    def measure(
        inputs: Sequence[Path],
        bands: Sequence[str],
        zero_points: Sequence[float],
        pixel_scale_arcsec: float | None,
        max_images: int,
        name: str,
        listener: Progress | None,
    ) -> tuple[str, list[str]]: ...
    def settings(self) -> dict[str, Any]: ...
    def simulate(
        self, lenses: int, nonlenses: int, first: int, split: str, size: int, scaling: str, seed: int, threads: int, listener: Progress | None
    ) -> tuple[NDArray[np.float32], str, list[str], list[str]]: ...

class Scores:
    @staticmethod
    def of(
        logits: NDArray[np.float64],
        labels: NDArray[np.int8],
        probabilities: NDArray[np.float64] | None,
        ids: list[str] | None,
        groups: list[str] | None,
    ) -> Scores: ...
    def __len__(self) -> int: ...

def evaluate(
    scores: Scores,
    thresholds: Sequence[tuple[str, float, str]],
    prevalences: Sequence[float],
    stated_prevalence: float | None,
    seed: int,
    draws: int,
    listener: Progress | None,
) -> dict[str, Any]: ...
def threshold_for(scores: Scores, target: str, prevalence: float, chosen_on: str) -> dict[str, Any]: ...
def choose(validation: Scores, tested: Scores, prevalence: float | None, named_logit: bool) -> dict[str, Any]: ...
def compare(models: Sequence[Scores], names: Sequence[str], seed: int, draws: int, listener: Progress | None) -> list[dict[str, Any]]: ...
def fit_calibration(scores: Scores, fitted_on: str) -> dict[str, Any] | None: ...
def score_files(
    model: Path, inputs: Sequence[Path], catalogue: Path | None, out: Path, settings: dict[str, Any], listener: Progress | None
) -> dict[str, Any]: ...
def render_scene(scene: dict[str, Any], folder: Path, listener: Progress | None) -> NDArray[np.float32]: ...
def field_cutouts(
    fields: Sequence[Path],
    bands: Sequence[str],
    catalogue: Path,
    size: int,
    pixel_scale_arcsec: float | None,
    zero_point: float | None,
    zero_points: Sequence[float],
    max_missing: float,
    listener: Progress | None,
) -> tuple[NDArray[np.float32], list[str], list[str], NDArray[np.float64]]: ...
def field_places(fields: Sequence[Path], bands: Sequence[str], catalogue: Path) -> tuple[list[int], list[float], list[float], list[Path]]: ...

class FieldSet:
    def __init__(self, fields: Sequence[Path], bands: Sequence[str], pattern: str) -> None: ...
    def __len__(self) -> int: ...
    def find(self, ra_deg: NDArray[np.float64], dec_deg: NDArray[np.float64]) -> NDArray[np.int64]: ...
    def circles(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...

def picture(cutout: NDArray[np.float32], bands: Sequence[str], zero_points: Sequence[float], stretch: str) -> NDArray[np.uint8]: ...
def north_up(
    cutout: NDArray[np.float32], east_by_column: float, north_by_column: float, east_by_row: float, north_by_row: float, size: int
) -> NDArray[np.float32]: ...
def train(
    library: Path,
    recipe: str,
    folders: Sequence[Path],
    overrides: Sequence[str],
    data: Path,
    out: Path,
    settings: dict[str, Any],
    listener: Progress | None,
) -> dict[str, Any]: ...

class BatchFeed:
    def bands(self) -> list[str]: ...
    def ids(self) -> list[str]: ...
    def training(self) -> list[int]: ...
    def validation(self) -> list[int]: ...
    def begin(self, epoch: int) -> int: ...
    def next(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]: ...
    def plain(self, samples: Sequence[int]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]: ...

def open_feed(
    library: Path,
    recipe: str,
    folders: Sequence[Path],
    overrides: Sequence[str],
    data: Path,
    settings: dict[str, Any],
    listener: Progress | None,
) -> BatchFeed: ...
