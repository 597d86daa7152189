"""Catalogues in the HATS scheme (HEALPix partitions of Parquet files, as LSDB reads them): objects to cutouts to scores."""

from __future__ import annotations

import dataclasses
import functools
import heapq
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core, _healpix
from ._errors import Error
from ._fields import field_files
from ._model import Model, _rows_of, load
from ._progress import Progress, listener
from ._tables import table_of

__all__ = ["Scorer", "score_hats"]

ADDED = ("logit", "probability", "missing", "reason")  #: columns that scores are
NO_POSITION = "its ra and dec are no position in degrees"
RUN, DONE = "lensfind-run.json", "lensfind-done.csv"  # what a run was asked, and which partitions are finished
PER_FOLDER = 10_000  # pixels of one folder Dir=


def _parquet() -> Any:
    try:
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise Error("catalogues of HATS are Parquet, and pyarrow is not installed", "pip install 'lensfind[hats]'") from error
    return parquet


@dataclasses.dataclass(frozen=True)
class _Partition:
    order: int
    pixel: int
    path: Path  #: of its file, or of the folder of its files

    @property
    def place(self) -> Path:
        """Where it lies in a catalogue that is written."""
        return Path("dataset") / f"Norder={self.order}" / f"Dir={self.pixel // PER_FOLDER * PER_FOLDER}" / f"Npix={self.pixel}.parquet"


def _properties(folder: Path) -> dict[str, str]:
    for name in ("hats.properties", "properties"):
        if (folder / name).exists():
            lines = (folder / name).read_text(encoding="utf-8").splitlines()
            pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith(("#", "!")))
            return {key.strip(): value.strip().replace("\\:", ":") for key, _, value in pairs}
    raise Error(f"{folder}: is no catalogue of HATS: it has no hats.properties", "give the folder of a catalogue, or of a collection")


class _Catalogue:
    """A catalogue of HATS on a disk."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        if not isinstance(path, (str, os.PathLike)):
            raise Error(
                f"a {type(path).__name__} is no path of a catalogue", "of LSDB's objects: catalog.map_partitions(lensfind.hats.Scorer(model, fields))"
            )
        self.folder = Path(path)
        collection = self.folder / "collection.properties"
        if collection.exists():
            primary = re.search(r"^hats_primary_table_url\s*=\s*(\S+)", collection.read_text(encoding="utf-8"), re.MULTILINE)
            if primary is None:
                raise Error(f"{collection}: names no hats_primary_table_url", "give the folder of one of its catalogues")
            self.folder = self.folder / primary[1]
        self.properties = _properties(self.folder)
        kind = self.properties.get("dataproduct_type", "object")
        if kind not in ("object", "source"):
            raise Error(f"{self.folder}: is a catalogue of HATS of the kind {kind}, which has no objects", "give one of objects or sources")
        try:
            self.ra, self.dec = self.properties["hats_col_ra"], self.properties["hats_col_dec"]
        except KeyError as missing:
            raise Error(f"{self.folder}: its properties do not say {missing}", "write it into hats.properties") from missing
        self.partitions = sorted(self._found(), key=lambda one: (one.order, one.pixel))
        self._require_all()

    def _found(self) -> Iterator[_Partition]:
        for path in self.folder.glob("dataset/Norder=*/Dir=*/Npix=*"):
            numbers = re.search(r"Norder=(\d+)/Dir=\d+/Npix=(\d+)(\.[\w.]+)?$", path.as_posix())
            if numbers:
                yield _Partition(int(numbers[1]), int(numbers[2]), path)

    def _require_all(self) -> None:
        if not self.partitions:
            raise Error(f"{self.folder}: holds no partitions dataset/Norder=*/Dir=*/Npix=*", "is the catalogue whole?")
        info = self.folder / "partition_info.csv"
        if not info.exists():
            return
        head, *rows = [line.split(",") for line in info.read_text(encoding="utf-8").split()]
        named = {(int(row[head.index("Norder")]), int(row[head.index("Npix")])) for row in rows}
        missing = sorted(named - {(one.order, one.pixel) for one in self.partitions})
        if missing:
            order, pixel = missing[0]
            raise Error(
                f"{self.folder}: lacks {len(missing)} of the {len(named)} partitions that partition_info.csv names, the first Norder={order}, Npix={pixel}",
                "fetch them, or correct partition_info.csv",
            )

    def read(self, partition: _Partition, columns: Sequence[str] | None, rows: NDArray[np.int64] | None = None) -> Any:
        """A partition as an Arrow table."""
        parquet = _parquet()
        paths = [partition.path] if partition.path.is_file() else sorted(partition.path.glob("*.par*"))
        import pyarrow

        try:
            # One by one: as a dataset, the folders' names would become columns.
            files = [parquet.ParquetFile(path) for path in paths]
            lacking = [name for name in columns or () for file in files if name not in file.schema_arrow.names]
            if lacking:
                raise Error(f"{partition.path}: has no column {lacking[0]}", f"it has {', '.join(files[0].schema_arrow.names)}")
            table = pyarrow.concat_tables([file.read(columns=None if columns is None else list(columns)) for file in files])
        except (pyarrow.ArrowInvalid, pyarrow.ArrowKeyError, OSError) as error:
            raise Error(f"{partition.path}: cannot be read: {error}", "fetch this partition anew") from error
        return table if rows is None else table.take(rows)


@dataclasses.dataclass
class _Fields:
    """Fields as files, opened once."""

    files: list[Path]
    bands: list[str]
    opened: _core.FieldSet

    @classmethod
    def of(cls, fields: Any, model: Model, folder: Path, settings: Mapping[str, Any]) -> _Fields:
        files, named = field_files(fields, folder)
        bands = model._bands_in_order(named) if named else list(settings.get("bands") or model._said["bands"])
        return cls(files, bands, _core.FieldSet(files, bands, str(settings.get("pattern") or "")))


@dataclasses.dataclass
class _Scored:
    """Objects that lie in some field."""

    rows: NDArray[np.int64]  #: their numbers among those that were given
    logits: NDArray[np.float32]  #: NaN where an object could not be scored
    probabilities: NDArray[np.float64]
    missing: NDArray[np.float64]
    reasons: list[str]  #: why it could not; empty where it was
    summary: dict[str, Any] = dataclasses.field(default_factory=dict)  #: of the run; empty where no object lay in a field


def _degrees(values: Any) -> NDArray[np.float64]:
    return np.ascontiguousarray(np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan))


def _score_positions(
    model: Model, fields: _Fields, ra_deg: NDArray[np.float64], dec_deg: NDArray[np.float64], told: dict[str, Any], progress: Progress
) -> _Scored:
    rows = np.flatnonzero((fields.opened.find(ra_deg, dec_deg) >= 0) | ~np.isfinite(ra_deg) | ~(np.abs(dec_deg) <= 90))
    n = len(rows)
    scored = _Scored(rows, np.full(n, np.nan, np.float32), np.full(n, np.nan), np.full(n, np.nan), [""] * n)
    is_place = np.isfinite(ra_deg[rows]) & (np.abs(dec_deg[rows]) <= 90)
    for place in np.flatnonzero(~is_place):
        scored.reasons[place] = NO_POSITION
    if not is_place.any():
        return scored
    with tempfile.TemporaryDirectory(prefix="lensfind-") as folder:
        catalogue = Path(folder) / "objects.csv"
        with open(catalogue, "w", encoding="utf-8") as file:
            file.write("id,ra,dec\n")
            file.writelines(f"{i},{float(ra_deg[rows[i]])!r},{float(dec_deg[rows[i]])!r}\n" for i in np.flatnonzero(is_place))
        settings = {**told, "bands": fields.bands, "id_column": "id", "ra_column": "ra", "dec_column": "dec"}
        scored.summary = _core.score_files(model.path, fields.files, catalogue, Path(folder) / "scores.csv", settings, progress)
        names, table = _rows_of(Path(scored.summary["table"]))
        at = {name: names.index(name) for name in ("id", "logit", "probability", "missing")}
        for row in table or []:
            i = int(row[at["id"]])
            scored.logits[i] = np.float32(row[at["logit"]])
            scored.probabilities[i] = float(row[at["probability"]] or "nan")
            scored.missing[i] = float(row[at["missing"]] or "nan")
        if scored.summary["rejected"]:
            for name, reason in _rows_of(Path(scored.summary["rejected_table"]))[1] or []:
                scored.reasons[int(name)] = reason
    return scored


def _without_scores(names: Sequence[str]) -> None:
    taken = [name for name in ADDED if name in names]
    if taken:
        raise Error(f"the catalogue has a column {taken[0]} of its own", "name those to take along with columns=, without it")


class Scorer:
    """Scores the partitions of a catalogue that LSDB has opened: `catalog.map_partitions(lensfind.hats.Scorer("des", fields))`.

    Parameters
    ----------
    model : str or path
        What `lensfind.load` takes; on a cluster a name, or a folder that every node sees.
    fields : mapping of band to path, or paths
        FITS files of the sky, as `Model.score_field` takes them, but files alone; on a cluster where every node sees them.
    ra, dec : str
        The columns with ICRS positions in degrees.
    prevalence : float, optional
        Fraction of lenses that probabilities are for; default what the model states.
    load : mapping, optional
        How to load it: {"threads": 2, "precision": "f32"}. Give a precision where processors of several kinds work: each would choose.
    **settings
        As `Model.score_files` takes them: pattern, max_missing, zero_points, ...

    Notes
    -----
    Called with a DataFrame it returns the rows that lie in some field with further columns: logit; probability; missing, the largest
    fraction of pixels of a band that were not there; reason, why a row has no logit.
    """

    def __init__(
        self,
        model: str | os.PathLike[str],
        fields: Any,
        *,
        ra: str = "ra",
        dec: str = "dec",
        prevalence: float | None = None,
        load: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        paths = list(fields.values()) if isinstance(fields, Mapping) else [fields] if isinstance(fields, (str, os.PathLike)) else list(fields)
        for path in paths:
            if not isinstance(path, (str, os.PathLike)):
                raise Error(f"a field is a {type(path).__name__}", "other processes read files: give paths")
        self._fields = {band: str(path) for band, path in fields.items()} if isinstance(fields, Mapping) else [str(path) for path in paths]
        self._model, self._columns, self._prevalence = str(model), (ra, dec), prevalence
        self._load, self._settings = dict(load or {}), settings

    def __call__(self, partition: Any) -> Any:
        """A DataFrame of the rows that lie in some field, with their scores."""
        _without_scores(list(partition.columns))
        for name in self._columns:
            if name not in partition.columns:
                raise Error(f"the catalogue has no column {name}", f"it has {', '.join(map(str, partition.columns))}: name one with ra= and dec=")
        model = _opened(self._model, tuple(sorted(self._load.items())))
        ra_deg, dec_deg = (partition[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in self._columns)
        with tempfile.TemporaryDirectory(prefix="lensfind-") as folder:
            if len(partition):
                fields = _Fields.of(self._fields, model, Path(folder), self._settings)
                scored = _score_positions(model, fields, ra_deg, dec_deg, _told(model, self._prevalence, self._settings), listener(False))
            else:  # LSDB asks so which columns will come
                scored = _Scored(np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0), np.empty(0), [])
        import pandas
        import pyarrow

        reasons = pandas.array(scored.reasons, dtype=pandas.ArrowDtype(pyarrow.string()))
        kept = partition.iloc[scored.rows]
        return kept.assign(logit=scored.logits, probability=scored.probabilities, missing=scored.missing, reason=reasons)


@functools.lru_cache(maxsize=2)
def _opened(model: str, options: tuple[tuple[str, Any], ...]) -> Model:
    return load(model, **dict(options))


def _told(model: Model, prevalence: float | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    given = {key: value for key, value in settings.items() if value is not None}
    return {**model._settings(), **given, **({"prevalence": prevalence} if prevalence else {})}


def score_hats(
    catalogue: str | os.PathLike[str],
    fields: Any,
    model: Model | str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    columns: Sequence[str] | None = None,
    top: int = 1000,
    prevalence: float | None = None,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool | Progress = False,
    **settings: Any,
) -> Any:
    """Scores the objects of a HATS catalogue on fields of sky, partition by partition, in memory that one partition takes.

    Parameters
    ----------
    catalogue : path
        The folder of a catalogue of objects or sources, or of a collection, on a local disk.
    fields : mapping of band to image, or paths
        As `Model.score_field` takes them. Partitions that no field covers are not read.
    model : Model, str or path
        Loaded, or what `lensfind.load` takes.
    out : path, optional
        Where to leave the scored objects as a HATS catalogue of the same partitions, which LSDB opens. Default nowhere.
    columns : sequence of str, optional
        Columns of the catalogue to take along beside position and spatial index; default all.
    top : int
        Return the so many best.
    prevalence : float, optional
        Fraction of lenses among the objects; default what the model states.
    resume : bool
        Go on with the run in `out`; finished partitions are not scored again.
    overwrite : bool
        Replace `out`, if it was made by this function.
    progress : bool or Progress
        Show a bar of partitions, or tell an object.
    **settings
        As `Model.score_files` takes them: pattern, max_missing, zero_points, ...

    Returns
    -------
    astropy.table.Table, or lensfind.Table where astropy is not installed
        The best objects, best first: the catalogue's columns, then logit, probability, missing (the largest fraction of pixels of a band
        that were not there). Its `meta` counts `partitions` (`read` of them), `objects` in these, `outside` all fields, `scored` and
        `set_aside`, which add up; `rejected` holds partition, row and reason of at most 1,000.

    Raises
    ------
    Error
        Where the folder is no such catalogue or lacks partitions, `out` exists or is of another run, or pyarrow is not installed.
    KeyboardInterrupt
        At Ctrl-C; with `out` the partitions that are finished are kept, and `resume=True` goes on.
    """
    own = model if isinstance(model, Model) else load(model)
    given = _Catalogue(catalogue)
    told = listener(progress)
    with tempfile.TemporaryDirectory(prefix="lensfind-") as folder:
        seen = _Fields.of(fields, own, Path(folder), settings)
        run = _Run(own, given, seen, _told(own, prevalence, settings), columns, top)
        if out is not None:
            run.write_to(Path(out), resume, overwrite)
        told.start("scoring partitions", len(given.partitions), "partitions")
        for partition in given.partitions:
            run.take(partition)
            told.advance(1)
        told.finish()
        return run.result()


class _Run:
    """A catalogue on its way to scores."""

    def __init__(self, model: Model, catalogue: _Catalogue, fields: _Fields, told: dict[str, Any], columns: Sequence[str] | None, top: int) -> None:
        self.model, self.catalogue, self.fields, self.told, self.top = model, catalogue, fields, told, max(1, top)
        self.middles, self.cosines = fields.opened.circles()
        self.columns = self._wanted(columns)
        self.out: Path | None = None
        self.done: dict[tuple[int, int], list[int]] = {}
        self.counts = dict.fromkeys(("objects", "outside", "scored", "set_aside"), 0)
        self.read = 0
        self.rejected: list[tuple[str, int, str]] = []
        self.best: list[tuple[float, int, Any]] = []  # a heap: the worst of the best first; the number tells equals apart
        self.seen = 0
        self.summary: dict[str, Any] = {}
        self.warned: list[str] = []
        self.schema: Any = None

    def _wanted(self, columns: Sequence[str] | None) -> list[str] | None:
        if columns is None:
            return None
        first = [self.catalogue.ra, self.catalogue.dec, self.catalogue.properties.get("hats_col_healpix", "_healpix_29")]
        parquet = _parquet()
        partition = self.catalogue.partitions[0]
        path = partition.path if partition.path.is_file() else next(iter(sorted(partition.path.glob("*.par*"))))
        known = parquet.read_schema(path).names
        unknown = [name for name in columns if name not in known]
        if unknown:
            raise Error(f"the catalogue has no column {unknown[0]}", f"it has {', '.join(known)}")
        return [name for name in known if name in first or name in columns]

    def write_to(self, out: Path, resume: bool, overwrite: bool) -> None:
        """The scored partitions are to lie there; those of a run that is taken up again are known."""
        identity = {
            "catalogue": str(self.catalogue.folder.resolve()),
            "fingerprint": self.model._said["fingerprint"],
            "columns": self.columns,
            "settings": {key: value for key, value in self.told.items() if key not in ("threads", "readers")},
        }
        if out.exists() and not (resume or overwrite):
            raise Error(f"{out} exists", "give another name, resume=True or overwrite=True")
        if out.exists() and not (out / RUN).exists():
            raise Error(f"{out}: is no folder that score_hats made", "give another name")
        if out.exists() and overwrite and not resume:
            shutil.rmtree(out)
        self.out = out
        if out.exists():
            began = json.loads((out / RUN).read_text(encoding="utf-8"))
            if {key: began.get(key) for key in identity} != json.loads(json.dumps(identity)):
                raise Error(f"{out}: was begun with another model, catalogue or other settings", "give these, or overwrite=True")
            self.told["precision"] = began.get("precision", self.told["precision"])
            for line in (out / DONE).read_text(encoding="utf-8").splitlines(keepends=True) if (out / DONE).exists() else []:
                if line.endswith("\n"):  # the last one of a killed run may be torn
                    order, pixel, *numbers = (int(text) for text in line.split(","))
                    self.done[order, pixel] = numbers
        else:
            out.mkdir(parents=True)
            _write(out / RUN, json.dumps(identity, indent=1))

    def take(self, partition: _Partition) -> None:
        """Scores a partition, or reads what an earlier run left of it."""
        if not _healpix.covers(partition.order, partition.pixel, self.middles, self.cosines):
            return
        self.read += 1
        numbers = self.done.get((partition.order, partition.pixel))
        table = None
        if numbers is None:
            numbers, table = self._score(partition)
            if self.out is not None:
                self._keep(partition, numbers, table)
        elif self.out is not None and (self.out / partition.place).exists():
            table = _parquet().read_table(self.out / partition.place, partitioning=None)
        for name, number in zip(self.counts, numbers):
            self.counts[name] += number
        if table is not None:
            self.schema = self.schema or table.schema
            self._remember(partition, table)

    def _score(self, partition: _Partition) -> tuple[list[int], Any]:
        catalogue = self.catalogue
        places = catalogue.read(partition, [catalogue.ra, catalogue.dec])
        ra_deg, dec_deg = (_degrees(places[name].to_numpy()) for name in (catalogue.ra, catalogue.dec))
        scored = _score_positions(self.model, self.fields, ra_deg, dec_deg, self.told, _Quiet())
        if scored.summary:
            if not self.summary:
                self.told["precision"] = scored.summary["precision"]  # one for all partitions
                if self.out is not None:
                    began = json.loads((self.out / RUN).read_text(encoding="utf-8"))
                    _write(self.out / RUN, json.dumps({**began, "precision": self.told["precision"]}, indent=1))
            self.summary = scored.summary
            for note in [*scored.summary["notes"], *(scored.summary["images"] if scored.summary["like_training"] is False else [])]:
                if len(self.warned) < 20 and note not in self.warned:
                    self.warned.append(note)
        n, found = len(places), int(np.isfinite(scored.logits).sum())
        numbers = [n, n - len(scored.rows), found, len(scored.rows) - found]
        if not len(scored.rows):
            return numbers, None
        table = catalogue.read(partition, self.columns, scored.rows)
        _without_scores(table.column_names)
        import pyarrow

        table = table.append_column("logit", pyarrow.array(scored.logits, from_pandas=True))
        table = table.append_column("probability", pyarrow.array(scored.probabilities, from_pandas=True))
        table = table.append_column("missing", pyarrow.array(scored.missing, from_pandas=True))
        return numbers, table.append_column("reason", pyarrow.array(scored.reasons, pyarrow.string()))

    def _keep(self, partition: _Partition, numbers: list[int], table: Any) -> None:
        assert self.out is not None
        if table is not None:
            path = self.out / partition.place
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{path.name}.tmp-{os.getpid()}")
            _parquet().write_table(table, temporary)
            temporary.replace(path)
        with open(self.out / DONE, "a", encoding="utf-8") as file:
            file.write(",".join(map(str, (partition.order, partition.pixel, *numbers))) + "\n")

    def _remember(self, partition: _Partition, table: Any) -> None:
        """Its best objects, and those that were set aside."""
        logits = _degrees(table["logit"].to_numpy())
        at = f"Norder={partition.order}, Npix={partition.pixel}"
        reasons = table["reason"].to_pylist()
        self.rejected += [(at, i, reason) for i, reason in enumerate(reasons) if reason][: 1000 - len(self.rejected)]
        known = np.flatnonzero(np.isfinite(logits))
        order = known[np.argsort(-logits[known], kind="stable")][: self.top]
        kept = table.take(order)  # a copy: the partition itself need not stay in memory
        for place, i in enumerate(order):
            self.seen += 1
            entry = (float(logits[i]), -self.seen, (kept, place))
            if len(self.best) < self.top:
                heapq.heappush(self.best, entry)
            elif entry[:2] > self.best[0][:2]:
                heapq.heapreplace(self.best, entry)
            else:
                break

    def result(self) -> Any:
        if self.out is not None:
            self._finish()
        meta = {
            "catalogue": str(self.catalogue.folder),
            "model": str(self.model.path),
            "prevalence": self.summary.get("prevalence", self.told.get("prevalence") or self.model.prevalence),
            "engine": self.summary.get("engine", ""),
            "partitions": len(self.catalogue.partitions),
            "read": self.read,
            **self.counts,
            "rejected": self.rejected,
            "warnings": self.warned,
        }
        if self.schema is None:
            return table_of({}, meta)
        import pyarrow

        rows = [kept.slice(place, 1) for _, _, (kept, place) in sorted(self.best, key=lambda one: one[:2], reverse=True)]
        best = pyarrow.concat_tables(rows) if rows else self.schema.empty_table()
        return table_of({name: best[name].to_numpy() for name in best.column_names if name != "reason"}, meta)

    def _finish(self) -> None:
        """What makes a catalogue of the partitions."""
        assert self.out is not None
        if self.schema is None:
            return  # no object lay in a field: there is nothing that could be opened
        parquet = _parquet()
        kept = [one for one in self.catalogue.partitions if (self.out / one.place).exists()]
        collected: list[Any] = []
        info = ["Norder,Npix"]
        rows, most = 0, 0
        for one in kept:
            metadata = parquet.read_metadata(self.out / one.place)
            metadata.set_file_path(one.place.relative_to("dataset").as_posix())
            collected.append(metadata)
            rows, most = rows + metadata.num_rows, max(most, metadata.num_rows)
            info.append(f"{one.order},{one.pixel}")
        parquet.write_metadata(self.schema, self.out / "dataset" / "_metadata", metadata_collector=collected)
        parquet.write_metadata(self.schema, self.out / "dataset" / "_common_metadata")
        _write(self.out / "partition_info.csv", "\n".join(info) + "\n")
        _write(self.out / "hats.properties", self._properties(kept, rows, most))
        shutil.copyfile(self.out / "hats.properties", self.out / "properties")

    def _properties(self, kept: Sequence[_Partition], rows: int, most: int) -> str:
        before = self.catalogue.properties
        names = self.schema.names
        said = {
            "obs_collection": before.get("obs_collection", self.catalogue.folder.name) + "_scores",
            "dataproduct_type": before.get("dataproduct_type", "object"),
            "hats_nrows": rows,
            "hats_col_ra": self.catalogue.ra,
            "hats_col_dec": self.catalogue.dec,
            "hats_npix_suffix": ".parquet",
            "hats_order": max(one.order for one in kept),
            "hats_max_rows": most,
            "hats_builder": f"lensfind {_core.__version__}",
            "hats_version": before.get("hats_version", "v1.0"),
            "lensfind_model": self.model.path.name,
            "lensfind_fingerprint": self.model._said["fingerprint"],
            "lensfind_prevalence": self.summary.get("prevalence", self.told.get("prevalence") or self.model.prevalence),
        }
        for key in ("hats_col_healpix", "hats_col_healpix_order"):
            if key in before and before.get("hats_col_healpix") in names:
                said[key] = before[key]
        return "#HATS catalog\n" + "".join(f"{key}={value}\n" for key, value in said.items())


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.tmp-{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


class _Quiet:
    """Says nothing of a partition's own run: the partitions are what is told of."""

    def start(self, task: str, total: int, unit: str) -> None: ...

    def advance(self, steps: int) -> None: ...

    def line(self, text: str) -> None: ...

    def warn(self, text: str) -> None: ...

    def finish(self) -> None: ...
