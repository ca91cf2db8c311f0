"""The quality and the diagnostic report of ``sdmetrics``, for those who know them.

The quality report takes the holdout for the real data, as everything here does. The diagnostic
report asks whether rows are valid at all, so it takes the training rows: an engine may well give
back a category that the holdout happens to lack.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Column, ColumnType, Schema
from core.evaluation.case import Case
from core.evaluation.details import SdmetricsScores
from core.evaluation.fidelity import no_holdout
from core.evaluation.measures import NotMeasured, Score
from core.synthesis.sdv_support import TABLE, quiet

MAX_ROWS = 10_000
_KINDS = {
    ColumnType.INTEGER: "numerical",
    ColumnType.NUMBER: "numerical",
    ColumnType.TIME: "numerical",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "datetime",
    ColumnType.DATETIME: "datetime",
    ColumnType.CATEGORY: "categorical",
}
_FAILURES = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError)


def sdmetrics_scores(case: Case, schema: Schema, rng: np.random.Generator) -> SdmetricsScores:
    """Both reports on the learned columns and the primary key, on at most 10,000 rows a side."""
    columns = [*case.judged, *_key(case, schema)]
    if not case.judged:
        return _absent("There are no learned columns.")
    without = no_holdout(len(case.holdout))
    frames = {
        name: plain_frame(_cut(frame, rng), columns)
        for name, frame in (
            ("train", case.train),
            ("real", case.train if without else case.holdout),
            ("synthetic", case.synthetic),
        )
    }
    metadata = metadata_of(columns, case.table.primary_key)
    with quiet():
        from sdmetrics.reports import DiagnosticReport, QualityReport

        quality = _report(QualityReport(), frames["real"], frames["synthetic"], metadata)
        fresh = (
            {} if without else _report(QualityReport(), frames["real"], frames["train"], metadata)
        )
        diagnostic = _report(DiagnosticReport(), frames["train"], frames["synthetic"], metadata)
    return SdmetricsScores(
        quality=_score(quality, "score"),
        column_shapes=_score(quality, "Column Shapes"),
        column_pair_trends=_score(quality, "Column Pair Trends"),
        diagnostic=_score(diagnostic, "score"),
        data_validity=_score(diagnostic, "Data Validity"),
        data_structure=_score(diagnostic, "Data Structure"),
        note=_note(case, fresh, without),
    )


def _key(case: Case, schema: Schema) -> list[Column]:
    name = schema[case.table.name].primary_key
    return [case.table[name]] if name is not None and name in case.synthetic else []


def _cut(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    if len(frame) <= MAX_ROWS:
        return frame
    return frame.iloc[np.sort(rng.choice(len(frame), MAX_ROWS, replace=False))]


def plain_frame(frame: pd.DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    """The columns in the plain types of pandas, which ``sdmetrics`` knows."""
    made = {column.name: _plain_column(frame[column.name], column) for column in columns}
    return pd.DataFrame(made).reset_index(drop=True)


def _plain_column(values: pd.Series, column: Column) -> pd.Series:
    kind = _KINDS.get(column.type, "categorical")
    if kind == "datetime":
        return values
    if kind == "numerical":
        return pd.Series(as_numbers(values, column), index=values.index)
    plain = values.astype("object")
    return plain.where(values.notna(), None)


def metadata_of(columns: Sequence[Column], key: str | None) -> dict[str, Any]:
    """What ``sdmetrics`` has to know of the columns and of the primary key."""
    kinds = {c.name: {"sdtype": _KINDS.get(c.type, "categorical")} for c in columns}
    table: dict[str, Any] = {"columns": kinds}
    if key in kinds:
        kinds[key] = {"sdtype": "id"}
        table["primary_key"] = key
    return {"tables": {TABLE: table}, "relationships": []}


def _report(
    report: Any, real: pd.DataFrame, other: pd.DataFrame, metadata: dict[str, Any]
) -> dict[str, Score]:
    """The overall score and those of the properties."""
    try:
        report.generate({TABLE: real}, {TABLE: other}, metadata, verbose=False)
        found = report.get_properties().set_index("Property")["Score"].to_dict()
        found["score"] = report.get_score()
    except _FAILURES as error:
        return {"": NotMeasured(f"sdmetrics could not measure it ({type(error).__name__}).")}
    return {str(name): _number(value) for name, value in found.items()}


def _number(value: Any) -> Score:
    if value is None or math.isnan(value):
        return NotMeasured("sdmetrics found nothing that it measures here.")
    return float(value)


def _score(found: dict[str, Score], name: str) -> Score:
    failed = found.get("", NotMeasured("sdmetrics did not report it."))
    return found.get(name, failed)


def _note(case: Case, fresh: dict[str, Score], without: str) -> str:
    parts = ["Quality against training rows." if without else "Quality against the holdout."]
    best = fresh.get("score")
    if isinstance(best, float):
        parts.append(f"Fresh real rows reach {best:.3f}.")
    parts.append("Diagnostic against the training rows.")
    rows = max(len(case.train), len(case.holdout), len(case.synthetic))
    if rows > MAX_ROWS:
        parts.append(f"On at most {MAX_ROWS:,} of up to {rows:,} rows of each.")
    return " ".join(parts)


def _absent(reason: str) -> SdmetricsScores:
    none = NotMeasured(reason)
    return SdmetricsScores(none, none, none, none, none, none)
