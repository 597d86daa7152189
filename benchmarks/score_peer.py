"""Images per second of PyTorch eager on a folder of .npy cutouts, as a script would do it: timm's network, np.load, batches of 128, channels_last.

score_peer.py FOLDER NETWORK PRECISION THREADS ROUNDS      (f32, or bf16 by autocast; beside int8 too)

Reads the weights that lensfind_score_benchmark left in FOLDER and the scores of its last run: on the first 512 cutouts these must agree with
PyTorch's logits in f32, or both sides did not do the same work; in f32 to 1e-3 of the largest, in bf16 to twice what PyTorch's own bf16 does, in
int8 to a tenth of the largest.
Prints one JSON object.
"""
import csv
import json
import pathlib
import statistics
import sys
import time

import numpy as np
import torch
from safetensors.torch import load_file
from timm_peer import timm

folder, network, precision = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
torch.set_num_threads(int(sys.argv[4]))
model = timm.create_model(network, num_classes=2)
model.load_state_dict(load_file(folder / f"{network}.safetensors"), strict=False)  # batch counters are no weights
model = model.eval().to(memory_format=torch.channels_last)
files = sorted((folder / "cutouts").glob("*.npy"))
rates = []
with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=precision != "f32"):
    for _ in range(int(sys.argv[5]) + 1):
        logits = []
        begin = time.perf_counter()
        for first in range(0, len(files), 128):
            batch = torch.from_numpy(np.stack([np.load(f) for f in files[first:first + 128]])).to(memory_format=torch.channels_last)
            logits.append(model(batch).float().numpy())
        rates.append(len(files) / (time.perf_counter() - begin))

outputs = np.concatenate(logits)[:512]
with torch.inference_mode():
    exact = model(torch.from_numpy(np.stack([np.load(f) for f in files[:512]])).to(memory_format=torch.channels_last)).numpy()
# The last run read the stack, which is in the order of numbers.
scores = {row["id"].split("#")[-1]: float(row["logit"]) for row in csv.DictReader((folder / "s.csv").open())}
ours = np.array([scores[f.stem] for f in files[:512]])


def difference_from_exact(logits):
    return float(np.abs(logits - (exact[:, 1] - exact[:, 0])).max() / np.abs(exact).max())


difference, peer_difference = difference_from_exact(ours), difference_from_exact(outputs[:, 1] - outputs[:, 0])
limit = {"f32": 1e-3, "bf16": 2 * peer_difference, "int8": .1}[precision]
if not difference <= limit:
    sys.exit(f"{network} {precision}: the logits differ from f32 by {difference:.2g} of the largest, PyTorch's by {peer_difference:.2g}: not the same work")
print(json.dumps({"network": network, "precision": precision, "peer": round(statistics.median(rates[1:]), 1), "difference": float(f"{difference:.1e}"),
                  "peer_difference": float(f"{peer_difference:.1e}")}))
