"""Images per second of one array (4096, 3, 64, 64) in f32 on 2 threads: `Model.score`, the program on the same array as a stack, PyTorch eager.

python_score.py NETWORK...      five rounds in turn after one that does not count; PYTHONPATH holds the built package
                                LENSFIND_CUTOUTS=4096 and LENSFIND_ROUNDS=5 say how many

The program's figure is its own (`images_per_second` of --json), which leaves its start out, as the first call of `Model.score` is left out.
Stops where `Model.score` does not give the program's bytes, or PyTorch's logits to 1e-3 of the largest.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch
from safetensors.torch import save_file
from timm_peer import timm

import lensfind as lf
from lensfind import _places

THREADS = 2
COUNT, ROUNDS = int(os.environ.get("LENSFIND_CUTOUTS", 4096)), int(os.environ.get("LENSFIND_ROUNDS", 5))


def import_seconds():
    code = "import time; b = time.perf_counter(); import lensfind; print(time.perf_counter() - b)"
    return min(float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout) for _ in range(5))


def by_program(model, stack, out):
    command = [_places.program(), "score", model, stack, "--out", out, "--overwrite", "--precision", "f32", "--threads", str(THREADS), "--json", "--quiet"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True, env=_places.library_path())
    logits = np.array([line.split(",")[1] for line in out.read_text().splitlines()[1:]], dtype=np.float32)
    return json.loads(done.stdout)["images_per_second"], logits


def by_torch(network, images):
    begin = time.perf_counter()
    with torch.inference_mode():
        parts = [network(torch.from_numpy(images[k:k + 128]).to(memory_format=torch.channels_last)) for k in range(0, COUNT, 128)]
    logits = torch.cat(parts).numpy()
    return COUNT / (time.perf_counter() - begin), logits[:, 1] - logits[:, 0]


def by_python(model, images):
    begin = time.perf_counter()
    logits = model.score(images)
    return COUNT / (time.perf_counter() - begin), logits


def measure(name, folder):
    torch.manual_seed(1)
    network = timm.create_model(name, num_classes=2).eval()
    weights = folder / f"{name}.safetensors"
    save_file({key: value.contiguous() for key, value in network.state_dict().items() if not key.endswith("num_batches_tracked")}, str(weights))
    command = [_places.program(), "import", "--network", name, "--weights", weights, "--out", folder / name, "--size", 64, "--bands", 3, "--quiet"]
    subprocess.run(list(map(str, command)), check=True, env=_places.library_path())
    images = np.random.default_rng(1).normal(0, 1, (COUNT, 3, 64, 64)).astype(np.float32)
    np.save(folder / "stack.npy", images)
    model = lf.load(folder / name, precision="f32", threads=THREADS)
    network = network.to(memory_format=torch.channels_last)
    rates = {"program": [], "python": [], "torch": []}
    for _ in range(ROUNDS + 1):
        for kind, (rate, logits) in {
            "program": by_program(folder / name, folder / "stack.npy", folder / "s.csv"),
            "python": by_python(model, images),
            "torch": by_torch(network, images),
        }.items():
            rates[kind].append(rate)
            if kind == "program":
                wanted = logits
            elif kind == "python" and not np.array_equal(logits, wanted):
                sys.exit(f"{name}: Model.score does not give the program's logits")
            elif np.abs(logits - wanted).max() > 1e-3 * np.abs(wanted).max():
                sys.exit(f"{name}: PyTorch's logits differ: not the same work")
    return {kind: statistics.median(values[1:]) for kind, values in rates.items()}


torch.set_num_threads(THREADS)
print(f"import lensfind: {import_seconds():.2f} s\n")
print("| network | PyTorch | `lensfind score` | `Model.score` | over the program | over PyTorch |\n|---|---|---|---|---|---|")
with tempfile.TemporaryDirectory() as place:
    for name in sys.argv[1:]:
        rates = measure(name, pathlib.Path(place))
        print(f"| {name} | {rates['torch']:.0f} | {rates['program']:.0f} | {rates['python']:.0f} | {rates['python'] / rates['program']:.2f} "
              f"| **{rates['python'] / rates['torch']:.2f}** |", flush=True)
