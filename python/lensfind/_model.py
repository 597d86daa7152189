"""Trained networks: cutouts in, logits out."""

from __future__ import annotations

import html
import json
import os
import tempfile
import threading
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core
from ._errors import Error, SetAsideWarning
from ._pixels import Stack, stack_of
from ._places import data_folders, installed_names
from ._progress import Progress, listener
from ._tables import columns_of_texts, read_csv, table_of

_abandoned: list[Any] = []  # networks of the process that this one was forked from: their threads are not here, so they are left alone


def load(
    model: str | os.PathLike[str],
    *,
    precision: str = "auto",
    threads: int = 0,
    tta: bool = False,
    onnx_output: str = "",
    onnx_size: int = 0,
) -> Model:
    """Loads a model.

    Parameters
    ----------
    model : str or path
        A model folder as `lensfind train` and `lensfind import` leave it, anybody's .onnx that takes cutouts (n, bands, h, w), or the
        name of an installed model.
    precision : {"auto", "f32", "bf16", "int8"}
        What the network computes in. "auto" takes bf16 where the processor has it and no probability of the first 128 cutouts that are
        scored moves by more than .005, and int8 where that holds of it too and it is quicker, as the program does. "int8" takes the
        ranges of its layers that the model has measured (`lensfind calibrate`), else those of the first 128 cutouts.
    threads : int
        Threads that compute; 0: all cores.
    tta : bool
        Average the eight turns and reflections of each cutout.
    onnx_output : str
        Which output of an .onnx is the logit, where several can be.
    onnx_size : int
        Side of the cutouts in pixels, where an .onnx takes any.

    Returns
    -------
    Model

    Raises
    ------
    Error
        Where there is no such model, or it is damaged.
    """
    options = {"precision": precision, "threads": threads, "tta": tta, "onnx_output": onnx_output, "onnx_size": onnx_size}
    return Model(_place_of(model), **options)


def _place_of(model: str | os.PathLike[str]) -> Path:
    path = Path(model)
    if path.exists() or path.parent != Path("."):
        return path.absolute()
    for folder in data_folders("models"):
        if (folder / path).is_dir():
            return (folder / path).absolute()
    known = installed_names("models")
    raise Error(
        f"{path}: no such model folder or .onnx file, and no installed model of this name",
        f"installed are {', '.join(known)}" if known else "no models are installed: give the folder that `lensfind train` left",
    )


class Card(str):
    """What a model says of itself, as Markdown; notebooks show it."""

    def _repr_markdown_(self) -> str:
        return str(self)


class Model:
    """A trained network with what its logits mean. Made by `load`.

    Can be pickled: what is kept is where the model lies and how it was loaded. Safe to use after a fork, and from several threads, which
    take turns.
    """

    def __init__(self, path: Path, **options: Any) -> None:
        self.path = path
        self._options = options
        self._lock = threading.Lock()
        self._network = self._open()
        self._said = self._network.description()
        self.history: list[dict[str, Any]] = []  #: an epoch each, where `train` has just made it

    def _open(self) -> _core.Network:
        options = dict(self._options)
        self._process = os.getpid()
        return _core.Network(self.path, options["precision"], options["threads"], options["tta"], options["onnx_output"], options["onnx_size"])

    def _own_network(self) -> _core.Network:
        if self._process != os.getpid():
            _abandoned.append(self._network)
            self._network = self._open()
        return self._network

    def __reduce__(self) -> tuple[Any, ...]:
        return _loaded, (self.path, self._options)

    def __repr__(self) -> str:
        return f"<lensfind.Model {self.path.name}: bands {', '.join(self.bands)}, {self.size or 'any'} pixels>"

    @property
    def bands(self) -> list[str]:
        """Names of the bands, in the order of the planes; band1, band2, ... where they are not known."""
        return list(self._said["bands"]) or [f"band{i + 1}" for i in range(self._said["band_count"])]

    @property
    def size(self) -> int:
        """Side of a cutout in pixels; 0: any."""
        return int(self._said["size"])

    @property
    def pixel_scale(self) -> float | None:
        """Side of a pixel of the cutouts it was trained on, in arcsec; None: not known."""
        return None if self._said["pixel_scale_arcsec"] is None else float(self._said["pixel_scale_arcsec"])

    @property
    def zero_point(self) -> float | None:
        """AB magnitude of one unit of flux of these cutouts; None: not known, or of no account."""
        return None if self._said["zero_point"] is None else float(self._said["zero_point"])

    @property
    def prevalence(self) -> float:
        """Fraction of lenses among the objects of a survey that the model states, for probabilities where nothing else is said."""
        return float(self._said["survey_prevalence"])

    @property
    def targets(self) -> dict[str, float]:
        """Thresholds on the logit that were chosen on validation: a candidate has logit >= threshold."""
        return {point["name"]: float(np.inf if point["threshold"] is None else point["threshold"]) for point in self._said["thresholds"]}

    @property
    def calibration(self) -> dict[str, Any] | None:
        """slope, intercept and prevalence of the calibration, and what it was fitted on; None: not calibrated."""
        calibration: dict[str, Any] | None = self._said["calibration"]
        return calibration

    @property
    def engine(self) -> str:
        """What computes, once something was scored: "OpenVINO 2026.4.1, CPU, f32", and why in this precision."""
        said = self._network.description()
        return f"{said['engine']} ({said['precision_reason']})" if said["engine"] else ""

    def card(self) -> Card:
        """What the model is, what it was trained on and how its logits are to be understood, as Markdown."""
        return Card(_card_of(self))

    def score(
        self,
        images: ArrayLike | Sequence[ArrayLike],
        *,
        pixel_scale: float | None = None,
        zero_point: float | Sequence[float] | None = None,
        nan_is_missing: bool = False,
        max_missing: float = 0.1,
        pad: bool = False,
        crop: bool = False,
        on_bad: str = "warn",
        progress: bool | Progress = False,
    ) -> NDArray[np.float32]:
        """Scores cutouts in memory, to the same logits as `lensfind score` gives for the same pixels in files.

        Parameters
        ----------
        images : array (n, bands, height, width), or a sequence of arrays (bands, height, width)
            Raw pixels in the model's bands, row 0 first; of any number type, endianness and strides; numpy's masked arrays, astropy's
            Quantity and NDData too. Larger cutouts are cut at their middle. Memory maps are read piece by piece.
        pixel_scale : float, optional
            Side of a pixel in arcsec. Where it differs by over 1% from the model's the cutouts are resampled, and keep their flux.
        zero_point : float or sequence of float, optional
            AB magnitude of one unit of flux, for all bands or a band each. Wanted where the model has a `zero_point` and the images no unit
            of flux.
        nan_is_missing : bool
            NaN says that there is no pixel, as in FITS files. Else it is a fault, as in .npy files. Masked pixels are always missing.
            Missing pixels get the median of their band.
        max_missing : float
            The fraction of a band's pixels that may be missing.
        pad : bool
            Fill up around cutouts that are too small with their median.
        crop : bool
            Take the middle of cutouts however large; else those over 3 times the model's size are taken for fields and set aside.
        on_bad : {"warn", "raise", "ignore"}
            What to do where cutouts cannot be scored.
        progress : bool or Progress
            Show a bar, or tell an object.

        Returns
        -------
        array (n,) of float32
            Logits; NaN of cutouts that cannot be scored. In a model with two outputs z(lens) - z(non-lens).

        Raises
        ------
        Error
            Where the array is no stack of cutouts, or with `on_bad="raise"` for the first that cannot be scored.
        KeyboardInterrupt
            At Ctrl-C, after the batch under way.
        """
        if on_bad not in ("warn", "raise", "ignore"):
            raise Error(f"on_bad={on_bad!r} is not known", "give 'warn', 'raise' or 'ignore'")
        settings = {
            "pixel_scale": pixel_scale,
            "zero_point": zero_point,
            "max_missing": max_missing,
            "max_oversize": 0.0 if crop else 3.0,
            "pad": pad,
        }
        told = listener(progress)
        if isinstance(images, (list, tuple)):
            logits, rejected = self._score_list(images, nan_is_missing, settings, told)
        else:
            logits, rejected = self._score_stack(stack_of(images), nan_is_missing, settings, told)
        if rejected and on_bad != "ignore":
            _complain(rejected, len(logits), on_bad)
        return logits

    def _score_list(
        self, images: Sequence[Any], nan_is_missing: bool, settings: dict[str, Any], told: Progress
    ) -> tuple[NDArray[np.float32], list[tuple[int, str]]]:
        """Cutouts one by one, those of one shape and kind together."""
        logits = np.empty(len(images), dtype=np.float32)
        rejected: list[tuple[int, str]] = []
        groups: dict[tuple[Any, ...], list[int]] = {}
        for i, image in enumerate(images):
            groups.setdefault((np.shape(image), isinstance(image, np.ma.MaskedArray), str(getattr(image, "unit", None))), []).append(i)
        for (_, is_masked, _), places in groups.items():
            stacked = (np.ma.stack if is_masked else np.stack)([images[i] for i in places])
            scored, bad = self._score_stack(stack_of(stacked), nan_is_missing, settings, told)
            logits[places] = scored
            rejected += [(places[i], reason) for i, reason in bad]
        return logits, sorted(rejected)

    def _score_stack(
        self, stack: Stack, nan_is_missing: bool, settings: dict[str, Any], told: Progress
    ) -> tuple[NDArray[np.float32], list[tuple[int, str]]]:
        zero_points = self._zero_points(settings["zero_point"], stack)
        may_miss = nan_is_missing or stack.mask is not None
        pieces: list[NDArray[np.float32]] = []
        rejected: list[tuple[int, str]] = []
        begin = 0
        with self._lock:
            network = self._own_network()
            for piece in stack.chunks():
                if stack.mask is not None and not nan_is_missing:
                    rejected += _unmasked_faults(stack, piece, begin)
                logits, bad, _ = network.score(
                    piece, may_miss, settings["pixel_scale"], zero_points, settings["max_missing"], settings["max_oversize"], settings["pad"], told
                )
                known = {index for index, _ in rejected}
                rejected += [(begin + i, reason) for i, reason in bad if begin + i not in known]
                pieces.append(logits)
                begin += len(piece)
        logits = np.concatenate(pieces) if pieces else np.empty(0, dtype=np.float32)
        logits[[i for i, _ in rejected]] = np.nan
        return logits, sorted(rejected)

    def _zero_points(self, given: float | Sequence[float] | None, stack: Stack) -> list[float]:
        if given is None and self.zero_point is not None and stack.zero_point is None:
            raise Error(
                f"the model takes flux of zero point {self.zero_point:g}, and the images do not say theirs",
                "give zero_point=MAG, the AB magnitude of one unit of flux, or images with a unit of flux",
            )
        if given is None:
            return [] if self.zero_point is None or stack.zero_point is None else [stack.zero_point]
        return [float(value) for value in np.atleast_1d(np.asarray(given, dtype=float))]

    def probability(self, logits: ArrayLike, prevalence: float | None = None) -> NDArray[np.float64]:
        """Probabilities of a lens where a fraction `prevalence` of all objects are lenses.

        sigmoid(slope z + intercept + ln(p / (1 - p))) by the model's calibration (docs/statistics.md). NaN stays NaN.

        Parameters
        ----------
        logits : array
            What `score` gave.
        prevalence : float in (0, 1), optional
            Default what the model states for surveys.

        Raises
        ------
        Error
            Where the model is not calibrated, or `prevalence` is no fraction.
        """
        if self.calibration is None:
            raise Error(f"{self.path.name} is not calibrated: there are logits, but no probabilities", "calibrate it: `lensfind calibrate`")
        at = self.prevalence if prevalence is None else float(prevalence)
        if not 0 < at < 1:
            raise Error(f"a prevalence of {at:g} is no fraction of lenses", "it lies between 0 and 1, as 1e-4")
        likelihood = self.calibration["slope"] * np.asarray(logits, dtype=np.float64) + self.calibration["intercept"]
        with np.errstate(over="ignore"):
            return np.asarray(1 / (1 + np.exp(-likelihood) * (1 - at) / at))

    def score_files(
        self,
        inputs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
        *,
        out: str | os.PathLike[str] | None = None,
        top: int | None = None,
        prevalence: float | None = None,
        catalogue: str | os.PathLike[str] | None = None,
        progress: bool | Progress = False,
        **settings: Any,
    ) -> Any:
        """Scores files, as `lensfind score` does: folders, .npy and .npz cutouts and stacks, FITS cutouts, lists.

        Parameters
        ----------
        inputs : path or sequence of paths
            What to score.
        out : path, optional
            Where to leave the table (.csv, .fits or .parquet) with all that the program leaves beside it; default nowhere. A run that was
            stopped goes on with `resume=True`.
        top : int, optional
            Return the so many best, best first; default all, in the order of the inputs.
        prevalence : float, optional
            Fraction of lenses among the inputs; default what the model states.
        catalogue : path, optional
            Then the inputs are fields, and its objects are scored (`score_field` takes tables in memory).
        progress : bool or Progress
            Show a bar, or tell an object.
        **settings
            bands, pattern, mask_planes, max_missing, max_oversize, pad, zero_points, pixel_scale_arcsec, other_scale, id_column, ra_column,
            dec_column, threads, readers, resume, overwrite: as the program's options of these names.

        Returns
        -------
        astropy.table.Table, or lensfind.Table where astropy is not installed
            id, logit, probability and further columns. Its `meta` says prevalence, model, engine, counts, `rejected` (input and reason of
            at most 1,000) and `warnings`.

        Raises
        ------
        Error
            Where there is nothing to score.
        KeyboardInterrupt
            At Ctrl-C; with `out` finished chunks are kept.
        """
        paths = [Path(inputs)] if isinstance(inputs, (str, os.PathLike)) else [Path(path) for path in inputs]
        told = {**self._settings(), **_given(settings), **({"prevalence": prevalence} if prevalence else {}), "top": top or 0}
        with tempfile.TemporaryDirectory(prefix="lensfind-") as folder:
            table = Path(out) if out is not None else Path(folder) / "scores.csv"
            summary = _core.score_files(self.path, paths, Path(catalogue) if catalogue else None, table, told, listener(progress))
            return _table_of_run(self, summary)

    def score_field(
        self,
        fields: Any,
        catalogue: Any,
        *,
        out: str | os.PathLike[str] | None = None,
        top: int | None = None,
        prevalence: float | None = None,
        progress: bool | Progress = False,
        **settings: Any,
    ) -> Any:
        """Scores the objects of a catalogue on fields of sky.

        Parameters
        ----------
        fields : mapping of band to image, or paths
            An image a band, all on one pixel grid: a path to a FITS file, an HDU of astropy, an NDData with WCS, or (array, WCS). Or paths
            of FITS files, as `score_files` takes them.
        catalogue : path, table, SkyCoord, DataFrame or mapping of columns
            Ids and positions under the usual names; units of columns are heeded.
        out, top, prevalence, progress, **settings
            As for `score_files`.

        Returns
        -------
        astropy.table.Table, or lensfind.Table where astropy is not installed
            As `score_files`, with the catalogue's columns, and `missing`, the largest fraction of pixels of a band that were not there.
        """
        from ._fields import catalogue_file, field_files

        with tempfile.TemporaryDirectory(prefix="lensfind-") as folder:
            files, bands = field_files(fields, Path(folder))
            table = catalogue_file(catalogue, Path(folder))
            named = {"bands": self._bands_in_order(bands), **settings} if bands else settings
            return self.score_files(files, out=out, top=top, prevalence=prevalence, catalogue=table, progress=progress, **named)

    def _bands_in_order(self, given: Sequence[str]) -> list[str]:
        known = list(self._said["bands"])
        if not known:
            return list(given)
        missing = [band for band in known if band not in given]
        if missing:
            raise Error(f"the fields have no band {', '.join(missing)}", f"the model takes {', '.join(known)}")
        return known

    def _settings(self) -> dict[str, Any]:
        options = self._options
        return {key: options[key] for key in ("precision", "threads", "tta", "onnx_output", "onnx_size")}


def _loaded(path: Path, options: dict[str, Any]) -> Model:
    return Model(path, **options)


def _given(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if value is not None}


def _unmasked_faults(stack: Stack, piece: NDArray[np.float32], begin: int) -> list[tuple[int, str]]:
    """Cutouts with NaN that no mask covers: a fault, though masked pixels are not."""
    assert stack.mask is not None
    bad = np.isnan(piece) & ~stack.mask[begin : begin + len(piece)]
    return [(begin + int(i), "has pixels that are NaN and not masked") for i in np.flatnonzero(bad.any(axis=(1, 2, 3)))]


def _complain(rejected: list[tuple[int, str]], count: int, on_bad: str) -> None:
    index, reason = rejected[0]
    if on_bad == "raise":
        raise Error(f"cutout {index}: {reason}", "leave it out, or give on_bad='warn'")
    text = f"{len(rejected)} of {count} cutouts cannot be scored, their logits are NaN; the first, number {index}: {reason}"
    warnings.warn(text, SetAsideWarning, stacklevel=3)


def _table_of_run(model: Model, summary: dict[str, Any]) -> Any:
    names, rows = _rows_of(Path(summary["top_table"] or summary["table"]))
    columns = columns_of_texts(names, rows) if rows is not None else names
    if isinstance(columns.get("logit"), np.ndarray):
        columns["logit"] = columns["logit"].astype(np.float32)
        columns["probability"] = np.asarray(columns["probability"]).astype(np.float64) if model.calibration else np.full(len(columns["id"]), np.nan)
    return table_of(columns, _meta_of_run(model, summary))


def _rows_of(path: Path) -> tuple[Any, list[list[str]] | None]:
    if path.suffix == ".csv":
        return read_csv(path)
    if path.suffix == ".parquet":
        import pyarrow.parquet

        table = pyarrow.parquet.read_table(path)
        return {name: table[name].to_numpy() for name in table.column_names}, None
    from astropy.table import Table

    table = Table.read(path)
    return {name: np.asarray(table[name]) for name in table.colnames}, None


def _meta_of_run(model: Model, summary: dict[str, Any]) -> dict[str, Any]:
    _, rejected = read_csv(Path(summary["rejected_table"])) if summary["rejected"] else ([], [])
    warned = list(summary["notes"]) + list(summary["reading_lines"]) + (list(summary["images"]) if summary["like_training"] is False else [])
    return {
        "model": str(model.path),
        "prevalence": summary["prevalence"],
        "engine": summary["engine"],
        "precision": summary["precision_reason"],
        "inputs": summary["inputs"],
        "scored": summary["scored"],
        "set_aside": summary["rejected"],
        "rejected": [tuple(row) for row in rejected[:1000]],
        "images": list(summary["images"]),
        "warnings": warned,
    }


def _shipped_card(folder: Path) -> list[str]:
    """What a model that ships says of itself (docs/models.md)."""
    if not (folder / "card.toml").exists():
        return []
    import tomllib

    card = tomllib.loads((folder / "card.toml").read_text(encoding="utf-8"))
    lines = [f"- {key.replace('_', ' ')}: {card[key]}" for key in ("summary", "survey", "trained_on", "recipe", "licence") if card.get(key)]
    for figure in card.get("figures", []):
        auc = f"AUC {figure['auc']:.4f} ({figure['auc_low']:.4f} to {figure['auc_high']:.4f})"
        lines.append(f"- on {figure['data']} ({figure['images']}, {figure['lenses']} lenses, {figure['nonlenses']} non-lenses): {auc}")
    return lines + [f"- limit: {text}" for text in card.get("limits", [])]


def _card_of(model: Model) -> str:
    scale = f"{model.pixel_scale:g} arcsec" if model.pixel_scale else "not known"
    lines = [
        f"# {model.path.name}",
        "",
        f"- takes: bands {', '.join(model.bands)}, {model.size or 'any number of'} pixels a side, pixel scale {scale}",
    ]
    lines += _shipped_card(model.path)
    if model.zero_point is not None:
        lines.append(f"- flux: AB magnitude {model.zero_point:g} is one unit")
    calibration = model.calibration
    if calibration:
        lines.append(f"- calibrated on {calibration['lenses']} lenses and {calibration['nonlenses']} non-lenses ({calibration['fitted_on']})")
        lines.append(f"- probabilities are for {model.prevalence:g} lenses an object where nothing else is said")
    else:
        lines.append("- not calibrated: logits, but no probabilities")
    lines += [f"- threshold {name}: logit >= {value:.4g}" for name, value in model.targets.items()]
    described = model.path / "model.json"
    if described.exists():
        provenance = json.loads(described.read_text(encoding="utf-8")).get("provenance", {})
        lines += [f"- {key.replace('_', ' ')}: {html.escape(str(value))}" for key, value in provenance.items() if not isinstance(value, (dict, list))]
    return "\n".join(lines + [f"- note: {note}" for note in model._said["notes"]])
