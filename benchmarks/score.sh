#!/usr/bin/env bash
# Scoring with ResNet-18 on 2 threads: the engine alone, lensfind from files and from a stack, and PyTorch eager from the same files, in turn.
# The peer is the PyTorch of .venv; a first argument names the folder of the built programs.
set -euo pipefail
cd "$(dirname "$0")/.."
programs=${1:-build/release/bin}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for precision in f32 bf16; do
  for _ in 1 2 3; do
    "$programs/lensfind_score_benchmark" "$folder" resnet18 "$precision" 2 3
    .venv/bin/python benchmarks/score_peer.py "$folder/cutouts" "$precision" 2 2
  done
done
