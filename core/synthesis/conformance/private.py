"""Checks of engines with a formal guarantee: what may come out, and what was spent."""

from typing import Any

import numpy as np

from core.progress import SilentProgress
from core.synthesis.conformance.candidate import Candidate, drawn, holds
from core.synthesis.conformance.tables import declared, mixed
from core.synthesis.protocol import PrivateFit


def check_output_is_declared(candidate: Candidate) -> None:
    """Rows hold what was declared and nothing else, whatever the real ones hold."""
    frame, table = mixed()
    frame.loc[3, "word"], frame.loc[3, "age"] = "only one", 10**9
    sample = drawn(candidate.fitted(frame, table), 300)
    holds(sample["age"].between(18, 90).all(), "Numbers lie outside of what was declared.")
    words = set(sample["word"].dropna()) - set(declared(table).columns["word"].values)
    holds(not words, "Categories were made that were not declared.")


def check_promise_is_kept(candidate: Candidate) -> None:
    """Something is charged, and not more than was promised."""
    frame, table = mixed()
    ledger, engine = candidate.ledger(), candidate.make()
    private: dict[str, Any] = {"private": PrivateFit(ledger, declared(table))}
    engine.fit(frame, table, rng=np.random.default_rng(1), progress=SilentProgress(), **private)
    spent, promised = ledger.spent().epsilon, ledger.guarantee.epsilon
    holds(0 < spent <= promised * (1 + 1e-6), f"ε = {spent:g} of {promised:g} was spent.")
