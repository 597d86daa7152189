"""Images per second of PyTorch eager on a folder of .npy cutouts, as a script would do it: np.load, batches of 128, channels_last.

score_peer.py FOLDER PRECISION THREADS ROUNDS      (f32, or bf16 by autocast); the network is ResNet-18 with random weights: speed does not depend on them
"""
import pathlib
import statistics
import sys
import time

import numpy as np
import torch
from torch import nn


def block(inside, outside, stride):
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(inplace=True),
                                      nn.Conv2d(outside, outside, 3, 1, 1, bias=False), nn.BatchNorm2d(outside))
            self.skip = nn.Sequential(nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside)) if stride != 1 or inside != outside else nn.Identity()

        def forward(self, x):
            return torch.relu(self.body(x) + self.skip(x))
    return Block()


def resnet18():
    layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    width = 64
    for outside, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        layers += [block(width, outside, stride), block(outside, outside, 1)]
        width = outside
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 2))


folder, precision, threads, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(threads)
model = resnet18().eval().to(memory_format=torch.channels_last)
files = sorted(pathlib.Path(folder).glob("*.npy"))
rates = []
with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
    for _ in range(rounds + 1):
        begin = time.perf_counter()
        for first in range(0, len(files), 128):
            batch = torch.from_numpy(np.stack([np.load(f) for f in files[first:first + 128]])).to(memory_format=torch.channels_last)
            model(batch).float().numpy()
        rates.append(len(files) / (time.perf_counter() - begin))
print(f"PyTorch {torch.__version__} eager, {precision}: {statistics.median(rates[1:]):.0f} images/s from files")
