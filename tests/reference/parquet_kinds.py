#!/usr/bin/env python3
"""Makes parquet_kinds.parquet: two rows of every kind of column that catalogues have (pyarrow; any version). Run it in this folder."""
import datetime
import decimal

import pyarrow as pa
import pyarrow.parquet as pq

columns = {
    "objectId": pa.array([9007199254740993, -5], pa.int64()),
    "unsigned": pa.array([18446744073709551615, None], pa.uint64()),
    "small": pa.array([-7, 8], pa.int8()),
    "name": pa.array(["a, b", "Ångström"], pa.dictionary(pa.int32(), pa.string())),
    "large": pa.array(["x", None], pa.large_string()),
    "view": pa.array(["0012", "12E4"], pa.string_view()),
    "bytes": pa.array([b"SL 1", b"\x00\xff"], pa.binary()),
    "fixed": pa.array([b"ab\x00\x00", b"cdef"], pa.binary(4)),
    "decimal": pa.array([decimal.Decimal("4848.10"), decimal.Decimal("-0.05")], pa.decimal128(10, 2)),
    "half": pa.array([1.5, -2.0], pa.float16()),
    "single": pa.array([20.1, float("nan")], pa.float32()),
    "truth": pa.array([True, False], pa.bool_()),
    "day": pa.array([datetime.date(2026, 1, 2), None], pa.date32()),
    "sky": pa.array([{"ra": 0.5, "dec": -0.25}, None], pa.struct([("ra", pa.float64()), ("dec", pa.float64())])),
    "flux": pa.array([[1.0, 2.0], [3.0]], pa.list_(pa.float64())),
}
fields = [pa.field(name, array.type, metadata={"unit": "mag"} if name == "single" else None) for name, array in columns.items()]
# As astropy describes units (APE 6).
yaml = "datatype:\n- {name: objectId, datatype: int64}\n- {name: sky.ra, unit: rad, datatype: float64}\n- {name: sky.dec, unit: rad, datatype: float64}\n"
schema = pa.schema(fields, metadata={"table_meta_yaml": yaml})
pq.write_table(pa.table(list(columns.values()), schema=schema), "parquet_kinds.parquet", store_schema=True)
