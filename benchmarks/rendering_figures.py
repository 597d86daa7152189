"""Draws docs/images/rendering-*.png from what rendering_cells leaves: python rendering_figures.py FOLDER docs/images   (numpy and matplotlib)"""

import csv
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import PatchCollection
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.patches import Rectangle

SIZE = 48
BACK, FRONT, GRID = "#ffffff", "#202028", "#d8d8e0"
plt.rcParams.update({"font.size": 10, "axes.edgecolor": FRONT, "figure.facecolor": BACK, "savefig.dpi": 110})


def rows(path):
    with open(path, newline="") as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


def draw_cells(axes, cells, levels):
    colours = ListedColormap(plt.get_cmap("viridis")(np.linspace(0.05, 0.95, levels)))
    patches = [Rectangle((c["x"] - 0.5, c["y"] - 0.5), c["side"], c["side"]) for c in cells]
    drawn = PatchCollection(patches, cmap=colours, norm=BoundaryNorm(np.arange(levels + 1) - 0.5, levels), facecolor="none", linewidth=0.6)
    drawn.set_array(np.array([c["level"] for c in cells]))
    drawn.set_facecolor("none")
    drawn.set_edgecolor([colours(int(c["level"])) for c in cells])
    axes.add_collection(drawn)
    return colours


def samples_figure(folder, out):
    light, smooth = np.load(folder / "light.npy")[0], np.load(folder / "smooth.npy")[0]
    cells = rows(folder / "cells.csv")
    levels = int(max(c["level"] for c in cells)) + 1
    margin = (light.shape[0] - SIZE) // 2
    figure, axes = plt.subplots(1, 3, figsize=(13.5, 4.9), constrained_layout=True)
    shown = np.arcsinh(light / light.max() * 300)
    x = np.array([c["x"] for c in cells if c["level"] >= 3])
    y = np.array([c["y"] for c in cells if c["level"] >= 3])
    centre = (np.median(x), np.median(y)) if len(x) else (light.shape[0] / 2,) * 2
    for ax, title in zip(axes, ("smooth light: one sample a pixel", "rough light: cells", "the smallest cells, 8 pixels wide")):
        ax.set_title(title)
        ax.set_xticks([])
        ax.set_yticks([])
    axes[0].imshow(np.arcsinh(np.maximum(smooth, 0) / light.max() * 300), origin="lower", cmap="Greys", vmin=0, vmax=shown.max())
    axes[0].add_patch(Rectangle((margin - 0.5, margin - 0.5), SIZE, SIZE, fill=False, edgecolor="#c03030", linewidth=1.2))
    axes[0].text(margin, margin + SIZE, "the cutout; beyond it the margin", color="#c03030", fontsize=9, va="bottom")
    axes[1].imshow(shown, origin="lower", cmap="Greys")
    colours = draw_cells(axes[1], cells, levels)
    axes[1].add_patch(Rectangle((centre[0] - 4, centre[1] - 4), 8, 8, fill=False, edgecolor="#c03030", linewidth=1.2))
    axes[2].imshow(shown, origin="lower", cmap="Greys")
    draw_cells(axes[2], cells, levels)
    middle, half = light.shape[0] / 2, 0.36 * light.shape[0]
    axes[1].set_xlim(middle - half, middle + half)
    axes[1].set_ylim(middle - half, middle + half)
    for edge in np.arange(light.shape[0] + 1) - 0.5:
        axes[2].axhline(edge, color=GRID, linewidth=0.5, zorder=0.5)
        axes[2].axvline(edge, color=GRID, linewidth=0.5, zorder=0.5)
    axes[2].set_xlim(centre[0] - 4, centre[0] + 4)
    axes[2].set_ylim(centre[1] - 4, centre[1] + 4)
    scale = plt.cm.ScalarMappable(cmap=colours, norm=BoundaryNorm(np.arange(levels + 1) - 0.5, levels))
    bar = figure.colorbar(scale, ax=axes, shrink=0.75, ticks=range(levels))
    bar.set_label("side of a cell: 2$^{-level}$ pixels")
    figure.savefig(out / "rendering-cells.png")


def error_figure(folder, out):
    cost = rows(folder / "cost.csv")
    figure, axes = plt.subplots(1, 3, figsize=(13.5, 4.3), constrained_layout=True)
    image, error = np.load(folder / "image.npy")[0], np.load(folder / "error-0.0009.npy")[0]
    axes[0].imshow(np.arcsinh(image / image.max() * 60), origin="lower", cmap="Greys_r")
    axes[0].set_title("the image")
    limit = np.abs(error).max() * 1e4
    drawn = axes[1].imshow(error * 1e4, origin="lower", cmap="RdBu_r", vmin=-limit, vmax=limit)
    axes[1].set_title("error / brightest pixel, in 10$^{-4}$")
    figure.colorbar(drawn, ax=axes[1], shrink=0.85)
    for ax in axes[:2]:
        ax.set_xticks([])
        ax.set_yticks([])
    tolerance = np.array([c["tolerance"] for c in cost])
    axes[2].loglog(tolerance, [c["worst_error"] for c in cost], "o-", color="#1f5fa8", label="worst pixel's error")
    axes[2].loglog(tolerance, tolerance, "--", color="#808088", linewidth=1, label="the tolerance itself")
    axes[2].axvline(9e-4, color="#c03030", linewidth=1)
    axes[2].text(8e-4, 1.4e-2, "default", color="#c03030", ha="left", va="top", fontsize=9)
    axes[2].set_xlabel("tolerance asked for")
    axes[2].set_ylabel("error / brightest pixel")
    axes[2].invert_xaxis()
    axes[2].set_ylim(5e-6, 2e-2)
    axes[2].legend(loc="lower left", bbox_to_anchor=(0, 0.12), fontsize=9, edgecolor=BACK, framealpha=1)
    cells = axes[2].twinx()
    cells.semilogx(tolerance, [c["cells"] for c in cost], "s:", color="#3a8a3a")
    cells.set_ylabel("cells of both sources", color="#3a8a3a")
    axes[2].set_title("what accuracy costs")
    figure.savefig(out / "rendering-error.png")


if __name__ == "__main__":
    samples_figure(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
    error_figure(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
