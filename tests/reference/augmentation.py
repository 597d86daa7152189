#!/usr/bin/env python3
"""Numbers that lensfind's augmentations are compared with: writes augmentation.json beside this file.

    python3 -m venv venv
    venv/bin/pip install albumentations==1.4.20 opencv-python-headless==4.10.0.84 numpy==1.26.4 scipy==1.14.1
    venv/bin/python tests/reference/augmentation.py

The published study made its copies of lenses with albumentations 1.4.20 from float32 images in [0, 1]. Of each step of its chain, and of the chain:
- fixed: one small image under given parameters (src/lensfind/image/albumentations_test.cpp);
- parameters: what 800 draws did to a probe image, as sorted numbers (src/lensfind/dataset/augment_reference_test.cpp);
- choices: how often 20,000 draws of a OneOf took each member (the same file);
- steps: statistics of 2,000 draws of one made-up image (the same file): mean of each of three bands, deviation of each, mean of each quadrant of
  band 0, fractions of all pixels in 16 bins from 0 to 1; their mean and deviation over the draws.
Also single cases by scipy (warps), OpenCV (blurs) and colorsys (hue, saturation, value).

The chain gives float32 images two things that its documentation does not show:
- OpenCV's warpAffine takes sampling positions in steps of 1/32 pixel. exact_to_fixed_point() proves that this is all that parts it from exact
  bilinear interpolation: albumentations' images agree to 1e-6 with exact interpolation at positions so rounded.
- HueSaturationValue rounds images to 8 bits and works in OpenCV's 8-bit units.
"""
import colorsys
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
assert (A.__version__, cv2.__version__) == ("1.4.20", "4.10.0"), "other versions give other numbers"
DRAWS = 2000
PARAMETER_DRAWS = 800
CHOICES = 20000
STEPS_A_PIXEL = 32


def made_up_image(side=64):
    """(side, side, 3): a galaxy, an arc on one side and a gradient, so that no symmetry is left and every band differs."""
    y, x = np.mgrid[0:side, 0:side].astype(float)
    image = np.empty((side, side, 3), np.float32)
    for band, (width, arc, slope) in enumerate([(5, .6, .1), (6, .4, .2), (8, .2, .3)]):
        radius = np.hypot(x - (side - 1) / 2, y - (side - 1) / 2) * 64 / side
        angle = np.arctan2(y - (side - 1) / 2, x - (side - 1) / 2)
        galaxy = .6 * np.exp(-(radius / width) ** 2 / 2)
        ring = arc * np.exp(-((radius - 14) / 2) ** 2 / 2 - ((angle - .7) / .6) ** 2 / 2)
        image[..., band] = galaxy + ring + slope * x / (side - 1) + .05
    return np.clip(image, 0, 1)


def flips(p=.8):
    return A.OneOf([A.HorizontalFlip(p=.8), A.VerticalFlip(p=.8), A.Transpose(p=.5)], p=p)


def turns(p=.8):
    return A.OneOf([A.RandomRotate90(p=.8), A.Rotate(limit=30, p=.8),
                    A.ShiftScaleRotate(shift_limit=.15, scale_limit=.15, rotate_limit=45, p=.8)], p=p)


def tones(p=.7):
    return A.OneOf([A.RandomBrightnessContrast(.2, .2, p=.6), A.RandomGamma((80, 120), p=.5), A.HueSaturationValue(20, 20, 20, p=.5)], p=p)


def steps():
    return {
        "flips": flips(),
        "rotate90": A.RandomRotate90(p=1),
        "rotate": A.Rotate(limit=30, p=1),
        "shift_scale_rotate": A.ShiftScaleRotate(shift_limit=.15, scale_limit=.15, rotate_limit=45, p=1),
        "gaussian_blur": A.GaussianBlur(blur_limit=3, p=.5),
        "brightness_contrast": A.RandomBrightnessContrast(.2, .2, p=1),
        "gamma": A.RandomGamma((80, 120), p=1),
        "hue_saturation_value": A.HueSaturationValue(20, 20, 20, p=1),
        "study": A.Compose([flips(), turns(), A.GaussianBlur(blur_limit=3, p=.5), tones()]),
    }


def statistics(image):
    image = image.astype(float)
    quadrants = [image[r:r + 32, c:c + 32, 0].mean() for r in (0, 32) for c in (0, 32)]
    bins = np.histogram(np.clip(image, 0, 1), 16, (0, 1))[0] / image.size
    return [*image.mean((0, 1)), *image.std((0, 1)), *quadrants, *bins]


def draws_of(step, image, count=DRAWS):
    chain = A.Compose([step])
    return (chain(image=image)["image"] for _ in range(count))


def statistics_of_draws(step, image):
    values = np.array([statistics(draw) for draw in draws_of(step, image)], float)
    return {"mean": values.mean(0).round(7).tolist(), "std": values.std(0).round(7).tolist()}


# What is done with given parameters ---------------------------------------------------------------------------------------------------------------


def apply_warp(image, step, limits):
    """A step whose parameters can be only one value each, its positions, and the image."""
    chain = A.ReplayCompose([step])
    result = chain(image=image)
    matrix = np.array(result["replay"]["transforms"][0]["params"]["matrix"])
    exact_to_fixed_point(image, matrix, result["image"])
    return {**limits, "out": flat(result["image"])}


def exact_to_fixed_point(image, matrix, out):
    """Exact bilinear interpolation at OpenCV's positions is OpenCV's image."""
    height, width = out.shape[:2]
    back = cv2.invertAffineTransform(matrix[:2])
    y, x = np.mgrid[0:height, 0:width]
    scale = 1024
    columns = np.rint((back[0, 1] * y + back[0, 2]) * scale) + scale // STEPS_A_PIXEL // 2 + np.rint(back[0, 0] * x * scale)
    rows = np.rint((back[1, 1] * y + back[1, 2]) * scale) + scale // STEPS_A_PIXEL // 2 + np.rint(back[1, 0] * x * scale)
    at = np.floor(np.array([rows, columns]) * STEPS_A_PIXEL / scale) / STEPS_A_PIXEL
    for band in range(out.shape[2]):
        exact = ndimage.map_coordinates(image[..., band].astype(float), at, order=1, mode="mirror")
        assert np.abs(exact - out[..., band]).max() < 1e-6


def flat(image):
    """Band by band, rows from 0: (bands, height, width)."""
    return [round(float(v), 7) for v in np.asarray(image).transpose(2, 0, 1).ravel()]


def fixed_cases():
    image = made_up_image(16)
    image = np.clip(image + np.random.default_rng(4).normal(0, .05, image.shape).astype(np.float32), 0, 1)
    blurred = A.GaussianBlur(blur_limit=(3, 3), p=1)
    hsv = []
    for shift in [(13.7, 11.9, -8.2), (-17.3, -19.4, 15.5), (4.2, 0.9, 19.9), (-0.6, -3.3, -0.4)]:
        hsv.append({"shift": shift, "out": flat(A.HueSaturationValue(p=1).apply(image, *shift))})
    return {
        "image": flat(image),
        "flips": {"horizontal_flip": flat(A.HorizontalFlip(p=1)(image=image)["image"]), "vertical_flip": flat(A.VerticalFlip(p=1)(image=image)["image"]),
                  "transpose": flat(A.Transpose(p=1)(image=image)["image"])},
        "rotate90s": [flat(A.RandomRotate90(p=1).apply(image, factor)) for factor in range(4)],
        "rotates": [apply_warp(image, A.Rotate(limit=(angle, angle), p=1), {"angle": angle}) for angle in (-30, -7.3, 18.6)],
        "shift_scale_rotates": [
            apply_warp(image, A.ShiftScaleRotate(shift_limit_x=(dx, dx), shift_limit_y=(dy, dy), scale_limit=(0, 0), rotate_limit=(angle, angle), p=1),
                       {"shift": [dx, dy], "scale": [1, 1], "angle": angle}) for dx, dy, angle in [(.11, -.07, 40.5), (-.15, .02, -21.0)]
        ] + [apply_warp(image, A.Affine(scale={"x": (sx, sx), "y": (sy, sy)}, translate_percent={"x": (dx, dx), "y": (dy, dy)}, rotate=(angle, angle),
                                        shear=(0, 0), mode=cv2.BORDER_REFLECT_101, p=1), {"shift": [dx, dy], "scale": [sx, sy], "angle": angle})
             for dx, dy, sx, sy, angle in [(.05, .13, .86, 1.12, 33.3), (-.09, -.04, 1.15, .91, -44.0)]],
        "gaussian_blur": flat(blurred(image=image)["image"]),
        "brightness_contrasts": [{"contrast": c, "brightness": b, "out": flat(A.RandomBrightnessContrast(p=1).apply(image, alpha=c, beta=b))}
                                 for c, b in [(1.17, -.11), (.83, .19)]],
        "gammas": [{"gamma": g, "out": flat(A.RandomGamma(p=1).apply(image, gamma=g))} for g in (.81, 1.19)],
        "hue_saturation_values": hsv,
    }


# What is drawn ------------------------------------------------------------------------------------------------------------------------------------


def spots():
    """Band 0: a spot in the middle; band 1: 8 pixels right of it; band 2: 8 pixels below it."""
    y, x = np.mgrid[0:64, 0:64].astype(float)
    image = np.empty((64, 64, 3), np.float32)
    for band, (dx, dy) in enumerate([(0, 0), (8, 0), (0, 8)]):
        image[..., band] = np.exp(-((x - 31.5 - dx) ** 2 + (y - 31.5 - dy) ** 2) / (2 * 1.5 ** 2))
    return image


def centroid(band):
    """From the middle, of what lies within 28 pixels of it: beyond are mirrored spots."""
    y, x = np.mgrid[0:64, 0:64] - 31.5
    light = np.where(np.hypot(x, y) < 28, band, 0).astype(float)
    return np.array([(light * x).sum(), (light * y).sum()]) / light.sum()


def warp_parameters(image):
    """shift x and y, scale x and y, angle in degrees"""
    middle, right, below = (centroid(image[..., band]) for band in range(3))
    along_x, along_y = right - middle, below - middle
    return [*middle, np.hypot(*along_x) / 8, np.hypot(*along_y) / 8, math.degrees(math.atan2(along_x[1], along_x[0]))]


def tone_parameters(image):
    """contrast, brightness of greys .4 and .6"""
    low, high = float(image[0, 0, 0]), float(image[0, 1, 0])
    slope = (high - low) / .2
    return [slope, low - .4 * slope]


def gamma_parameters(image):
    return [math.log(float(image[0, 0, 0])) / math.log(.4)]


def colour_parameters(image):
    """hue in degrees, saturation, value of a colour of hue 40 degrees, saturation .5, value .6: red stays the greatest, blue the least"""
    red, green, blue = (float(v) for v in image[0, 0])
    return [60 * (green - blue) / (red - blue), 1 - blue / red, red]


def parameter_draws():
    greys = np.float32([[[.4] * 3, [.6] * 3]])
    colour = np.float32([[[.6, .5, .3]]])
    probes = {"rotate": (spots(), warp_parameters, [4]), "shift_scale_rotate": (spots(), warp_parameters, range(5)),
              "brightness_contrast": (greys, tone_parameters, range(2)), "gamma": (greys, gamma_parameters, range(1)),
              "hue_saturation_value": (colour, colour_parameters, range(3))}
    out = {}
    for name, (probe, measure, kept) in probes.items():
        values = np.array([measure(draw) for draw in draws_of(steps()[name], probe, PARAMETER_DRAWS)])
        out[name] = [np.sort(values[:, i]).round(5).tolist() for i in kept]
    return out


def choice_counts():
    """Of the three flips: left as it was, flipped left and right, up and down, transposed. Of the three tones: left, brightness, gamma, colours."""
    image = np.arange(12, dtype=np.float32).reshape(2, 2, 3) / 12
    flipped = [image, image[:, ::-1], image[::-1], image.transpose(1, 0, 2)]
    counts = {"flips": [0] * 4, "tones": [0] * 4}
    for draw in draws_of(flips(), image, CHOICES):
        counts["flips"][next(i for i, one in enumerate(flipped) if np.array_equal(draw, one))] += 1
    colour = np.float32([[[.201, .401, .601]]])
    for draw in draws_of(tones(), colour, CHOICES):
        counts["tones"][tone_kind(draw, colour)] += 1
    return counts


def tone_kind(draw, colour):
    red, green, blue = (float(v) for v in draw[0, 0])
    if np.array_equal(draw, colour):
        return 0
    if all(abs(v * 255 - round(v * 255)) < 1e-3 for v in (red, green, blue)):
        return 3
    return 1 if abs((blue - green) - (green - red)) < 1e-5 else 2


# Single cases by others ---------------------------------------------------------------------------------------------------------------------------


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
    cases = [{"kind": "box", "side": side, "out": cv2.blur(image, (side, side)).ravel().tolist()} for side in (3, 5, 7)]
    cases += [{"kind": "gaussian", "side": side, "out": cv2.GaussianBlur(image, (side, side), 0).ravel().tolist()} for side in (3, 5, 7)]
    return {"image": image.ravel().tolist(), "cases": cases}


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


def eight_bit_cases():
    """1,000 colours, greys and primaries among them, each under the same shift."""
    draw = np.random.default_rng(5)
    colours = draw.random((40, 25, 3)).astype(np.float32)
    colours[0] = colours[0, :, :1]
    colours[1] = np.float32(draw.integers(0, 2, (25, 3)))
    cases = [{"shift": shift, "out": flat(A.HueSaturationValue(p=1).apply(colours, *shift))} for shift in [(7.9, 6.6, 12.2), (-19.7, -14.8, -3.9)]]
    return {"colours": flat(colours), "cases": cases}


def main():
    random.seed(0)
    image = made_up_image()
    result = {
        "made_with": f"albumentations {A.__version__}, OpenCV {cv2.__version__}, numpy {np.__version__}",
        "draws": DRAWS,
        "image": {"statistics": [round(float(v), 7) for v in statistics(image)]},
        "steps": {name: statistics_of_draws(step, image) for name, step in steps().items()},
        "fixed": fixed_cases(),
        "parameters": parameter_draws(),
        "choices": choice_counts(),
        "warps": warp_cases(),
        "blurs": blur_cases(),
        "colours": colour_cases(),
        "eight_bit": eight_bit_cases(),
    }
    assert all(math.isfinite(v) for s in result["steps"].values() for v in s["mean"])
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in result.items()]
    pathlib.Path(__file__).with_suffix(".json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
