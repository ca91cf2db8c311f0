"""What tests of private runs share: rows, what is public of them, and a tiny engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Action
from core.studio.values import Dataset, Decision
from core.synthesis import registry
from tests.privacy import tiny
from tests.studio.inline import InlinePool, inline
from tests.studio.office import Office

PUBLIC = {
    "columns": {
        "colour": {"values": ["red", "blue", "green"]},
        "weight": {"low": 0, "high": 100},
    }
}


@contextmanager
def with_tiny(office: Office) -> Iterator[InlinePool]:
    """Runs carried out in this process, the tiny engine among those there are."""
    with inline(office) as pool, pytest.MonkeyPatch.context() as patch:
        patch.setitem(registry.ENGINES, "tiny", tiny.INFO)
        yield pool


def imported_things(office: Office, folder: Path, rows: int) -> Dataset:
    """A reviewed table of colours and weights; the same number of rows are the same rows."""
    rng = np.random.default_rng(4)
    path = folder / "things.csv"
    colours = rng.choice(["red", "blue", "green"], rows)
    frame = pd.DataFrame({"colour": colours, "weight": rng.integers(0, 100, rows)})
    frame.to_csv(path, index=False)
    dataset = office.imported(path, "Things")
    columns = dataset.schema["things"].columns
    kept = [Decision("things", c.name, c.type, c.role, Action.KEEP) for c in columns]
    return office.studio.datasets.decide(office.worker, dataset.id, kept)
