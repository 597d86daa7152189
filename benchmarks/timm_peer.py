"""timm, also beside a torchvision that was built for another torch: timm needs none of its compiled operators."""

import sys

import torch

try:
    import timm
except RuntimeError:
    for module in [name for name in sys.modules if name.startswith("torchvision")]:
        del sys.modules[module]
    for operator in ("nms", "qnms"):
        torch.library.define(f"torchvision::{operator}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import timm

__all__ = ["timm"]
