"""Losses of pretraining for pretrain_loss_test.cpp: python pretraining.py > pretraining.json (torch 2.13.0, numpy 2.4.6)."""
import json
import math

import numpy as np
import torch
from torch.nn import functional

random = np.random.default_rng(4)


def view_case(rows, columns):
    predicted = random.normal(size=(rows, columns)).round(4)
    target = random.normal(.3, 1, size=(rows, columns)).round(4)
    p = torch.tensor(predicted, requires_grad=True)
    t = torch.tensor(target)
    # Grill et al. 2020, eq. 2: the squared distance of unit vectors.
    loss = functional.mse_loss(functional.normalize(p, dim=1), functional.normalize(t, dim=1), reduction="none").sum(1).mean()
    loss.backward()
    return {"predicted": predicted.tolist(), "target": target.tolist(), "loss": loss.item(), "gradient": p.grad.tolist()}


def hidden_case():
    pixels = random.normal(size=(2, 3, 4, 4)).round(4)
    predicted = random.normal(size=(2, 3, 4, 4)).round(4)
    hidden = np.zeros((2, 1, 4, 4))
    hidden[0, 0, :2, 2:] = 1
    hidden[1, 0, 2:, :2] = 1
    hidden[1, 0, :2, :2] = 1
    p, x = torch.tensor(predicted, requires_grad=True), torch.tensor(pixels)
    chosen = torch.tensor(hidden).expand(2, 3, 4, 4) == 1
    loss = functional.l1_loss(p[chosen], x[chosen])
    loss.backward()
    return {"pixels": pixels.ravel().tolist(), "predicted": predicted.ravel().tolist(), "hidden": hidden.ravel().tolist(), "loss": loss.item(),
            "gradient": p.grad.ravel().tolist()}


def spread_case(rows, columns, offset):
    features = random.normal(offset, 1, size=(rows, columns)).round(4)
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    return {"features": features.tolist(), "spread": float(unit.std(axis=0).mean() * math.sqrt(columns))}


print(json.dumps({"views": [view_case(4, 5), view_case(1, 3)], "hidden": hidden_case(),
                  "spreads": [spread_case(6, 4, 0), spread_case(6, 4, 20)]}))
