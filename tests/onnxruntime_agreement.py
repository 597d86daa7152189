"""Exported networks in ONNX Runtime against timm's logits: an independent reader of our ONNX files.

    python tests/onnxruntime_agreement.py build/release/bin/lensfind [../shared/reference/networks]

Needs numpy and onnxruntime from PyPI in any virtual environment. For each reference network it writes weights by the rule of
the reference's README, runs `lensfind import`, and compares the logits of model.onnx to 1e-4 of the largest.
"""
import json
import math
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime

MASK = (1 << 64) - 1


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


def uniform(name, count):
    """float64 in [-1, 1): splitmix64 of fnv1a(name) + (i + 1) * golden gamma, its top 53 bits."""
    with np.errstate(over="ignore"):
        z = np.uint64(fnv1a(name)) + (np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53 * 2.0 - 1.0


def filled(name, shape):
    u = uniform(name, math.prod(shape))
    if name.endswith("running_var"):
        return 1 + 0.5 * np.abs(u)
    if len(shape) >= 2:
        return np.sqrt((6 if len(shape) == 4 else 3) / math.prod(shape[1:])) * u
    # A weight of one dimension is a norm's.
    return 1 + 0.1 * u if name.endswith("weight") else 0.1 * u


def write_weights(path, tensors):
    header, blob, offset = {}, [], 0
    for tensor in tensors:
        if tensor["name"].endswith("num_batches_tracked"):
            continue
        data = filled(tensor["name"], tensor["shape"]).astype("<f4").tobytes()
        header[tensor["name"]] = {"dtype": "F32", "shape": tensor["shape"], "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
        blob.append(data)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blob))


def disagreement(program, reference, folder):
    """Largest difference of the logits, in units of the largest logit."""
    write_weights(folder / "weights.safetensors", reference["parameters"] + reference["buffers"])
    subprocess.run([program, "import", "--network", reference["network"], "--weights", folder / "weights.safetensors",
                    "--out", folder / "model", "--quiet"], check=True)
    cutouts = ((uniform("input", 4 * 3 * 64 * 64) + 1) / 2).astype(np.float32).reshape(4, 3, 64, 64)
    session = onnxruntime.InferenceSession(folder / "model" / "model.onnx", providers=["CPUExecutionProvider"])
    logits = session.run(None, {"cutouts": cutouts})[0]
    one = session.run(None, {"cutouts": cutouts[:1]})[0]  # the batch size is free
    wanted = np.array(reference["eval_logits"])
    return max(np.abs(logits - wanted).max(), np.abs(one - wanted[:1]).max()) / np.abs(wanted).max()


def main():
    program = sys.argv[1]
    references = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "../shared/reference/networks")
    failed = 0
    for path in sorted(references.glob("*.json")):
        with tempfile.TemporaryDirectory() as folder:
            reference = json.loads(path.read_text())
            difference = disagreement(program, reference, pathlib.Path(folder))
        failed += difference > 1e-4
        print(f"{reference['network']:<20} {difference:.1e} {'FAILED' if difference > 1e-4 else 'ok'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
