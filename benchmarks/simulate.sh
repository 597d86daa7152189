#!/usr/bin/env bash
# A lensed scene in three bands with noise: lensfind and lenstronomy 1.14.2, in turn, on one core each. The peer lives in build/peer-lenstronomy
# (LENSFIND_PEER=PYTHON takes another); a first argument names the folder of the built programs. Then the whole command on two threads:
# populations, selection, neighbours, noise, turning, scaling and writing a stack.
set -euo pipefail
cd "$(dirname "$0")/.."
programs=${1:-build/release/bin}
peer=${LENSFIND_PEER:-build/peer-lenstronomy/bin/python}
if ! "$peer" -c 'import lenstronomy' 2>/dev/null; then
  python3 -m venv build/peer-lenstronomy
  build/peer-lenstronomy/bin/pip install -q 'lenstronomy==1.14.2'
fi
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 NUMBA_NUM_THREADS=1
set=$(mktemp -d)
trap 'rm -rf "$set"' EXIT
whole_command() {  # lenses, non-lenses
  local TIMEFORMAT='%R %U %S' times
  times=$({ time "$programs/lensfind" simulate "$set/out" --overwrite --survey hsc --scaling minmax --format stack --threads 2 --quiet \
    --lenses "$1" --nonlenses "$2" >/dev/null; } 2>&1)
  awk -v n=$(($1 + $2)) -v lenses="$1" '{ printf "lensfind simulate, %d of %d lenses: %.3f ms wall, %.3f ms CPU a cutout\n", lenses, n, 1e3 * $1 / n, 1e3 * ($2 + $3) / n }' <<<"$times"
}
for _ in 1 2 3; do
  "$programs/lensfind_simulate_benchmark"
  echo "AVX2:" && "$programs/lensfind_simulate_benchmark" --instructions avx2
  "$peer" benchmarks/simulate_peer.py
  whole_command 600 9400
  whole_command 1000 1000
done
