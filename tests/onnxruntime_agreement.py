"""Exported networks in ONNX Runtime against timm's (or PyTorch's) logits: an independent reader of our ONNX files.

    python tests/onnxruntime_agreement.py build/release/bin/lensfind [tests/reference/networks]

Needs numpy, onnx and onnxruntime from PyPI in any virtual environment. For each reference network it writes weights by the rule of
tests/reference/filling.py, runs `lensfind import` and `export`, and compares the logits of the ONNX file to 1e-4 of the largest; so also for
an ensemble of two, whose logit is the mean of its members'. onnx's checker must pass each file, and its opset be 17.
"""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime

sys.path.insert(0, str(pathlib.Path(__file__).parent / "reference"))
from filling import cutouts as made_cutouts, filled  # noqa: E402


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


def import_model(program, reference, folder):
    write_weights(folder / "weights.safetensors", reference["parameters"] + reference["buffers"])
    subprocess.run([program, "import", "--network", reference["network"], "--weights", folder / "weights.safetensors",
                    "--out", folder / reference["network"], "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return folder / reference["network"]


def disagreement(program, model, wanted):
    """Largest difference of the logits from `wanted` (4, outputs), in units of the largest logit."""
    exported = model.with_suffix(".onnx")
    subprocess.run([program, "export", model, "--out", exported, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    onnx.checker.check_model(str(exported), full_check=True)
    opset = {entry.domain: entry.version for entry in onnx.load(exported).opset_import}
    assert opset == {"": 17}, opset
    cutouts = made_cutouts("input", 4)
    session = onnxruntime.InferenceSession(exported, providers=["CPUExecutionProvider"])
    logits = session.run(None, {"cutouts": cutouts})[0]
    one = session.run(None, {"cutouts": cutouts[:1]})[0]  # the batch size is free
    return max(np.abs(logits - wanted).max(), np.abs(one - wanted[:1]).max()) / np.abs(wanted).max()


def main():
    program = sys.argv[1]
    references = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "tests/reference/networks")
    failed = 0

    def report(name, difference):
        nonlocal failed
        failed += difference > 1e-4
        print(f"{name:<24} {difference:.1e} {'FAILED' if difference > 1e-4 else 'ok'}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        models, logits = [], []
        for path in sorted(references.glob("*.json")):
            reference = json.loads(path.read_text())
            models.append(import_model(program, reference, pathlib.Path(folder)))
            outputs = np.array(reference["eval_logits"])
            logits.append(outputs[:, 1:] - outputs[:, :1])
            report(reference["network"], disagreement(program, models[-1], outputs))
        ensemble = pathlib.Path(folder) / "ensemble"
        subprocess.run([program, "ensemble", *models[:2], "--out", ensemble, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        report(f"{models[0].name} + {models[1].name}", disagreement(program, ensemble, (logits[0] + logits[1]) / 2))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
