#!/usr/bin/env bash
# Augmentation of the study's chain and reading of a .npy cutout: lensfind and albumentations 1.4.20 with numpy, in turn, on one core each.
# Takes a cutout (default: a genuine one of ../shared); the peer lives in build/peer-venv.
set -euo pipefail
cd "$(dirname "$0")/.."
cutout=${1:-../shared/data/deeplense-sample/train_lenses/1.npy}
peer=build/peer-venv/bin/python
if ! "$peer" -c 'import albumentations' 2>/dev/null; then
  python3 -m venv build/peer-venv
  build/peer-venv/bin/pip install -q 'albumentations==1.4.20' 'opencv-python-headless==4.10.0.84' 'numpy==1.26.4'
fi
for _ in 1 2 3; do
  build/release/bin/lensfind_augmentation_benchmark "$cutout" recipes/study-resnet18.toml
  "$peer" benchmarks/augmentation_peer.py "$cutout"
done
