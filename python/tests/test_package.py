"""The package as a package: quick to import, at home in processes of any kind, quiet, typed."""

from __future__ import annotations

import json
import multiprocessing
import os
import pathlib
import pickle
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import lensfind as lf

IMPORT_CPU_SECONDS = 0.3


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    path = str(pathlib.Path(lf.__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=300, env={**os.environ, "PYTHONPATH": path, **environment}
    )


def test_import_is_quick() -> None:
    code = "import time, resource; b = time.process_time(); import lensfind; print(time.process_time() - b)"
    seconds = min(float(python(code).stdout) for _ in range(3))
    assert seconds < IMPORT_CPU_SECONDS


def test_import_brings_neither_torch_nor_astropy_nor_matplotlib() -> None:
    done = python("import lensfind, sys; print([n for n in ('torch', 'astropy', 'matplotlib', 'openvino', 'sklearn') if n in sys.modules])")
    assert done.stdout.strip() == "[]"


def test_everything_public_has_a_docstring() -> None:
    for name in lf.__all__:
        thing = getattr(lf, name)
        assert name.startswith("__") or thing.__doc__, name
        for part, value in vars(thing).items() if isinstance(thing, type) else ():
            if not part.startswith("_") and callable(value):
                assert value.__doc__, f"{name}.{part}"


def test_models_are_pickled(model: lf.Model, images: np.ndarray) -> None:
    copy = pickle.loads(pickle.dumps(model))
    assert np.array_equal(copy.score(images[:4]), model.score(images[:4]))
    with pytest.raises(lf.Error) as error:
        raise pickle.loads(pickle.dumps(lf.Error("what", "a hint")))
    assert error.value.hint == "a hint"


def _score_in_child(model: lf.Model, images: np.ndarray, queue: multiprocessing.Queue) -> None:
    queue.put(model.score(images))


@pytest.mark.parametrize("way", ["fork", "spawn", "forkserver"])
def test_models_score_in_other_processes(model: lf.Model, images: np.ndarray, way: str) -> None:
    wanted = model.score(images[:5])  # the parent's engine runs before the fork
    context = multiprocessing.get_context(way)
    queue = context.Queue()
    child = context.Process(target=_score_in_child, args=(model, images[:5], queue))
    child.start()
    found = queue.get(timeout=120)
    child.join(timeout=60)
    assert child.exitcode == 0 and np.array_equal(found, wanted)
    assert np.array_equal(model.score(images[:5]), wanted)


def test_control_c_stops_long_work() -> None:
    code = "import lensfind as lf\ntry:\n  lf.Survey('des').simulate(100000, threads=1)\nexcept KeyboardInterrupt:\n  print('stopped')"
    path = str(pathlib.Path(lf.__file__).parents[1])
    child = subprocess.Popen(
        [sys.executable, "-c", "print('up', flush=True)\n" + code], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    )
    assert child.stdout is not None and child.stdout.readline() == "up\n"
    time.sleep(3)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=60)
    assert out == "stopped\n" and child.returncode == 0


def test_the_interpreter_is_free_while_work_goes_on() -> None:
    counted = 0
    done = threading.Event()

    def count() -> None:
        nonlocal counted
        while not done.is_set():
            counted += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    lf.Survey("des").simulate(12, seed=2, threads=1)
    done.set()
    thread.join()
    assert counted > 10


def test_types_are_strict() -> None:
    mypy = pytest.importorskip("mypy.api")
    root = pathlib.Path(__file__).parents[2]
    out, errors, status = mypy.run(["--config-file", str(root / "pyproject.toml"), "--cache-dir", os.devnull, str(root / "python" / "lensfind")])
    assert status == 0, out + errors


@pytest.mark.parametrize("notebook", sorted((pathlib.Path(__file__).parents[2] / "examples" / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_types_of_the_notebooks_are_strict(notebook: pathlib.Path, tmp_path: pathlib.Path) -> None:
    mypy = pytest.importorskip("mypy.api")
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    script = tmp_path / f"{notebook.stem}.py"
    script.write_text(code + "\n")
    root = pathlib.Path(__file__).parents[2]
    environment = {**os.environ, "MYPYPATH": str(root / "python")}
    command = [sys.executable, "-m", "mypy", "--config-file", str(root / "pyproject.toml"), "--cache-dir", str(tmp_path / "cache"), str(script)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert mypy is not None and done.returncode == 0, done.stdout + done.stderr
