"""Scores by Dask and Ray are those of the model itself."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

import lensfind as lf
import lensfind.ray


def test_chunks_of_dask_score_as_the_whole(model: lf.Model, model_folder: pathlib.Path, images: np.ndarray) -> None:
    array = pytest.importorskip("dask.array")
    import lensfind.dask

    lazy = array.from_array(images, chunks=(7, 1, 64, 32))
    logits = lensfind.dask.score(lazy, model)
    assert logits.shape == (len(images),) and logits.dtype == np.float32
    wanted = model.score(images)
    assert np.array_equal(logits.compute(scheduler="threads"), wanted)
    assert np.array_equal(lensfind.dask.score(lazy, str(model_folder)).compute(scheduler="processes"), wanted)
    probabilities = lensfind.dask.probability(logits, model, 1e-4).compute(scheduler="threads")
    assert np.array_equal(probabilities, model.probability(wanted, 1e-4))


def test_settings_reach_every_chunk(model: lf.Model, images: np.ndarray) -> None:
    array = pytest.importorskip("dask.array")
    import lensfind.dask

    bad = images[:6].copy()
    bad[4, 0, 0, 0] = np.nan
    logits = lensfind.dask.score(array.from_array(bad, chunks=(3, 3, 64, 64)), model, nan_is_missing=True).compute(scheduler="threads")
    assert np.array_equal(logits, model.score(bad, nan_is_missing=True)) and np.isfinite(logits).all()


def test_a_batch_of_ray_gets_logits_and_probabilities(model: lf.Model, model_folder: pathlib.Path, images: np.ndarray) -> None:
    scorer = lensfind.ray.Scorer(str(model_folder), "cutout", prevalence=1e-3, load={"threads": 1})
    listed = np.empty(5, dtype=object)  # as Ray gives columns of arrays of several shapes
    listed[:] = list(images[:5])
    for column in (images[:5], listed):
        batch = scorer({"cutout": column, "name": np.arange(5)})
        assert np.array_equal(batch["logit"], model.score(images[:5])) and np.array_equal(batch["name"], np.arange(5))
        assert np.array_equal(batch["probability"], model.probability(batch["logit"], 1e-3))
    with pytest.raises(lf.Error, match="no column cutout"):
        scorer({"image": images[:5]})


def test_a_local_ray_scores(model_folder: pathlib.Path, model: lf.Model, images: np.ndarray) -> None:
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=2, include_dashboard=False, runtime_env={"env_vars": {"PYTHONPATH": str(pathlib.Path(lf.__file__).parents[1])}})
    try:
        data = ray.data.from_numpy(images[:12]).map_batches(
            lensfind.ray.Scorer, fn_constructor_args=(str(model_folder), "data"), concurrency=1, batch_size=5
        )
        found = np.array(sorted(float(row["logit"]) for row in data.take_all()), dtype=np.float32)
    finally:
        ray.shutdown()
    assert np.array_equal(found, np.sort(model.score(images[:12])))
