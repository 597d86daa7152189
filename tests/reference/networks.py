"""Makes networks/*.json: what timm 1.0.31 on torch 2.13.0 (CPU, float32) computes for networks of 3 bands, 64 x 64 pixels and 2 logits.

    python networks.py [NAME...]

No weight file is needed: every parameter and buffer is filled by a rule (tests/reference_fill.h has it in C++). u_i is
splitmix64(fnv1a64(name) + (i + 1) * 0x9E3779B97F4A7C15) >> 11, times 2^-53, times 2, minus 1, in row-major order. Weights of convolutions are
sqrt(6 / fan_in) u, of linear layers sqrt(3 / fan_in) u, of norms 1 + 0.1 u; biases and running means 0.1 u; running variances
1 + 0.5 |u|; pixels (u + 1) / 2.

In a file: parameters and buffers (timm's names and shapes, in order); eval_logits of 4 cutouts "input"; train_loss of 8 cutouts "train" in
training mode, binary cross-entropy with logits over one-hot targets 0 1 0 1 0 0 1 0; train_gradient_norms, each parameter's."""
import json
import pathlib
import sys

import numpy as np
import timm
import torch

NETWORKS = ["resnet18", "resnet50", "tf_efficientnet_b0", "tf_efficientnet_b1", "tf_efficientnet_b2", "mobilevitv2_050", "mobilevitv2_100"]
MASK = (1 << 64) - 1


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


def uniform(name, count):
    """Numbers in [-1, 1) that depend on the name alone."""
    with np.errstate(over="ignore"):
        z = np.uint64(fnv1a(name)) + (np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53 * 2 - 1


def filled(name, tensor, norm):
    u = uniform(name, tensor.numel())
    if name.endswith("running_var"):
        return 1 + 0.5 * np.abs(u)
    if norm and name.endswith("weight"):
        return 1 + 0.1 * u
    if tensor.dim() < 2:
        return 0.1 * u
    return np.sqrt((6 if tensor.dim() == 4 else 3) / tensor[0].numel()) * u


def build(network):
    model = timm.create_model(network, pretrained=False, num_classes=2, in_chans=3)
    norms = (torch.nn.BatchNorm2d, torch.nn.GroupNorm, torch.nn.LayerNorm)
    with torch.no_grad():
        for prefix, module in model.named_modules():
            for short, tensor in [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]:
                if short != "num_batches_tracked":
                    name = f"{prefix}.{short}" if prefix else short
                    values = filled(name, tensor, isinstance(module, norms)).astype(np.float32)
                    tensor.copy_(torch.from_numpy(values).reshape(tensor.shape))
    return model


def cutouts(label, count):
    return torch.from_numpy(((uniform(label, count * 3 * 64 * 64) + 1) / 2).astype(np.float32)).reshape(count, 3, 64, 64)


def described(tensors):
    return [{"name": name, "shape": list(tensor.shape)} for name, tensor in tensors]


def reference(network):
    with torch.no_grad():
        logits = build(network).eval()(cutouts("input", 4))
    model = build(network).train()
    targets = torch.nn.functional.one_hot(torch.tensor([0, 1, 0, 1, 0, 0, 1, 0]), 2).float()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(model(cutouts("train", 8)), targets)
    loss.backward()
    return {
        "network": network,
        "timm": timm.__version__,
        "torch": torch.__version__,
        "parameters": described(model.named_parameters()),
        "buffers": described(model.named_buffers()),
        "parameter_count": sum(parameter.numel() for parameter in model.parameters()),
        "eval_logits": logits.tolist(),
        "train_loss": loss.item(),
        "train_gradient_norms": {name: float(f"{parameter.grad.double().norm():.9g}") for name, parameter in model.named_parameters()},
    }


if __name__ == "__main__":
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(2)  # the gradients of resnet50 hang on the order of sums; executor_test.cpp sums with 2 threads too
    out = pathlib.Path(__file__).parent / "networks"
    out.mkdir(exist_ok=True)
    for network in sys.argv[1:] or NETWORKS:
        (out / f"{network}.json").write_text(json.dumps(reference(network), separators=(",", ":")) + "\n")
        print(network)
