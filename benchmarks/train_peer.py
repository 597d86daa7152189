"""The study's recipe as a practitioner writes it: PyTorch, timm, albumentations 1.4.20; batch 32, a DataLoader with 2 workers, float32.

train_peer.py SET NETWORK EPOCHS     prints seconds and images of each epoch (validation too), and seconds to the first step
Training side and copies are as many as lensfind's: every tenth cutout of a class validates, each training lens has nine augmented copies.
"""
import pathlib
import sys
import time

START = time.time()

import albumentations as A  # noqa: E402
import numpy as np  # noqa: E402
import timm  # noqa: E402
import torch  # noqa: E402
from torch.utils.data import DataLoader, Dataset  # noqa: E402

COPIES, POSITIVE_WEIGHT, BATCH = 9, 16.575, 32

study = A.Compose([
    A.OneOf([A.HorizontalFlip(p=.8), A.VerticalFlip(p=.8), A.Transpose(p=.5)], p=.8),
    A.OneOf([A.RandomRotate90(p=.8), A.Rotate(limit=30, p=.8), A.ShiftScaleRotate(shift_limit=.15, scale_limit=.15, rotate_limit=45, p=.8)], p=.8),
    A.GaussianBlur(blur_limit=3, p=.5),
    A.OneOf([A.RandomBrightnessContrast(.2, .2, p=.6), A.RandomGamma((80, 120), p=.5), A.HueSaturationValue(20, 20, 20, p=.5)], p=.7),
])


class Cutouts(Dataset):
    def __init__(self, items, mean, deviation):
        self.items = items  # (path, label, copy)
        self.mean, self.deviation = mean, deviation

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        path, label, copy = self.items[index]
        image = np.load(path)
        if copy > 0:
            image = study(image=np.ascontiguousarray(image.transpose(1, 2, 0)))["image"].transpose(2, 0, 1)
        return torch.from_numpy((image - self.mean) / self.deviation), label


def statistics_of(items):
    total, squares, count = np.zeros(3), np.zeros(3), 0
    for path, _, _ in items:
        image = np.load(path).astype(np.float64)
        total += image.sum((1, 2))
        squares += (image**2).sum((1, 2))
        count += image[0].size
    mean = total / count
    return [v.astype(np.float32).reshape(3, 1, 1) for v in (mean, np.sqrt(squares / count - mean**2))]


def auc(logits, labels):
    ranks = np.empty(len(logits))
    ranks[np.argsort(logits)] = np.arange(1, len(logits) + 1)
    lenses = labels == 1
    n = lenses.sum()
    return (ranks[lenses].sum() - n * (n + 1) / 2) / (n * (len(labels) - n))


def main():
    folder, network, epochs = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    torch.manual_seed(0)
    train, validation = [], []
    for name, label in (("train_lenses", 1), ("train_nonlenses", 0)):
        for i, path in enumerate(sorted((folder / name).glob("*.npy"))):
            (validation if i % 10 == 0 else train).append((str(path), label, 0))
    mean, deviation = statistics_of(train)
    copies = [(path, label, c) for path, label, _ in train if label for c in range(1, COPIES + 1)]
    loader = DataLoader(Cutouts(train + copies, mean, deviation), BATCH, shuffle=True, num_workers=2)
    validation_loader = DataLoader(Cutouts(validation, mean, deviation), BATCH, num_workers=2)
    model = timm.create_model(network, num_classes=2)
    loss_of = torch.nn.BCEWithLogitsLoss(pos_weight=torch.tensor(POSITIVE_WEIGHT))
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=1e-4)
    first = None
    for epoch in range(epochs):
        begin = time.time()
        model.train()
        running = 0.0
        for images, labels in loader:
            optimiser.zero_grad()
            loss = loss_of(model(images), torch.nn.functional.one_hot(labels, 2).float())
            loss.backward()
            optimiser.step()
            running += loss.item() * len(labels)
            first = first or time.time() - START
        model.eval()
        logits, truth = [], []
        with torch.no_grad():
            for images, labels in validation_loader:
                out = model(images)
                logits.append((out[:, 1] - out[:, 0]).numpy())
                truth.append(labels.numpy())
        shown = len(train) + len(copies)
        seconds = time.time() - begin
        print(f"peer       {network:20s} f32  epoch {epoch + 1}: {shown} images, {seconds:6.2f} s, {shown / seconds:6.1f} images/s"
              f"   (AUC {auc(np.concatenate(logits), np.concatenate(truth)):.3f}, first step after {first:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
