"""Makes networks/*.json: what timm 1.0.31 (1.0.29 for those with attention) on torch 2.13.0 (CPU, float32) computes for networks of 3 bands,
64 x 64 pixels and 2 logits. Those that timm does not have are written for PyTorch in equivariant.py and below.

    python networks.py [NAME...]

filling.py says how every parameter and buffer, and the pixels, are filled.

In a file: parameters and buffers (timm's names and shapes, in order); eval_logits of 4 cutouts "input"; train_loss of 8 cutouts "train" in
training mode, binary cross-entropy with logits over one-hot targets 0 1 0 1 0 0 1 0; train_gradient_norms, each parameter's."""

import json
import pathlib
import sys

import numpy as np
import timm
import torch
from equivariant import Equivariant
from filling import cutouts, filled

NETWORKS = ["resnet18", "resnet50", "tf_efficientnet_b0", "tf_efficientnet_b1", "tf_efficientnet_b2", "mobilevitv2_050", "mobilevitv2_100"]
ATTENTION = {"resnet18_se": "se", "resnet18_cbam": "cbam", "resnet18_coordinate": "coord"}
NETWORKS += [*ATTENTION, "resnet18_self_attention", "equivariant_d4", "efficientnet_lite0"]
TIMMS_NAME = {"efficientnet_lite0": "tf_efficientnet_lite0"}


class SelfAttention(torch.nn.Module):
    """As self_attention.h says, by PyTorch's own attention."""

    def __init__(self, channels, heads=4):
        super().__init__()
        self.heads = heads
        self.norm = torch.nn.GroupNorm(1, channels)
        self.qkv = torch.nn.Conv2d(channels, 3 * channels // 2, 1)
        self.proj = torch.nn.Conv2d(channels // 2, channels, 1, bias=False)
        self.proj_norm = torch.nn.BatchNorm2d(channels)

    def forward(self, x):
        n, _, height, width = x.shape
        q, k, v = self.qkv(self.norm(x)).view(n, 3, self.heads, -1, height * width).transpose(3, 4).unbind(1)
        seen = torch.nn.functional.scaled_dot_product_attention(q, k, v)
        return x + self.proj_norm(self.proj(seen.transpose(2, 3).reshape(n, -1, height, width)))


class WithSelfAttention(torch.nn.Module):
    def __init__(self, resnet):
        super().__init__()
        for name, module in resnet.named_children():
            if name == "layer4":
                self.attention = SelfAttention(256)
            setattr(self, name, module)

    def forward(self, x):
        for module in self.children():
            x = module(x)
        return x


def untrained(network):
    options = {"pretrained": False, "num_classes": 2, "in_chans": 3}
    if network in ATTENTION:
        return timm.create_model("resnet18", **options, block_args={"attn_layer": ATTENTION[network]})
    if network == "resnet18_self_attention":
        return WithSelfAttention(timm.create_model("resnet18", **options))
    return Equivariant(8) if network == "equivariant_d4" else timm.create_model(TIMMS_NAME.get(network, network), **options)


def build(network):
    model = untrained(network)
    with torch.no_grad():
        for prefix, module in model.named_modules():
            for short, tensor in [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]:
                if short != "num_batches_tracked":
                    name = f"{prefix}.{short}" if prefix else short
                    values = filled(name, tuple(tensor.shape)).astype(np.float32)
                    tensor.copy_(torch.from_numpy(values).reshape(tensor.shape))
    return model


def described(tensors):
    return [{"name": name, "shape": list(tensor.shape)} for name, tensor in tensors]


def reference(network):
    with torch.no_grad():
        logits = build(network).eval()(torch.from_numpy(cutouts("input", 4)))
    model = build(network).train()
    targets = torch.nn.functional.one_hot(torch.tensor([0, 1, 0, 1, 0, 0, 1, 0]), 2).float()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(model(torch.from_numpy(cutouts("train", 8))), targets)
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
