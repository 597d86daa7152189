#!/usr/bin/env bash
# Scoring on 2 threads: the engine alone, lensfind from files and from a stack, and PyTorch eager from the same files with the same weights,
# in turn; and the time to the first score with the compiled network cached. A table in Markdown comes out.
#   LENSFIND_PEER=PYTHON   one that has torch 2.13, timm, numpy and safetensors (default: .venv with timm and safetensors installed beside it)
#   LENSFIND_BIN=FOLDER    of the built programs (default build/release/bin)
#   LENSFIND_PRECISIONS="f32 bf16"   (default: f32, bf16 where the processor has it, and int8 where it has VNNI)
#   score.sh [NETWORK ...]
set -euo pipefail
cd "$(dirname "$0")/.."
programs=${LENSFIND_BIN:-build/release/bin}
networks=("$@")
[ ${#networks[@]} -gt 0 ] || networks=(resnet18 tf_efficientnet_b1 tf_efficientnet_b2 mobilevitv2_100)
. benchmarks/score_peer.sh
precisions=(f32)
if grep -qw avx512_bf16 /proc/cpuinfo; then precisions+=(bf16); else echo "this processor has no bf16: not measured"; fi
if grep -qwE "avx512_vnni|avx_vnni" /proc/cpuinfo; then precisions+=(int8); else echo "this processor has no VNNI: int8 not measured"; fi
[ -z "${LENSFIND_PRECISIONS:-}" ] || read -ra precisions <<<"$LENSFIND_PRECISIONS"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for network in "${networks[@]}"; do
  for precision in "${precisions[@]}"; do
    for _ in 1 2 3; do
      "$programs/lensfind_score_benchmark" "$folder" "$network" "$precision" 2 1
      "$peer" benchmarks/score_peer.py "$folder" "$network" "$precision" 2 1
    done
    for state in fresh cached; do
      rm -f "$folder/first.csv"
      begin=$(date +%s%N)
      XDG_CACHE_HOME="$folder/cache" "$programs/lensfind" score "$folder/$network.onnx" "$folder/cutouts/0.npy" --out "$folder/first.csv" \
        --precision "$precision" --threads 2 --quiet >/dev/null
      echo "{\"network\": \"$network\", \"precision\": \"$precision\", \"$state\": $((($(date +%s%N) - begin) / 1000000))}"
    done
  done
done >"$folder/measurements"
python3 benchmarks/score_table.py "$folder/measurements"
