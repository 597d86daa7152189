"""Makes networks/efficientnet_lite_pytorch.json: what the package efficientnet-lite-pytorch 0.1.0 on torch 2.13.0 (CPU, float32) computes for
EfficientNet-Lite0 of 3 bands, 64 x 64 pixels and 2 logits, filled as filling.py says under the package's own names.

    python efficientnet_lite.py
    python efficientnet_lite.py --weights FILE.pth --model MODEL

The second form compares an imported model (`lensfind import --network efficientnet_lite0 --weights FILE.pth`, as it is with 2 logits) with the
package's features of the same weights: both see the same pixels, the bands in the opposite order, and the head is the model's own.

In the file: parameters and buffers (names and shapes, in order) and eval_logits of 4 cutouts "input"."""

import argparse
import json
import pathlib

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet
from filling import cutouts, filled

NAME = "efficientnet-lite0"


def package_network(classes):
    return EfficientNet.from_name(NAME, num_classes=classes, image_size=64).eval()


def reference():
    model = package_network(2)
    arrays = []
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if name.endswith("num_batches_tracked"):
                continue
            tensor.copy_(torch.from_numpy(filled(name, tuple(tensor.shape)).astype(np.float32)).reshape(tensor.shape))
            arrays.append({"name": name, "shape": list(tensor.shape)})
        logits = model(torch.from_numpy(cutouts("input", 4)))
    return {"network": NAME, "torch": torch.__version__, "arrays": arrays, "eval_logits": logits.tolist()}


def compare(weights, folder):
    """Prints the largest difference of logits over the largest logit."""
    import onnxruntime
    from safetensors.numpy import load_file

    model = package_network(1000)
    model.load_state_dict(torch.load(weights, map_location="cpu"))
    head = load_file(folder / "model.safetensors")
    pixels = cutouts("input", 4)
    with torch.no_grad():
        features = model.extract_features(torch.from_numpy(pixels[:, ::-1].copy())).mean((2, 3)).numpy()
    wanted = features @ head["classifier.weight"].T + head["classifier.bias"]
    got = onnxruntime.InferenceSession(folder / "model.onnx").run(None, {"cutouts": pixels})[0]
    print(f"largest logit {np.abs(wanted).max():.4g}, largest difference {np.abs(got - wanted).max():.2g}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", type=pathlib.Path)
    parser.add_argument("--model", type=pathlib.Path)
    asked = parser.parse_args()
    if asked.weights:
        compare(asked.weights, asked.model)
    else:
        path = pathlib.Path(__file__).parent / "networks" / "efficientnet_lite_pytorch.json"
        path.write_text(json.dumps(reference(), separators=(",", ":")) + "\n")
