"""How alike columns, pairs and whole rows of one table are, in full."""

from collections.abc import Sequence

import numpy as np

from core.data.schema import Schema
from core.evaluation.case import Case
from core.evaluation.details import FidelityDetail
from core.evaluation.fidelity_detail.columns import column_measures
from core.evaluation.fidelity_detail.giveaways import giveaways
from core.evaluation.fidelity_detail.pairs import pair_details
from core.evaluation.fidelity_detail.sdmetrics_reports import sdmetrics_scores
from core.evaluation.fidelity_detail.sides import cut_alike, sides_of
from core.evaluation.fidelity_detail.support import support_measures
from core.evaluation.fidelity_detail.whole import rules_kept, triples
from core.evaluation.measures import Measure
from core.synthesis.asks.rules import Rule


def fidelity_detail(
    case: Case,
    schema: Schema,
    rng: np.random.Generator,
    *,
    rules: Sequence[Rule] = (),
    with_sdmetrics: bool = True,
) -> FidelityDetail:
    """Measure how alike the synthetic rows are to the holdout, beside fresh real rows.

    Parameters
    ----------
    case
        The table; without at least 20 holdout rows, training rows are what is compared with.
    schema
        The dataset's schema, for keys.
    rng
        Draws pairs, triples and rows where there are too many; the same seed gives the same values.
    rules
        What rows have to keep.
    with_sdmetrics
        Whether the reports of ``sdmetrics`` are made too; they take longer than all the rest.
    """
    streams = rng.spawn(8)
    asked, case = case, cut_alike(case, streams[7])
    sides = sides_of(case, streams[0])
    pairs, associations = pair_details(case, streams[1])
    told = giveaways(case, streams[2])
    whole: list[Measure] = [associations, triples(case, streams[3])]
    whole += support_measures(case, streams[4])
    if rules:
        whole.append(rules_kept(case, sides, rules, streams[5]))
    return FidelityDetail(
        column_measures(case, sides),
        pairs,
        tuple(whole),
        told.giveaways,
        sdmetrics_scores(case, schema, streams[6]) if with_sdmetrics else None,
        (told.note, *_notes(asked, case)),
    )


def _notes(asked: Case, case: Case) -> list[str]:
    """On how many rows columns, pairs and whole rows are looked at, where not on all."""
    every, used, coded = (
        len(part) for part in (asked.synthetic, case.synthetic, case.encoded.synthetic)
    )
    notes = []
    if used < every:
        notes.append(
            f"On {used:,} of {every:,} synthetic rows, drawn by lot: as many as there are training "
            "rows, so that fresh real rows are compared by the same number."
        )
    if coded < used:
        notes.append(f"Pairs and whole rows: on {coded:,} of {every:,} synthetic rows.")
    return notes
