"""What every gate is given, and how a value becomes an outcome."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.schema import Action, Column, Schema
from core.evaluation.case import Case
from core.evaluation.criteria import GateThresholds
from core.evaluation.details import GateFailure, GateResult
from core.evaluation.measures import NotMeasured
from core.synthesis.asks.rules import Rule

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Gated:
    """One table at the gates.

    Attributes
    ----------
    case
        The table as it is judged.
    train, synthetic
        All tables by name, for keys that point from one to another.
    rules
        What every row of this table keeps.
    rng
        Chooses rows where two sides have to be of one size.
    """

    case: Case
    schema: Schema
    train: Tables
    synthetic: Tables
    asked: GateThresholds
    rules: Sequence[Rule]
    rng: np.random.Generator

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that the synthetic table ought to have."""
        return tuple(c for c in self.case.table.columns if c.action is not Action.DROP)

    @property
    def present(self) -> tuple[Column, ...]:
        """Those of them that it has."""
        return tuple(c for c in self.columns if c.name in self.case.synthetic)


def is_canonical(cells: pd.Series, column: Column) -> bool:
    """Whether a column has the dtype of its type."""
    return bool(cells.dtype == column.type.dtype)


def not_applicable(
    name: str, threshold: float, reason: str, *, at_most: bool = False
) -> GateResult:
    """A gate that asks nothing of this table, and why."""
    return GateResult(name, NotMeasured(reason), threshold, at_most, "not applicable", note=reason)


def by_columns(
    name: str, shares: Mapping[str, float], threshold: float, rows: int, note: str = ""
) -> GateResult:
    """A gate on the share of cells that are well, over all columns and for each.

    It fails on the mean of all columns; where only single columns are below the threshold it
    warns, so that many good columns do not hide a bad one.
    """
    failed = tuple(
        GateFailure(column, share, {"n": float(rows), "cells": float(round((1 - share) * rows))})
        for column, share in sorted(shares.items(), key=lambda item: item[1])
        if share < threshold
    )
    value = float(np.mean(list(shares.values())))
    outcome = "fail" if value < threshold else "warn" if failed else "pass"
    return GateResult(name, value, threshold, False, outcome, failed, note)
