#!/usr/bin/env python3
"""Numbers that lensfind's augmentations are compared with (src/lensfind/dataset/augment_reference_test.cpp): writes augmentation.json beside this file.

    python3 -m venv venv && venv/bin/pip install albumentations==2.0.8 && venv/bin/python tests/reference/augmentation.py

For each step of the study's chain and the chain itself: statistics of 2,000 draws of one made-up image. A draw's statistics: mean of each of three bands,
deviation of each, mean of each quadrant of band 0, shares of all pixels in 16 bins from 0 to 1. Stored: their mean and deviation over the draws.
Also single cases by scipy (warps), OpenCV (blur) and colorsys (hue, saturation, value).
"""
import colorsys
import itertools
import json
import math
import pathlib
import random
import warnings

import albumentations as A
import cv2
import numpy as np
from scipy import ndimage

warnings.simplefilter("ignore")
DRAWS = 2000


def made_up_image():
    """(64, 64, 3): a galaxy, an arc on one side and a gradient, so that no symmetry is left and every band differs."""
    y, x = np.mgrid[0:64, 0:64].astype(float)
    image = np.empty((64, 64, 3), np.float32)
    for band, (width, arc, slope) in enumerate([(5, .6, .1), (6, .4, .2), (8, .2, .3)]):
        radius = np.hypot(x - 31.5, y - 31.5)
        angle = np.arctan2(y - 31.5, x - 31.5)
        galaxy = .6 * np.exp(-(radius / width) ** 2 / 2)
        ring = arc * np.exp(-((radius - 14) / 2) ** 2 / 2 - ((angle - .7) / .6) ** 2 / 2)
        image[..., band] = galaxy + ring + slope * x / 63 + .05
    return np.clip(image, 0, 1)


def statistics(image):
    image = image.astype(float)
    quadrants = [image[r:r + 32, c:c + 32, 0].mean() for r in (0, 32) for c in (0, 32)]
    bins = np.histogram(np.clip(image, 0, 1), 16, (0, 1))[0] / image.size
    return [*image.mean((0, 1)), *image.std((0, 1)), *quadrants, *bins]


def give_seeds(transform, seeds):
    """A seed of its own to each part: Compose(seed=...) gives all the same one, and two OneOf of three in a row then always choose alike."""
    seed = next(seeds)
    transform.set_random_state(np.random.default_rng(seed), random.Random(seed))
    for child in getattr(transform, "transforms", []):
        give_seeds(child, seeds)


def draws_of(transform, image):
    chain = A.Compose([transform])
    give_seeds(chain, itertools.count(1))
    values = np.array([statistics(chain(image=image)["image"]) for _ in range(DRAWS)], float)
    return {"mean": values.mean(0).round(7).tolist(), "deviation": values.std(0).round(7).tolist()}


def steps():
    flips = A.OneOf([A.HorizontalFlip(p=1), A.VerticalFlip(p=1), A.Transpose(p=1)], p=1)
    turns = A.OneOf([A.RandomRotate90(p=1), A.Rotate(limit=30, p=1), A.ShiftScaleRotate(shift_limit=.15, scale_limit=.15, rotate_limit=45, p=1)], p=1)
    tones = [A.RandomBrightnessContrast(.2, .2, p=1), A.RandomGamma((80, 120), p=1), A.HueSaturationValue(20, 20, 20, p=1)]
    return {
        "flips": flips,
        "quarter_turn": A.RandomRotate90(p=1),
        "turn": A.Rotate(limit=30, p=1),
        "shift_scale_turn": A.ShiftScaleRotate(shift_limit=.15, scale_limit=.15, rotate_limit=45, p=1),
        "blur": A.Blur(blur_limit=3, p=.3),
        "brightness_contrast": tones[0],
        "gamma": tones[1],
        "hue_saturation_value": tones[2],
        "study": A.Sequential([flips, turns, A.Blur(blur_limit=3, p=.3), A.OneOf(tones, p=.5)], p=1),
    }


def warp_cases():
    """A (5, 6) image under x' -> matrix x: scipy's coordinates are (row, column)."""
    image = np.random.default_rng(1).random((5, 6))
    cases = []
    for xx, xy, x0, yx, yy, y0 in [(1, 0, 1, 0, 1, -2), (.8, .3, .43, -.2, 1.1, .71), (-.5, 1.2, 3.03, .9, .4, -1.28)]:
        for border, mode in (("zero", "grid-constant"), ("reflect", "mirror")):
            for interpolation, order in (("bilinear", 1), ("nearest", 0)):
                out = ndimage.affine_transform(image, [[yy, yx], [xy, xx]], (y0, x0), order=order, mode=mode)
                cases.append({"map": [xx, xy, x0, yx, yy, y0], "border": border, "interpolation": interpolation, "out": out.ravel().tolist()})
    return {"image": image.ravel().tolist(), "cases": cases}


def blur_cases():
    image = np.random.default_rng(2).random((6, 7))
    return {"image": image.ravel().tolist(), "cases": [{"side": side, "out": cv2.blur(image, (side, side)).ravel().tolist()} for side in (3, 5, 7)]}


def colour_cases():
    draw = random.Random(3)
    cases = []
    for _ in range(60):
        colour = [draw.random() for _ in range(3)]
        if draw.random() < .2:
            colour[draw.randrange(3)] = colour[draw.randrange(3)]
        shift = [draw.uniform(-40, 40), draw.uniform(-.1, .1), draw.uniform(-.1, .1)]
        hue, saturation, value = colorsys.rgb_to_hsv(*colour)
        new = colorsys.hsv_to_rgb((hue + shift[0] / 360) % 1, min(max(saturation + shift[1], 0), 1) if saturation else 0, min(max(value + shift[2], 0), 1))
        cases.append({"colour": colour, "shift": shift, "out": list(new)})
    return cases


def main():
    random.seed(0)
    image = made_up_image()
    result = {
        "made_with": f"albumentations {A.__version__}, OpenCV {cv2.__version__}, numpy {np.__version__}",
        "draws": DRAWS,
        "image": {"statistics": [round(float(v), 7) for v in statistics(image)]},
        "steps": {name: draws_of(transform, image) for name, transform in steps().items()},
        "warps": warp_cases(),
        "blurs": blur_cases(),
        "colours": colour_cases(),
    }
    assert all(math.isfinite(v) for s in result["steps"].values() for v in s["mean"])
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
