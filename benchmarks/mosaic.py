"""Pictures of simulated cutouts, a row a kind, for docs/images; with genuine cutouts a row of each of their classes above, to be looked at and not kept.
Of a painted set: real cutouts, and below each what was painted on it.

    mosaic.py SET OUT.png [GENUINE]      (SET: what `lensfind simulate` left; GENUINE: a folder in the DeepLense layout; numpy and Pillow)
"""
import csv
import pathlib
import sys

import numpy as np
from PIL import Image, ImageDraw

COLUMNS, SIDE, LEFT = 10, 64, 74


def picture(path, like):
    """i, r, g as red, green, blue; the root brings out what is faint. Scaled as the cutout `like`."""
    measure = np.load(like)[:3].astype(float)
    low, high = np.percentile(measure, 1, axis=(1, 2), keepdims=True), measure.max(axis=(1, 2), keepdims=True)
    rgb = np.clip((np.load(path)[:3] - low) / (high - low), 0, 1)[::-1] ** 0.5
    return np.moveaxis((255 * rgb).astype(np.uint8), 0, -1)


def rows(folder, genuine):
    with open(folder / "truth.csv") as file:
        truth = [row for row in csv.DictReader(file) if row["split"] == "train"]
    path = lambda row: folder / (row["id"] + ".npy")
    for name in ("lenses", "nonlenses") if genuine else ():
        yield "genuine\n" + name, [(p, p) for p in sorted((genuine / f"train_{name}").glob("*.npy"), key=lambda p: int(p.stem))]
    real = {row["group"]: path(row) for row in truth if row["kind"] == "real"}
    painted = {row["group"]: path(row) for row in truth if row["kind"] == "painted" and row["group"] in real}
    if painted:
        yield "real", [(real[group], real[group]) for group in painted]
        yield "painted", [(painted[group], real[group]) for group in painted]
        return
    for kind in sorted({row["kind"] for row in truth}, key=lambda kind: (kind != "lens", kind)):
        of_kind = [(path(row), path(row)) for row in truth if row["kind"] == kind]
        for part in range(2 if kind == "lens" else 1):
            yield kind if part == 0 else "", of_kind[part * COLUMNS:(part + 1) * COLUMNS]


def main():
    folder, out = pathlib.Path(sys.argv[1]), sys.argv[2]
    lines = list(rows(folder, pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None))
    sheet = Image.new("RGB", (LEFT + COLUMNS * (SIDE + 1), len(lines) * (SIDE + 1)), "white")
    draw = ImageDraw.Draw(sheet)
    for r, (name, paths) in enumerate(lines):
        draw.text((4, r * (SIDE + 1) + 26), name, fill="black")
        for c, (path, like) in enumerate(paths[:COLUMNS]):
            sheet.paste(Image.fromarray(picture(path, like)).resize((SIDE, SIDE)), (LEFT + c * (SIDE + 1), r * (SIDE + 1)))
    sheet.quantize(160, dither=Image.Dither.NONE).save(out, optimize=True)


main()
