"""A D4-equivariant residual network in PyTorch by the definition: numpy-style rot90 and flip move kernels and channels, with no table of the group.
It is what equivariant.h describes, for networks.py."""

import torch
from torch import nn
from torch.nn import functional


def moved(images, symmetry):
    """The last two axes flipped left and right where symmetry >= 4, then turned by symmetry % 4 quarter turns anticlockwise."""
    return torch.rot90(images.flip(-1) if symmetry >= 4 else images, symmetry % 4, (-2, -1))


def place(symmetry):
    """Where the mark of each symmetry goes when `symmetry` follows: found by moving an image without any symmetry of its own."""
    image = torch.arange(9.0).view(3, 3)
    views = [moved(image, first) for first in range(8)]
    return [next(i for i in range(8) if torch.equal(views[i], moved(view, symmetry))) for view in views]


class Lifting(nn.Module):
    def __init__(self, channels, fields, side):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(fields, channels, side, side))

    def forward(self, x):
        return functional.conv2d(x, torch.cat([moved(self.weight, g) for g in range(8)]), padding=self.weight.shape[-1] // 2)


class Regular(nn.Module):
    """On (n, 8 x fields_read, height, width). What a kernel reads at symmetry h, its copy moved by g reads at g h."""

    def __init__(self, fields_read, fields, side):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(fields, 8 * fields_read, side, side))

    def forward(self, x):
        fields, channels, side, _ = self.weight.shape
        stored = self.weight.view(fields, 8, channels // 8, side, side)
        copies = []
        for g in range(8):
            copy = torch.empty_like(stored)
            copy[:, place(g)] = moved(stored, g)
            copies.append(copy.reshape(fields, channels, side, side))
        return functional.conv2d(x, torch.cat(copies), padding=side // 2)


class SharedNorm(nn.BatchNorm2d):
    def forward(self, x):
        n, channels, height, width = x.shape
        fields = x.view(n, 8, channels // 8, height, width).transpose(1, 2).reshape(n, channels // 8, 8 * height, width)
        normal = super().forward(fields)
        return normal.view(n, channels // 8, 8, height, width).transpose(1, 2).reshape(n, channels, height, width)


def halved(x):
    if x.shape[-1] % 2 == 0:
        return functional.avg_pool2d(x, 2)
    return functional.avg_pool2d(x, 3, 2, 1, count_include_pad=False)


class Block(nn.Module):
    def __init__(self, fields_read, fields, halves):
        super().__init__()
        self.halves = halves
        self.conv1, self.bn1 = Regular(fields_read, fields, 3), SharedNorm(fields)
        self.conv2, self.bn2 = Regular(fields, fields, 3), SharedNorm(fields)
        self.downsample = nn.Sequential(Regular(fields_read, fields, 1), SharedNorm(fields)) if fields != fields_read else None

    def forward(self, x):
        branch = functional.relu(self.bn1(self.conv1(x)))
        shortcut = halved(x) if self.halves else x
        branch = self.bn2(self.conv2(halved(branch) if self.halves else branch))
        return functional.relu(branch + (self.downsample(shortcut) if self.downsample else shortcut))


class Stem(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.lift, self.bn1 = Lifting(3, width // 2, 5), SharedNorm(width // 2)
        self.conv, self.bn2 = Regular(width // 2, width, 3), SharedNorm(width)

    def forward(self, x):
        x = halved(functional.relu(self.bn1(self.lift(x))))
        return halved(functional.relu(self.bn2(self.conv(x))))


class Equivariant(nn.Module):
    def __init__(self, width, outputs=2):
        super().__init__()
        self.stem = Stem(width)
        before = width
        for stage, fields in enumerate([width, width * 3 // 2, width * 3, width * 6], 1):
            setattr(self, f"layer{stage}", nn.Sequential(Block(before, fields, stage > 1), Block(fields, fields, False)))
            before = fields
        self.fc = nn.Linear(before, outputs)

    def forward(self, x):
        x = self.layer4(self.layer3(self.layer2(self.layer1(self.stem(x)))))
        return self.fc(x.mean((2, 3)).view(x.shape[0], 8, -1).mean(1))
