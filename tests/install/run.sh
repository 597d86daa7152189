#!/usr/bin/env bash
# Installs a build, builds another project against it, and runs the installed program from another folder.   run.sh BUILD_DIR
set -euo pipefail
build=$1
source=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/prefix" >"$work/install.log"
cmake -S "$source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/configure.log" || { cat "$work/configure.log"; exit 1; }
cmake --build "$work/build"
"$work/build/consumer"
cd /
"$work/prefix/bin/lensfind" simulate "$work/set" --survey hsc --lenses 1 --nonlenses 1 --quiet
"$work/prefix/bin/lensfind" networks | grep -q resnet18
test -f "$work/set/train_lenses/1.npy"
