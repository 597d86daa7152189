#!/usr/bin/env bash
# `Model.score` of an array beside `lensfind score` of the same array as a stack, and beside PyTorch eager on it with the same weights, in turn,
# on 2 threads in f32; and how long `import lensfind` takes. A table in Markdown comes out.
#   LENSFIND_PEER=PYTHON   one that has torch 2.13, timm, numpy, safetensors and openvino (default: .venv with timm and safetensors beside it)
#   python_score.sh [NETWORK ...]
set -euo pipefail
cd "$(dirname "$0")/.."
compgen -G 'build/release/python/lensfind/_core*.so' >/dev/null || { echo "error: import lensfind is not built: LENSFIND_PYTHON=1 scripts/build" >&2; exit 1; }
networks=("$@")
[ ${#networks[@]} -gt 0 ] || networks=(resnet18 tf_efficientnet_b1 mobilevitv2_100)
. benchmarks/score_peer.sh
PYTHONPATH=$PWD/build/release/python "$peer" benchmarks/python_score.py "${networks[@]}"
