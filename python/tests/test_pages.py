"""Every command of the pages runs as it stands there, on less data; what is not run is said so on its page."""

from __future__ import annotations

import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from conftest import PROGRAM, ROOT, can_train, write_weights
from lensfind import _places

#: Stands right behind a block that the tests do not run, with the reason; the site shows it (docs/site/pages.py).
NOT_RUN = "<!-- not run by the tests: "

#: Numbers that are smaller here, and training that is shorter.
SMALLER = [
    (r"--lenses \d+", "--lenses 100"),
    (r"--nonlenses \d+", "--nonlenses 100"),
    (r"--test-lenses \d+", "--test-lenses 12"),
    (r"--test-nonlenses \d+", "--test-nonlenses 30"),
    (r"--recipe lensfind", "--recipe demo --set epochs=4 --set network=mobilevitv2_050 --set validation_fraction=0.3 --threads 1"),
    (r"(?<=--set )network=\w+ ", "network=mobilevitv2_050 "),
    (r" --open\b", ""),
    (r"(lensfind adapt \S+ --images \S+) --labels \S+", r"\1 --steps statistics"),  # the one that trains nothing
]

#: Of pages with commands of their own in every block; `lensfind` is the program alone in them.
PAGES = [
    "README.md",
    "docs/adapting.md",
    "docs/candidates.md",
    "docs/evaluation.md",
    "docs/howto-bands.md",
    "docs/howto-network.md",
    "docs/howto-publish.md",
    "docs/howto-slurm.md",
    "docs/howto-threshold.md",
    "docs/models.md",
    "docs/tutorial.md",
]


def blocks(page: pathlib.Path) -> Iterator[tuple[int, str, bool]]:
    """Line, text and whether it is to be run, of each block of shell."""
    text = page.read_text(encoding="utf-8")
    for found in re.finditer(r"^ *```sh\n(.*?)^ *```\n(\n?[^\n]*)", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, found.start()) + 2, found[1], not found[2].strip().startswith(NOT_RUN)


def commands(block: str) -> Iterator[list[str]]:
    """The words of each line, comments left out."""
    for line in block.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words:
            yield words


def smaller(words: list[str]) -> list[str]:
    line = shlex.join(words)
    for pattern, text in SMALLER:
        line = re.sub(pattern, text, line)
    return shlex.split(line)


@pytest.fixture(scope="session")
def world(program: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Files under the names that the pages give theirs."""
    place = tmp_path_factory.mktemp("world")
    des = ROOT / "models" / "des"

    def simulate(name: str, *more: Any, seed: int, form: str = "fits") -> None:
        program("simulate", place / name, "--survey", "des", "--format", form, "--seed", seed, "--quiet", *more)

    both = ("--lenses", 24, "--nonlenses", 60, "--test-lenses", 12, "--test-nonlenses", 60)
    simulate("cutouts", *both, "--set", "population.star_density_arcmin2=60", seed=1)
    simulate("labelled", "--lenses", 60, "--nonlenses", 240, seed=2)
    simulate("judged", "--test-lenses", 30, "--test-nonlenses", 120, seed=3)
    simulate("survey", "--test-lenses", 4, "--test-nonlenses", 40, seed=4)
    simulate("stacked", *both, seed=5, form="stack")
    simulate("painted", "--lenses", 30, "--nonlenses", 10, seed=6)
    shutil.copytree(des, place / "other-model")
    if can_train():
        quick = ("--set", "network=mobilevitv2_050", "--set", "epochs=1", "--set", "validation_fraction=0.3", "--threads", 1, "--quiet")
        program("train", "--recipe", "demo", "--data", place / "cutouts", "--out", place / "model", *quick)
    (place / "stacks").mkdir()
    shutil.copy(place / "stacked" / "test.npy", place / "stacks" / "a.npy")
    shutil.copy(place / "stacked" / "test.npy", place / "survey.npy")
    for copy in ("my-cutouts", "my-survey", "fields", "tiles"):
        (place / copy).symlink_to("survey")
    program("export", "des", "--out", place / "anyone.onnx", "--quiet")
    write_weights(place / "weights.safetensors", "mobilevitv2_050")
    program("score", "des", place / "survey", "--out", place / "scores.csv", "--quiet", "--threads", 1)
    program("score", "des", place / "survey", "--out", place / "scores.fits", "--quiet", "--threads", 1)
    labels = ["id,label,ra,dec"]
    rows = [line.split(",") for line in (place / "scores.csv").read_text().splitlines()]
    at = {name: i for i, name in enumerate(rows[0])}
    for row in rows[1:]:
        labels.append(f"{row[at['id']]},{int('test_lenses' in row[at['id']])},{row[at.get('ra', 0)]},{row[at.get('dec', 0)]}")
    (place / "labels.csv").write_text("\n".join(labels) + "\n")
    (place / "known.csv").write_text("name,ra,dec\nA,150.0,2.0\nB,10.5,-3.25\n")
    shutil.copy(place / "known.csv", place / "known_lenses.csv")
    shutil.copy(place / "known.csv", place / "lenses.csv")
    random = np.random.default_rng(1)
    for name, column, shift in (("mine", "logit", 2.0), ("mine-validation", "logit", 2.0), ("ours", "score", 2.5), ("theirs", "score", 1.5)):
        truth = np.arange(200) < 40
        other = "v" * name.endswith("validation")  # these are other objects
        lines = [f"{other}{i},{int(label)},{random.normal(shift * label, 1):.4f}" for i, label in enumerate(truth)]
        (place / f"{name}.csv").write_text(f"id,label,{column}\n" + "\n".join(lines) + "\n")
    pytest.importorskip("astropy.table").Table.read(place / "theirs.csv").write(place / "theirs.fits")
    program("score", "des", place / "painted", "--out", place / "painted.csv", "--quiet", "--threads", 1)
    write_grades([place / "scores.csv", place / "painted.csv"], place)
    return place


def write_grades(scores: list[pathlib.Path], place: pathlib.Path) -> None:
    """What a person would leave on the page: grades of two graders, as tables."""
    random = np.random.default_rng(4)
    ids = [line.split(",")[0] for table in scores for line in table.read_text().splitlines()[1:]]
    for grader in ("anna", "ben"):
        rows = [f"{name},{grader},{'ABCX'[int(random.integers(4))]}" for name in ids]
        (place / f"{grader}.csv").write_text("id,grader,grade\n" + "\n".join(rows) + "\n")


@pytest.fixture
def page_folder(world: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A copy of the world of a page's own: folders are links, and what a page makes replaces them."""
    for path in world.iterdir():
        (tmp_path / path.name).symlink_to(path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make_room(words: list[str]) -> None:
    """What a command makes is taken away where it is: a link of the world, or what an earlier block of the page made, which begins anew."""
    made = [words[words.index(option) + 1] for option in ("--out", "--training-set") if option in words]
    if words[1:3] == ["grades", "export"] and "--labels" in words:
        made.append(words[words.index("--labels") + 1])
    if words[1] == "simulate":
        made.append(words[2])
    for name in made:
        stem, dot, _ = name.partition(".")
        for path in [pathlib.Path(name), *pathlib.Path(".").glob(f"{stem}.*" if dot else name)]:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def run(words: list[str], environment: dict[str, str], said: str) -> None:
    if words[0] == "lensfind" and words[1] == "inspect":
        grade_a_little([str(PROGRAM), *words[1:]], environment, said)
        return
    done = subprocess.run([str(PROGRAM), *words[1:]], capture_output=True, text=True, check=False, env=environment, timeout=600)
    assert done.returncode == 0, f"{said}\n{shlex.join(words)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"


def grade_a_little(command: list[str], environment: dict[str, str], said: str) -> None:
    """The page is served until Ctrl-C; a person's grades are written in its place."""
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    try:
        lines = []
        for line in server.stdout or ():
            lines.append(line)
            if "http://" in line:
                break
        assert any("http://" in line for line in lines), f"{said}\n{shlex.join(command)}\n{''.join(lines)}"
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=60)


@pytest.mark.parametrize("name", PAGES)
def test_a_pages_commands_run(name: str, page_folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    if not can_train() and name != "docs/models.md":
        pytest.skip("training is not here")
    environment = {**_places.library_path(), "SLURM_CPUS_PER_TASK": "1", "SCRATCH": str(tmp_path), "HOME": str(tmp_path)}
    ran = 0
    for line, block, is_run in blocks(ROOT / name):
        for words in commands(block) if is_run else ():
            said = f"{name}, line {line}"
            if words[0] == "srun":
                make_room(words[1:])
                for task in range(3):
                    slurm = {"SLURM_ARRAY_TASK_ID": str(task), "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_MAX": "2"}
                    known = {**environment, **slurm}
                    run([os.path.expandvars(word.replace("$SLURM_CPUS_PER_TASK", "1").replace("$SCRATCH", str(tmp_path))) for word in words[1:]], known, said)
                continue
            assert words[0] == "lensfind", f"{said}: {shlex.join(words)} is no command of the program: say below the block {NOT_RUN}why -->"
            make_room(words)
            run(with_grades(smaller(words)), environment, said)
            ran += 1
    assert ran > 0


def with_grades(words: list[str]) -> list[str]:
    """Nobody graded: tables of grades stand in for the files that the page would have left."""
    if words[1] not in ("grades", "evaluate"):
        return words
    found = []
    for word in words:
        if word in ("g.sqlite", "grades.sqlite", "scores.grades.sqlite"):
            found += ["anna.csv", "ben.csv"] if words[1] == "grades" else ["anna.csv"]
        else:
            found.append(word.replace("anna.sqlite", "anna.csv"))
    return found


def test_every_block_of_every_page_is_run_or_says_that_it_is_not() -> None:
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        name = page.relative_to(ROOT).as_posix()
        if name in PAGES:
            continue
        for line, _, is_run in blocks(page):
            assert not is_run, f"{name}, line {line}: no test runs this block, and the page does not say below it: {NOT_RUN}why -->"
