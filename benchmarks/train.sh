#!/usr/bin/env bash
# Whole epochs of the study's recipe on the same files: lensfind train beside PyTorch + timm + albumentations 1.4.20, in turn, 2 threads; and the time
# from start to the first step with 30,000 files.   benchmarks/train.sh [PROGRAMS [NETWORK ...]]     LENSFIND_PEER=PYTHON takes another peer
# (torch, torchvision, timm, albumentations==1.4.20); LENSFIND_SIZES="LENSES NONLENSES" another set. NETWORK: resnet18, tf_efficientnet_b1,
# mobilevitv2_100, or start-up.
set -euo pipefail
cd "$(dirname "$0")/.."
programs=${1:-build/release/bin}
shift || true
networks=("$@")
[ ${#networks[@]} -gt 0 ] || networks=(resnet18 tf_efficientnet_b1 mobilevitv2_100 start-up)
read -r lenses nonlenses <<<"${LENSFIND_SIZES:-100 500}"
peer=${LENSFIND_PEER:-build/peer-train/bin/python}
if ! "$peer" -c 'import timm, albumentations' 2>/dev/null; then
  python3 -m venv build/peer-train
  build/peer-train/bin/pip install -q --index-url https://download.pytorch.org/whl/cpu torch==2.13.0 torchvision==0.28.0
  build/peer-train/bin/pip install -q timm albumentations==1.4.20 opencv-python-headless==4.10.0.84
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
declare -A recipe=([resnet18]=study-resnet18 [tf_efficientnet_b1]=study-efficientnet-b1 [mobilevitv2_100]=study-mobilevitv2)

epochs_of() {  # NETWORK PRECISION
  rm -rf "$folder/run"
  "$programs/lensfind" train --recipe "${recipe[$1]}" --data "$folder/set" --out "$folder/run" --threads 2 --quiet --set epochs=2 \
    --set "precision=$2" >/dev/null
  awk -F, -v network="$1" -v precision="$2" 'NR > 1 { printf "lensfind   %-20s %-4s epoch %d: %d images, %6.2f s, %6.1f images/s\n",
    network, precision, $1, $7, $8, $7 / $8 }' "$folder/run/history.csv"
}

start_up() {
  "$peer" - "$folder/many" <<'P'
import pathlib, sys
import numpy as np
random = np.random.default_rng(1)
for name, count in (("train_lenses", 1700), ("train_nonlenses", 28300)):
    (pathlib.Path(sys.argv[1]) / name).mkdir(parents=True)
    for i in range(count):
        np.save(f"{sys.argv[1]}/{name}/{i}.npy", random.random((3, 64, 64), np.float32))
P
  for _ in 1 2; do
    rm -rf "$folder/run"
    begin=$(date +%s.%N)
    "$programs/lensfind" train --recipe study-resnet18 --data "$folder/many" --out "$folder/run" --threads 2 --quiet >/dev/null &
    job=$!
    # The list of sides is the last thing written before the first batch.
    until [ -e "$folder/run/split.csv" ]; do sleep .05; done
    awk -v a="$begin" -v b="$(date +%s.%N)" 'BEGIN { printf "lensfind   ready for the first step after %.1f s with 30,000 files\n", b - a }'
    kill -9 "$job"
    wait "$job" 2>/dev/null || true
  done
}

"$programs/lensfind" simulate "$folder/set" --survey hsc --scaling minmax --lenses "$lenses" --nonlenses "$nonlenses" --quiet --threads 2 >/dev/null
for network in "${networks[@]}"; do
  if [ "$network" = start-up ]; then
    start_up
    continue
  fi
  epochs_of "$network" f32
  "$peer" -W ignore benchmarks/train_peer.py "$folder/set" "$network" 2
  epochs_of "$network" bf16
done
