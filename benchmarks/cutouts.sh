#!/usr/bin/env bash
# Cutouts a second of one thread, cut from a field with a catalogue and read from FITS files, beside astropy (Cutout2D, fits.getdata).
#   LENSFIND_PEER=PYTHON   one that has astropy (default: a venv in build/cutouts-peer)
#   LENSFIND_BIN=FOLDER    of the built programs (default build/release/bin)
set -euo pipefail
cd "$(dirname "$0")/.."
peer=${LENSFIND_PEER:-}
if [ -z "$peer" ]; then
  [ -d build/cutouts-peer ] || python3 -m venv build/cutouts-peer
  build/cutouts-peer/bin/pip install -q astropy==8.0.2
  peer=build/cutouts-peer/bin/python
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$peer" benchmarks/cutouts_peer.py make "$folder"
for _ in 1 2 3; do
  echo "lensfind:"
  "${LENSFIND_BIN:-build/release/bin}/lensfind_cutouts_benchmark" "$folder"
  echo "astropy:"
  "$peer" benchmarks/cutouts_peer.py measure "$folder"
done
