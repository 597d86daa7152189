"""Exported networks in ONNX Runtime against timm's (or PyTorch's) logits: an independent reader of our ONNX files.

    python tests/onnxruntime_agreement.py build/release/bin/lensfind [tests/reference/networks]

Needs numpy, onnx and onnxruntime from PyPI in any virtual environment. For each reference network it writes weights by the rule of
tests/reference/filling.py, runs `lensfind import` and `export`, and compares the logits of the ONNX file to 1e-4 of the largest; so also for
an ensemble of two, whose logit is the mean of its members'. onnx's checker must pass each file, and its opset be 17.

A network that is told the image quality is trained on a few cutouts: ONNX Runtime, with the seeing as second input and without, must agree
with what training (libtorch) left in validation.csv and with what `lensfind score` (OpenVINO) gives.
"""
import csv
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


def write_told_set(folder):
    """Noise, in lenses with a bright square, and the seeing of each; the seeing by id, (bands)."""
    random, seeing = np.random.default_rng(5), {}
    for name, count in (("train_lenses", 40), ("train_nonlenses", 60)):
        (folder / name).mkdir(parents=True)
        for i in range(1, count + 1):
            pixels = random.normal(size=(3, 32, 32)).astype(np.float32)
            pixels[:, 12:20, 12:20] += 2 * (name == "train_lenses")
            np.save(folder / name / f"{i}.npy", pixels)
            seeing[f"{name}/{i}"] = np.round(random.uniform(.5, 1, 3), 3)
    with open(folder / "truth.csv", "w") as table:
        table.write("id," + ",".join(f"seeing_fwhm_arcsec_{band}" for band in "gri") + "\n")
        table.writelines(f"{key},{','.join(map(str, values))}\n" for key, values in seeing.items())
    return seeing


def logits_of_table(path):
    return {row["id"]: float(row["logit"]) for row in csv.DictReader(open(path))}


def told_disagreements(program, folder):
    """Of a network that is told the seeing: ONNX Runtime's largest difference from libtorch, and from OpenVINO with and without seeing."""
    seeing = write_told_set(folder / "set")
    run = lambda *words: subprocess.run([program, *words, "--quiet"], check=True, stdout=subprocess.DEVNULL)  # noqa: E731
    run("train", "--recipe", "demo", "--data", folder / "set", "--out", folder / "told", "--set", "condition=quality", "--set", "epochs=3",
        "--set", "network=student", "--set", "rate=0.01", "--set", "precision=f32", "--set", "validation_fraction=0.3")
    run("export", folder / "told", "--out", folder / "told.onnx")
    onnx.checker.check_model(str(folder / "told.onnx"), full_check=True)
    session = onnxruntime.InferenceSession(folder / "told.onnx", providers=["CPUExecutionProvider"])
    by_torch = logits_of_table(folder / "told" / "validation.csv")
    ids = list(by_torch)
    with open(folder / "list.csv", "w") as table:
        table.write("id,path,seeing_g,seeing_r,seeing_i\n")
        table.writelines(f"{key},set/{key}.npy,{','.join(map(str, seeing[key]))}\n" for key in ids)
    with open(folder / "plain.csv", "w") as table:
        table.write("id,path\n")
        table.writelines(f"{key},set/{key}.npy\n" for key in ids)
    for name in ("list", "plain"):
        run("score", folder / "told", folder / f"{name}.csv", "--precision", "f32", "--out", folder / f"{name}.scores.csv")
    pixels = np.stack([np.load(folder / "set" / f"{key}.npy") for key in ids])
    told = np.stack([seeing[key] for key in ids]).astype(np.float32)
    single = lambda outputs: outputs[:, -1] - (outputs[:, 0] if outputs.shape[1] == 2 else 0)  # noqa: E731
    known = single(session.run(None, {"cutouts": pixels, "seeing": told})[0])
    unknown = single(session.run(None, {"cutouts": pixels})[0])
    one_for_all = single(session.run(None, {"cutouts": pixels, "seeing": np.full((1, 3), np.nan, np.float32)})[0])
    assert np.abs(known - unknown).max() > 1e-3 and np.array_equal(unknown, one_for_all)
    wanted = lambda table: np.array([table[key] for key in ids])  # noqa: E731
    largest = np.abs(known).max()
    return {"told: libtorch": np.abs(known - wanted(by_torch)).max() / largest,
            "told: OpenVINO": np.abs(known - wanted(logits_of_table(folder / "list.scores.csv"))).max() / largest,
            "not told: OpenVINO": np.abs(unknown - wanted(logits_of_table(folder / "plain.scores.csv"))).max() / largest}


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
        for name, difference in told_disagreements(program, pathlib.Path(folder) / "quality").items():
            report(name, difference)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
