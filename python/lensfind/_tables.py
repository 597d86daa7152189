"""Tables: astropy's where it is installed, else a small one with the same names."""

from __future__ import annotations

import csv
import html
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

UNITS = {"ra": "deg", "dec": "deg", "arcsec": "arcsec", "rad": "rad", "mag": "mag"}


class Table:
    """Columns of one length: what is returned where astropy is not installed.

    Parameters
    ----------
    columns : mapping of str to array
        The columns, in order.
    meta : dict
        What the table says of itself.
    units : mapping of str to str
        Units of columns that have one.

    Notes
    -----
    `colnames`, `meta`, `len(t)`, `t["name"]`, `t[0]`, `t[:10]` and `t[mask]` mean what they mean in `astropy.table.Table`.
    """

    def __init__(self, columns: Mapping[str, Any], meta: dict[str, Any] | None = None, units: Mapping[str, str] | None = None) -> None:
        self._columns = {name: np.asarray(values) for name, values in columns.items()}
        self.meta = meta or {}
        self.units = dict(units or {})

    @property
    def colnames(self) -> list[str]:
        """Names of the columns, in order."""
        return list(self._columns)

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()))) if self._columns else 0

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self._columns[key]
        picked = {name: values[key] for name, values in self._columns.items()}
        return picked if isinstance(key, (int, np.integer)) else Table(picked, self.meta, self.units)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"<Table of {len(self)} rows: {', '.join(self.colnames)}>"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.colnames)
        rows = ("<tr>" + "".join(f"<td>{html.escape(str(value))}</td>" for value in self[i].values()) + "</tr>" for i in range(min(len(self), 20)))
        return f"<table><tr>{head}</tr>{''.join(rows)}</table>" + (f"<p>{len(self)} rows</p>" if len(self) > 20 else "")


def unit_of(name: str) -> str | None:
    """The unit that a column's name carries: theta_e_arcsec, source_mag_i, ra."""
    return next((UNITS[word] for word in reversed(name.split("_")) if word in UNITS), None)


def table_of(columns: Mapping[str, Any], meta: dict[str, Any]) -> Any:
    """A table of columns of one length."""
    units = {name: unit for name in columns if (unit := unit_of(name))}
    try:
        from astropy.table import Table as AstropyTable
    except ImportError:
        return Table(columns, meta, units)
    table = AstropyTable(dict(columns), meta=meta)
    for name, unit in units.items():
        if np.issubdtype(table[name].dtype, np.floating):
            table[name].unit = unit
    return table


def columns_of_texts(names: Sequence[str], rows: Sequence[Sequence[str]], texts: frozenset[str] = frozenset({"id"})) -> dict[str, Any]:
    """Columns of numbers where every cell is one (empty: NaN), else of texts; `texts` stay texts whatever they hold."""
    columns: dict[str, Any] = {}
    for place, name in enumerate(names):
        cells = [row[place] for row in rows]
        columns[name] = np.array(cells, dtype=str) if name in texts else _numbers(cells)
    return columns


def _numbers(cells: Sequence[str]) -> Any:
    filled = [cell for cell in cells if cell]
    try:
        if filled and len(filled) == len(cells) and all(cell.lstrip("+-").isdigit() for cell in cells):
            return np.array([int(cell) for cell in cells])
        numbers = np.array([float(cell) if cell else np.nan for cell in cells])
    except (ValueError, OverflowError):
        return np.array(cells, dtype=str)
    return numbers if filled else np.array(cells, dtype=str)


def read_csv(path: Path) -> tuple[list[str], list[list[str]]]:
    """Names of the columns, and the rows, of a CSV table that lensfind wrote."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    return rows[0], rows[1:]
