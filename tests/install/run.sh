#!/usr/bin/env bash
# Installs a build, moves the tree, builds other projects against it (examples/cpp and one of all rooms), runs them, and runs the installed program
# from another folder with the libraries beside it.   run.sh BUILD_DIR
set -euo pipefail
build=$1
source=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "install: $*" >&2; exit 1; }

cmake --install "$build" --prefix "$work/first" >"$work/install.log"
cmake --install "$build" --prefix "$work/first" --component openvino >>"$work/install.log"
prefix=$work/moved
mv "$work/first" "$prefix"

# build_project FOLDER [ARGUMENT...]: into $work/NAME
build_project() {
  local folder=$1 name
  name=$(basename "$folder")
  shift
  cmake -S "$folder" -B "$work/$name" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_PREFIX_PATH="$prefix" "$@" >"$work/$name.log" 2>&1 || { cat "$work/$name.log"; exit 1; }
  cmake --build "$work/$name" >"$work/$name.log" 2>&1 || { cat "$work/$name.log"; exit 1; }
}

# All rooms.
build_project "$source"
"$work/install/consumer"

# One that evaluates needs no OpenVINO. A lens scores below one of three non-lenses: AUC (3 + 2) / 6.
build_project "$source/../../examples/cpp/evaluate_scores" -DCMAKE_DISABLE_FIND_PACKAGE_OpenVINO=ON
printf 'id,label,logit\na,1,3\nb,1,0.5\nc,0,1\nd,0,-1\ne,0,-2\n' >"$work/scores.csv"
"$work/evaluate_scores/evaluate_scores" "$work/scores.csv" >"$work/said"
grep -q '^AUC 0.833 ' "$work/said" || fail "evaluate_scores said $(cat "$work/said")"
ldd "$work/evaluate_scores/evaluate_scores" | grep -q libopenvino && fail "evaluate_scores needs OpenVINO"

# The same pixels as the program simulates.
build_project "$source/../../examples/cpp/simulate"
"$work/simulate/simulate_lenses" "$prefix/share/lensfind/surveys" 2 >"$work/said"
cd /
"$prefix/bin/lensfind" simulate "$work/set" --survey des --scaling none --test-lenses 2 --size 48 --seed 1 --quiet
radius=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; ++i) column[$i] = i } $column["lens"] == 1 || $column["label"] == 1 { printf "%.2f\n", $column["theta_e_arcsec"]; exit }' "$work/set/truth.csv")
grep -q "^lens 0: Einstein radius $radius arcsec" "$work/said" || fail "simulate_lenses said $(cat "$work/said"), the program $radius"

# That network's logit is the sum of pixel (i + 1) / 64 over its 32 pixels; the example's pixels count up modulo 97.
build_project "$source/../../examples/cpp/score_array"
"$work/score_array/score_array" "$source/../reference/onnx/plain.onnx" | cut -d, -f1 >"$work/said"
awk 'BEGIN { for (k = 0; k < 3; ++k) { sum = 0; for (i = 0; i < 32; ++i) sum += (32 * k + i) % 97 / 97 * (i + 1) / 64; printf "logit %.4f\n", sum } }' >"$work/logits"
diff "$work/logits" "$work/said" || fail "score_array gave other logits"

# What there is not, and what others must not include.
mkdir "$work/unknown"
printf 'cmake_minimum_required(VERSION 3.25)\nproject(unknown LANGUAGES CXX)\nfind_package(lensfind REQUIRED COMPONENTS evalaute)\n' >"$work/unknown/CMakeLists.txt"
cmake -S "$work/unknown" -B "$work/unknown/build" -DCMAKE_PREFIX_PATH="$prefix" >"$work/said" 2>&1 && fail "found a component that there is not"
grep -q 'no component' "$work/said" || fail "an unknown component: $(cat "$work/said")"
for internal in evaluate/bootstrap.h render/cells.h base/toml_limits.h train/train.h; do
  [ ! -e "$prefix/include/lensfind/$internal" ] || fail "$internal is installed"
done

# The program takes the libraries beside it, wherever the tree lies.
ldd "$prefix/bin/lensfind" | grep libopenvino | grep -q "moved/bin/../lib/" || fail "the program takes OpenVINO from $(ldd "$prefix/bin/lensfind" | grep libopenvino)"
"$prefix/bin/lensfind" networks | grep resnet18 >/dev/null
test -f "$work/set/test_lenses/1.npy"
