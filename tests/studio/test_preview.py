"""A preview learns from few rows, of one table and of many."""

import pandas as pd
import pytest

import core.studio.preview as preview
from core.data.schema import Action
from core.studio.values import Decision, RunSpec
from core.synthesis.synthesizer import Synthesizer
from tests.studio.office import Office


@pytest.mark.parametrize("sample", ["bank", "bank_customers"])
def test_a_preview_learns_from_a_share_of_a_large_dataset(
    office: Office, sample: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned: dict[str, pd.DataFrame] = {}
    fit = Synthesizer.fit

    def watched(self, tables, **options):  # type: ignore[no-untyped-def]
        learned.update(tables)
        return fit(self, tables, **options)

    monkeypatch.setattr(Synthesizer, "fit", watched)
    monkeypatch.setattr(preview, "PREVIEW_TRAIN_ROWS", 500)
    dataset = office.studio.datasets.import_sample(office.worker, office.project.id, sample)
    decisions = [
        Decision(t, c, dataset.schema[t][c].type, dataset.schema[t][c].role, Action.REPLACE)
        for t, c in dataset.open_columns
    ]
    office.studio.datasets.decide(office.worker, dataset.id, decisions)
    made = office.studio.runs.preview(office.worker, dataset.id, RunSpec())
    assert 250 <= max(len(frame) for frame in learned.values()) <= 1_000
    for link in dataset.schema.relationships:
        keys = learned[link.child][link.child_key].dropna()
        assert keys.isin(learned[link.parent][link.parent_key]).all()
    assert all(0 < len(frame) <= preview.PREVIEW_ROWS for frame in made.values())
