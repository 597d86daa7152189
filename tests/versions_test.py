"""The version of lensfind, and those of what it stands on, are the same wherever they are written down.

versions_test.py SOURCE_DIR
"""
import json
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])


def found(pattern: str, file: str) -> set[str]:
    """What the pattern's group holds wherever the file has it; it must have it."""
    texts = set(re.findall(pattern, (root / file).read_text(), re.MULTILINE))
    if not texts:
        sys.exit(f"versions: {file} says no version where one was looked for: {pattern}")
    return texts


def python_version() -> set[str]:
    """What the wheel takes its version from: the pattern of pyproject.toml, which is looked for in the file that it names."""
    text = (root / "pyproject.toml").read_text()
    section = text[text.index("[tool.scikit-build.metadata.version]"):]
    file, pattern = re.search(r'^input = "(.+)"$', section, re.MULTILINE), re.search(r"^regex = '(.+)'$", section, re.MULTILINE)
    return found(re.sub(r"\?P<value>", "", pattern[1]), file[1])


OURS = {
    "CMakeLists.txt": found(r"^project\(lensfind VERSION ([0-9.]+)", "CMakeLists.txt"),
    "pyproject.toml": python_version(),
    "CITATION.cff": found(r"^version: (\S+)", "CITATION.cff"),
    "codemeta.json": {json.loads((root / "codemeta.json").read_text())["version"]},
    "packages/conda/recipe.yaml": found(r'^  version: "(\S+)"', "packages/conda/recipe.yaml"),
    "packages/lensfind.def": found(r"lensfind_([0-9.]+)-1_amd64|^    Version (\S+)", "packages/lensfind.def"),
    "CHANGELOG.md, its first": {re.search(r"^## (\S+)", (root / "CHANGELOG.md").read_text(), re.MULTILINE)[1]},
}
OURS["packages/lensfind.def"] = {text for pair in OURS["packages/lensfind.def"] for text in pair if text}

needs = {one["name"]: one["version"] for one in json.loads((root / "codemeta.json").read_text())["softwareRequirements"]}
OPENVINO = {
    "scripts/setup": found(r"^openvino_version=(\S+)", "scripts/setup"),
    "pyproject.toml, to build": found(r'^requires = .*"openvino==([0-9.]+)"', "pyproject.toml"),
    "codemeta.json": {needs["OpenVINO"]},
}
#: To the minor version: what runs beside an installed package.
RUN_TIME = {
    "scripts/setup": {re.match(r"\d+\.\d+", text)[0] for text in OPENVINO["scripts/setup"]},
    "pyproject.toml": found(r'^dependencies = .*"openvino==([0-9.]+)\.\*"', "pyproject.toml"),
    "packages/conda/recipe.yaml": found(r"libopenvino\S* ([0-9.]+)\.\*", "packages/conda/recipe.yaml"),
}
TORCH = {
    "scripts/setup": {re.match(r"\d+\.\d+", text)[0] for text in found(r"^torch_version=(\S+)", "scripts/setup")},
    "pyproject.toml": found(r'"torch==([0-9.]+)\.\*"', "pyproject.toml"),
    "codemeta.json": {json.loads((root / "codemeta.json").read_text())["softwareSuggestions"][0]["version"]},
}

faults = 0
for what, places in {"lensfind": OURS, "OpenVINO": OPENVINO, "OpenVINO at run time": RUN_TIME, "torch": TORCH}.items():
    if len(set().union(*places.values())) == 1:
        continue
    faults += 1
    print(f"versions: {what} has several: " + "; ".join(f"{place}: {', '.join(sorted(texts))}" for place, texts in places.items()), file=sys.stderr)
sys.exit(1 if faults else 0)
