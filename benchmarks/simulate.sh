#!/usr/bin/env bash
# A lensed scene in three bands with noise: lensfind and lenstronomy 1.14.2, in turn, on one core each. The peer lives in build/peer-lenstronomy
# (LENSFIND_PEER=PYTHON takes another); a first argument names the folder of the built programs.
set -euo pipefail
cd "$(dirname "$0")/.."
programs=${1:-build/release/bin}
peer=${LENSFIND_PEER:-build/peer-lenstronomy/bin/python}
if ! "$peer" -c 'import lenstronomy' 2>/dev/null; then
  python3 -m venv build/peer-lenstronomy
  build/peer-lenstronomy/bin/pip install -q 'lenstronomy==1.14.2'
fi
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 NUMBA_NUM_THREADS=1
for _ in 1 2 3; do
  "$programs/lensfind_simulate_benchmark"
  echo "AVX2:" && "$programs/lensfind_simulate_benchmark" --instructions avx2
  "$peer" benchmarks/simulate_peer.py
done
