"""Texts that follow a label, as columns: which columns may be followed, and which text a row gets.

What may be followed is what an engine learns as it is: no identifier and no masked column, and
nothing of a kind that identifies a person.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.issued import Issued
from core.data.patterns import Texts
from core.data.pii.semantics import SEMANTICS
from core.data.schema import Action, Column, ColumnType, Role, Table
from core.data.texts import Beside, make_texts, numbers_of

_FEW_TEXTS = 0.05
_TYPES = {ColumnType.CATEGORY, ColumnType.BOOLEAN, ColumnType.INTEGER}


def may_be_followed(column: Column) -> bool:
    """Whether texts of the row may follow the column's labels, if an engine learns it."""
    semantic = SEMANTICS.get(column.semantic or "")
    is_kept = column.action in {None, Action.KEEP, Action.GENERALISE}
    is_plain = column.role is not Role.IDENTIFIER and (semantic is None or not semantic.direct)
    return column.type in _TYPES and is_kept and is_plain


def besides_of(column: Column, learned: Table, seen: pd.DataFrame) -> pd.DataFrame:
    """The columns that a learned text may follow, as the engine sees them.

    Those that can be, or the one that a person chose. A chosen one that cannot be followed leaves
    none.
    """
    names = [c.name for c in learned.columns if may_be_followed(c) and c.name != column.name]
    asked = column.text_label
    return seen[[name for name in names if asked is None or name == asked]]


def besides(frame: pd.DataFrame | None, index: pd.Index) -> list[Beside]:
    """Labels of these rows, by column; columns without a label that repeats are left out."""
    found: list[Beside] = []
    if frame is None:
        return found
    for name in frame.columns:
        codes, labels = pd.factorize(frame.loc[index, name].astype("string"))
        if 1 < len(labels) <= len(index) / 2:
            found.append(Beside(str(name), codes.astype(np.int64), tuple(map(str, labels))))
    return found


def column_followed(settings: Mapping[str, Any]) -> str:
    """The column whose labels a learned text follows; empty for none."""
    return str(settings.get("follows", {}).get("column", ""))


def followed_texts(
    settings: Mapping[str, Any],
    labels: Sequence[str] | Texts,
    rng: np.random.Generator,
    issued: Issued,
    spectrum: Sequence[float] | None,
) -> Texts:
    """A text for each row, of which each follows the row's label.

    Parameters
    ----------
    spectrum
        How rows are spread over different texts, see ``core.data.fakes.Fake``; None where no text
        repeats.
    """
    numbers = numbers_of(dict(settings), labels)
    if spectrum is None:
        return make_texts(settings, len(numbers), rng, distinct=True, labels=numbers)
    found, counts = np.unique(numbers, return_counts=True)
    pools = _pools(settings, dict(zip(found.tolist(), counts.tolist(), strict=True)), rng, issued)
    made = np.empty(len(numbers), dtype=object)
    for number, count in zip(found.tolist(), counts.tolist(), strict=True):
        pool = pools[number]
        made[numbers == number] = pool[spread_rows(spectrum, len(pool), count, rng)]
    return made


def _pools(
    settings: Mapping[str, Any], rows: Mapping[int, int], rng: np.random.Generator, issued: Issued
) -> dict[int, Texts]:
    """Texts that the rows of each label draw from: as many a row as in the data.

    Few ones are kept for all blocks, and those of a label made when it is first met.
    """
    follows = settings["follows"]
    share = follows["distinct"] / max(sum(follows["rows"]), 1)
    of_pairs = follows["distinct"] / max(sum(follows["texts"]), 1)
    keep = share <= _FEW_TEXTS
    wanted: dict[int, int] = {}
    for number, count in rows.items():
        texts, seen = follows["texts"][number], follows["rows"][number]
        own = texts * of_pairs if keep else texts * of_pairs / max(seen, 1) * count
        if not seen:
            own = count * share
        wanted[number] = max(1, min(count, round(own)))
    pools = {number: pool for number, pool in issued.pools.items() if number in wanted}
    lacking = [number for number in wanted if number not in pools]
    labels = np.repeat(np.array(lacking, dtype=np.uint64), [wanted[n] for n in lacking])
    texts = make_texts(settings, len(labels), rng, distinct=True, labels=labels)
    for number in lacking:
        pools[number] = texts[labels == number]
        if keep:
            issued.pools[number] = pools[number]
    return pools


def spread_rows(
    spectrum: Sequence[float], size: int, rows: int, rng: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Which of ``size`` values each row gets, so that frequencies fall as in the data."""
    shares = np.interp(np.linspace(0, 1, size), np.linspace(0, 1, len(spectrum)), spectrum)
    drawn: npt.NDArray[np.intp] = rng.choice(size, size=rows, p=shares / shares.sum())
    return drawn
