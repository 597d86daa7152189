"""benchmarks/score_table.py on measurements made up by hand: medians of rates, and of ratios of neighbouring runs.

score_table_test.py SOURCE_DIR
"""
import json
import pathlib
import subprocess
import sys
import tempfile

rounds = [
    {"engine": 100, "files": 96, "files_fraction": .96, "fits": 95, "fits_fraction": .95, "stack": 99, "stack_fraction": .99},
    {"engine": 200, "files": 180, "files_fraction": .9, "fits": 194, "fits_fraction": .97, "stack": 198, "stack_fraction": .99},
    {"engine": 120, "files": 118.8, "files_fraction": .99, "fits": 108, "fits_fraction": .9, "stack": 120, "stack_fraction": 1},
]
peers = [48, 60, 59.4]
about = {"network": "resnet18", "precision": "bf16"}
with tempfile.TemporaryDirectory() as folder:
    measurements = pathlib.Path(folder) / "measurements"
    lines = ["a library says something"]
    for of_lensfind, peer in zip(rounds, peers):
        lines += [json.dumps(about | of_lensfind), json.dumps(about | {"peer": peer})]
    lines += [json.dumps(about | {"fresh": 500}), json.dumps(about | {"cached": 400})]
    measurements.write_text("\n".join(lines) + "\n")
    table = subprocess.run([sys.executable, pathlib.Path(sys.argv[1]) / "benchmarks/score_table.py", measurements],
                           check=True, capture_output=True, text=True).stdout
header, _, row = ([cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines())
cells = dict(zip(header, row))
# files / engine: .96, .90, .99; FITS / engine: .95, .97, .90; stack / engine: .99, .99, 1; files / PyTorch: 2, 3, 2.
expected = {"network": "resnet18", "PyTorch": "59", "lensfind, files": "119", "ratio": "**2.00**", "FITS": "108", "stack": "120", "engine alone": "120",
            "files / engine": "0.96", "FITS / engine": "0.95", "stack / engine": "0.99", "first score, ms": "400 (500 uncached)"}
wrong = {name: (cells.get(name), value) for name, value in expected.items() if cells.get(name) != value}
if wrong:
    sys.exit(f"the table has (got, expected) {wrong}")
