#!/usr/bin/env bash
# Scores a set of inputs of all kinds, good and bad, unbroken and killed again and again with other numbers of threads: the tables must be
# the same to the byte, and scored and rejected what the set was made with.
#   tests/torture/run.sh BUILD [INPUTS [KILLS]]      e.g. tests/torture/run.sh build/release 20000 20
set -euo pipefail
build=$(realpath "$1") inputs=${2:-20000} kills=${3:-20}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"$build/bin/torture_set" . "$inputs"

command=("$build/bin/lensfind" score model.onnx set --band g --band r --band i --precision f32 --quiet)
score() { "${command[@]}" "$@" >/dev/null; }

began=$(date +%s%N)
score --out whole.csv
whole_ms=$((($(date +%s%N) - began) / 1000000))
scored=$(($(wc -l <whole.csv) - 1)) rejected=$(($(wc -l <whole.rejected.csv) - 1))
grep -q "\"scored\": *$scored,\?$" expected.json && grep -q "\"rejected\": *$rejected,\?$" expected.json || {
  echo "torture: $scored scored and $rejected rejected, but the set was made with:" >&2
  cat expected.json >&2
  exit 1
}

killed=0 runs=0
while [ "$killed" -lt "$kills" ]; do
  "${command[@]}" --out broken.csv --resume --threads $((1 + RANDOM % 3)) >/dev/null &
  program=$!
  sleep "$(printf '0.%03d' $((100 + RANDOM % (whole_ms > 899 ? 899 : whole_ms))))"
  if kill -9 "$program" 2>/dev/null; then killed=$((killed + 1)); fi
  wait "$program" 2>/dev/null || { [ $? -eq 137 ] && continue; exit 1; }
  # It was done before it was killed: what it left must be the whole table; then it begins anew.
  cmp whole.csv broken.csv && cmp whole.rejected.csv broken.rejected.csv
  rm broken.csv broken.rejected.csv
  runs=$((runs + 1))
done
score --out broken.csv --resume
cmp whole.csv broken.csv
cmp whole.rejected.csv broken.rejected.csv
left=$(find . -name '*.tmp-*' -o -name '*.parts')
[ -z "$left" ] || { echo "torture: left behind: $left" >&2; exit 1; }
echo "torture: $inputs inputs, $scored scored, $rejected rejected; the same bytes after $killed kills ($((runs + 1)) whole runs among them)"
