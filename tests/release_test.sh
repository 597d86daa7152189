#!/usr/bin/env bash
# scripts/release takes a clean tree of a version that CHANGELOG.md names with a date, and no other.   release_test.sh SOURCE_DIR
set -euo pipefail
source=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "release: $*" >&2; exit 1; }
mkdir "$work/tree"
cd "$work/tree"
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.invalid GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.invalid
(cd "$source" && tar -cf - CMakeLists.txt pyproject.toml CITATION.cff codemeta.json CHANGELOG.md packages scripts tests/versions_test.py .gitignore) | tar -xf -
commit() { git add -A && git commit -q -m "$1"; }
refused() { if scripts/release --check "${@:2}" >"$work/said" 2>&1; then fail "took: $1"; else grep -q "$1" "$work/said" || fail "$(cat "$work/said")"; fi; }
git init -q
version=$(sed -nE 's/^project\(lensfind VERSION ([0-9.]+).*/\1/p' CMakeLists.txt)

sed -i "s/^## $version.*/## $version (unreleased)/" CHANGELOG.md
commit "not yet"
refused "gives $version no date"
scripts/release --check --trial | grep -q "$version can be made" || fail "a trial is refused"

sed -i "s/^## $version.*/## $version (2026-12-01)/" CHANGELOG.md
refused "not committed"
commit "dated"
scripts/release --check | grep -q "$version can be made" || fail "a dated version is refused"
touch beside.txt
refused "not committed"
rm beside.txt

for file in CMakeLists.txt CITATION.cff codemeta.json packages/conda/recipe.yaml packages/lensfind.def; do
  sed -i "s/$version/9.8.7/" "$file"
  commit "another version in $file"
  refused "has several"
  git reset -q --hard HEAD~1
done
sed -i "s/^## $version/## 9.8.7/" CHANGELOG.md
commit "another version in CHANGELOG.md"
refused "has several"
git reset -q --hard HEAD~1
sed -i "s/^openvino_version=.*/openvino_version=2099.1.0/" scripts/setup
commit "another OpenVINO"
refused "OpenVINO has several"
