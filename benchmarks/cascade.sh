#!/usr/bin/env bash
# A survey of 200,000 simulated cutouts, one lens in 1,000, scored by a cascade and by its teacher alone, in turn, on 2 threads; and which
# lenses that the teacher finds at a false-positive rate of 1e-3 the cascade loses. Everything is made where it is missing, which takes 14 GB
# of disk and hours (the teacher, a ResNet-18 on 30,000 cutouts, is trained first).
#   LENSFIND_TEACHER=MODEL   a model folder for hsc cutouts of 3 bands and 64 pixels (default build/cascade-bench/teacher)
#   LENSFIND_BIN=FOLDER      of the built programs (default build/release/bin)
#   LENSFIND_PRECISIONS="f32 bf16"
#   cascade.sh [FOLDER]      what is made stays there (default build/cascade-bench)
set -euo pipefail
cd "$(dirname "$0")/.."
lensfind=${LENSFIND_BIN:-build/release/bin}/lensfind
folder=${1:-build/cascade-bench}
teacher=${LENSFIND_TEACHER:-$folder/teacher}
survey=$folder/survey/train.npy
mkdir -p "$folder"
made() { [ -e "$1" ] || { shift; "$lensfind" "$@" --threads "${threads:-2}" >&2; }; }
made "$folder/cutouts/truth.csv" simulate "$folder/cutouts" --survey hsc --lenses 4000 --nonlenses 32000 --test-lenses 1500 \
  --test-nonlenses 10000 --format stack --seed 501
made "$survey" simulate "$folder/survey" --survey hsc --lenses 200 --nonlenses 199800 --format stack --seed 777
if [ ! -e "$teacher/model.json" ]; then
  made "$folder/first/truth.csv" simulate "$folder/first" --survey hsc --lenses 1730 --nonlenses 28675 --format stack --seed 1
  made "$teacher/model.json" train --recipe lensfind --data "$folder/first" --out "$teacher" --set epochs=4 --resume
fi
threads=1 made "$folder/cascade/model.json" cascade --teacher "$teacher" --data "$folder/cutouts" --out "$folder/cascade" --resume
precisions=(f32)
if grep -qw avx512_bf16 /proc/cpuinfo; then precisions+=(bf16); fi
[ -z "${LENSFIND_PRECISIONS:-}" ] || read -ra precisions <<<"$LENSFIND_PRECISIONS"
score() { "$lensfind" score "$1" "$survey" --out "$folder/$2.csv" --overwrite --precision "$3" --threads 2 --quiet --json | python3 -c '
import json, sys
print(round(json.load(sys.stdin)["images_per_second"]))'; }
for precision in "${precisions[@]}"; do
  cat "$survey" >/dev/null  # into the page cache
  alone=$(score "$teacher" alone "$precision")
  cat "$survey" >/dev/null
  both=$(score "$folder/cascade" both "$precision")
  python3 benchmarks/cascade_table.py "$folder" "$precision" "$alone" "$both"
done
