"""What comes before a private fit in the studio must not hang on how many rows there are."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from core.studio import execute


@pytest.mark.parametrize(("private", "most"), [(True, sys.maxsize), (False, 1_250_000)])
def test_a_private_run_reads_all_rows(monkeypatch, private, most):
    """In a sample of a fixed size one person more takes another's place."""
    asked = []

    def sample(vault, dataset, stored, wanted, rows, rng):
        asked.append(rows)
        return {}, {}

    monkeypatch.setattr(execute, "sample_dataset", sample)
    monkeypatch.setattr(execute, "is_private", lambda spec: private)
    monkeypatch.setattr(execute, "secret_coins", lambda keys, rng: rng)
    monkeypatch.setattr(execute, "split_tables", lambda *args: ({}, {}))
    monkeypatch.setattr(execute, "prepare_rows", lambda *args: None)
    rng = np.random.default_rng(1)
    task = SimpleNamespace(
        spec=SimpleNamespace(holdout=0.2),
        dataset_id="d",
        stored_schema=None,
        vault=SimpleNamespace(keys=None),
    )
    work = SimpleNamespace(task=task, vault=None, streams=SimpleNamespace(draw=rng, split=rng))
    execute._read(work, None, None)
    assert asked == [most]
