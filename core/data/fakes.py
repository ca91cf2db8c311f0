"""Fresh fake values in place of real ones: one provider for each kind of value.

A provider learns how a column is written and how often values repeat, never the values, and makes
new ones from a random generator. What it has learned is plain data that fits JSON.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data import fake_people
from core.data.distinct import COUNTS, marked
from core.data.fake_kinds import (
    GENDER,
    LABEL,
    LEARNED,
    NAMES_ONE,
    PERSONAL,
    PROVIDERS,
    WRITTEN,
)
from core.data.fake_numbers import SEQUENCE, SPREAD, learn_numbers, make_numbers, number_kind
from core.data.fake_people import Row
from core.data.followed import besides, column_followed, followed_texts, spread_rows
from core.data.issued import Issued
from core.data.patterns import Settings, Texts, are_known, fingerprints, make_pattern
from core.data.schema import Action, Column, ColumnType
from core.data.texts import is_learnable, learn_texts, make_texts
from core.data.texts.written import learn_written, make_written

_SPECTRUM = 200


@dataclass(frozen=True, slots=True)
class Fake:
    """What is known of a column whose values are made up.

    Attributes
    ----------
    kind
        A key of :data:`PROVIDERS`; ``sequence`` or ``spread`` for numbers, dates and times;
        ``blank`` where there is no value to learn from.
    missing
        Share of missing values.
    unique
        Whether no value repeats in the data.
    rows, distinct
        Rows with a value, and distinct values among them.
    spectrum
        How the rows are spread over the distinct values, the most frequent first.
    """

    column: Column
    kind: str
    settings: Mapping[str, Any]
    missing: float
    unique: bool
    rows: int
    distinct: int
    spectrum: tuple[float, ...]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_dict`."""
        column, spectrum = Column.from_dict(data["column"]), tuple(data["spectrum"])
        return cls(**{**data, "column": column, "spectrum": spectrum})

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)

    def make(
        self,
        rows: int,
        rng: np.random.Generator,
        row: Row | None = None,
        issued: Issued | None = None,
    ) -> pd.Series:
        """Fresh values of ``rows`` rows as a canonical column.

        ``row`` holds what is already known of the rows' people by semantic type, and is given
        what this column adds. ``issued`` is what blocks of the table before this one were given:
        keys go on from there, and it is told what was made.
        """
        issued = Issued(int(rng.integers(2**63))) if issued is None else issued
        made = self._values(rows, rng, row, issued)
        issued.rows += rows
        return made

    def _values(
        self, rows: int, rng: np.random.Generator, row: Row | None, issued: Issued
    ) -> pd.Series:
        if self.kind == "blank":
            return pd.Series([None] * rows, dtype=self.column.type.dtype)
        row = {} if row is None else row
        if self.kind in {SEQUENCE, SPREAD}:
            values = make_numbers(
                self.kind, self.settings, self.column, issued.rows + np.arange(rows), rng
            )
        else:
            values = self._as_column(self._texts(rows, rng, row, issued))
        gaps = rng.random(rows) < self.missing
        return values.mask(gaps) if self.missing else values

    def _texts(self, rows: int, rng: np.random.Generator, row: Row, issued: Issued) -> Texts:
        if self.kind == WRITTEN:
            return make_written(self.settings, rows, rng, self._labels(row))
        if self.kind == LEARNED and LABEL + self.follows in row:
            spectrum = None if self.unique else self.spectrum
            return followed_texts(self.settings, row[LABEL + self.follows], rng, issued, spectrum)
        if self.unique and self._is_counted:
            return self._counted(rows, rng, issued)
        if self.kind in PERSONAL or self.unique:
            texts = self._drawn(rows, rng, row, distinct=self.unique)
            is_marked = self.unique and self.kind != LEARNED
            texts = marked(texts, self.kind, issued) if is_marked else texts
            if self.kind in PERSONAL:
                row[self.kind] = texts
            return texts
        if self.kind in {GENDER, "sensitive"}:
            texts = self._made(rows, rng, row)
            if self.kind == GENDER:
                row.setdefault(GENDER, texts)
            return texts
        pool = self._pool(rows, rng, row, issued)
        return pool[spread_rows(self.spectrum, len(pool), rows, rng)]

    @property
    def follows(self) -> str:
        """The column whose labels its texts fit, learned or written; empty for none."""
        if self.kind == LEARNED:
            return column_followed(self.settings)
        return self.column.written.beside if self.column.written else ""

    def _labels(self, row: Row) -> Texts | None:
        """Of each row the label that a written text is to fit."""
        return row.get(LABEL + self.follows)

    @property
    def _is_counted(self) -> bool:
        return self.kind in COUNTS and self.settings.get("kind") != "words"

    def _counted(self, rows: int, rng: np.random.Generator, issued: Issued) -> Texts:
        """Values that were never given out and that no training row has."""
        count, avoid = COUNTS[self.kind], self.settings.get("avoid", "")
        texts = count(self.settings, rows, rng, issued)
        while (bad := are_known(texts, avoid)).any():
            texts[bad] = count(self.settings, int(bad.sum()), rng, issued)
        return texts

    def _pool(self, rows: int, rng: np.random.Generator, row: Row, issued: Issued) -> Texts:
        """The values that repeat: as many a row as in the data, or few ones for all blocks."""
        share = self.distinct / max(self.rows, 1)
        if share > 0.05:
            size = max(1, min(rows, round(share * rows)))
            return self._drawn(size, rng, row, distinct=True)
        if issued.pool is None:
            size = max(1, min(rows, self.distinct))
            issued.pool = self._drawn(size, rng, row, distinct=True)
        return issued.pool

    def _made(self, size: int, rng: np.random.Generator, row: Row) -> Texts:
        return PROVIDERS[self.kind][1](self.settings, size, rng, row)

    def _drawn(self, size: int, rng: np.random.Generator, row: Row, *, distinct: bool) -> Texts:
        """Values that no training row has; with ``distinct``, values that all differ.

        Both as far as many draws can part them. A column without repeats has none here either: a
        number is added to what is left of them.
        """
        if self.kind == LEARNED:
            return make_texts(self.settings, size, rng, distinct=distinct)
        if self.kind == "pattern":
            return make_pattern(self.settings, size, rng, unique=True)
        texts = self._made(size, rng, row)
        for _ in range(20):
            bad = are_known(texts, self.settings.get("avoid", ""))
            if distinct:
                bad |= pd.Series(texts).duplicated().to_numpy()
            if not bad.any():
                return texts
            if self.kind in PERSONAL:
                fake_people.redraw(row, bad, self.settings["locale"], rng)
                texts[bad] = self._made(size, rng, row)[bad]
            else:
                texts[bad] = self._made(int(bad.sum()), rng, {})
        return numbered(texts, " ") if self.unique else texts

    def _as_column(self, texts: Texts) -> pd.Series:
        if not self.column.type.is_numeric:
            return pd.Series(texts, dtype=self.column.type.dtype)
        digits = ["".join(c for c in t if c.isdigit())[:18] or "0" for t in texts]
        return pd.Series([int(d) for d in digits]).astype(self.column.type.dtype)


def numbered(texts: Texts, gap: str) -> Texts:
    """Texts with a number added to repeats, so that all differ."""
    made = pd.Series(texts, dtype=object)
    while made.duplicated().any():
        times = made.groupby(made).cumcount()
        made = made.where(times == 0, made + gap + (times + 1).astype(str))
    return np.asarray(made, dtype=object)


def learn_fake(
    values: pd.Series,
    column: Column,
    locale: str,
    *,
    key: bool = False,
    labels: pd.Series | pd.DataFrame | None = None,
) -> Fake:
    """What is needed to make up a column like this one.

    Parameters
    ----------
    values
        The real column, canonical.
    locale
        Faker locale of names and places.
    key
        The column is a key: its values are made to differ, and numbers go on where the real
        ones end.
    labels
        The column that written texts are to fit, if there is one; of learned texts, the columns
        that they may follow.
    """
    known = values.dropna()
    counts = np.sort(known.value_counts().to_numpy())[::-1]
    unique = key or (len(known) > 1 and len(counts) == len(known))
    kind = _kind(column, known, unique) if len(known) or key else "blank"
    if kind == "pattern" and not key and may_be_learned(column) and is_learnable(known.tolist()):
        kind = LEARNED
    if kind == "pattern" and not key and may_be_written(column):
        kind = WRITTEN
    settings: Settings = {}
    if kind == LEARNED:
        beside = besides(labels if isinstance(labels, pd.DataFrame) else None, known.index)
        settings = learn_texts(known.tolist(), beside, chosen=bool(column.text_label))
    elif kind == WRITTEN:
        own = labels_of(labels.loc[known.index]) if isinstance(labels, pd.Series) else ()
        typed = column.written.typed if column.written else ()
        settings = learn_written(known.tolist(), list(own), typed)
    elif kind in {SEQUENCE, SPREAD}:
        settings = learn_numbers(kind, known, column)
    elif kind != "blank":
        texts = [str(v) for v in known]
        settings = PROVIDERS[kind][0](texts, locale)
        if kind in NAMES_ONE:
            settings = settings | {"avoid": fingerprints(sorted(set(texts)))}
    missing = 0.0 if key or not len(values) else float(values.isna().mean())
    return Fake(column, kind, settings, missing, unique, len(known), len(counts), _spectrum(counts))


def may_be_learned(column: Column) -> bool:
    """Whether a person asked for it, and the column holds texts and no codes or names of persons.

    Where it is not, fakes of the column's kind are made, as if nothing had been asked.
    """
    return column.learned_text and _is_free_text(column)


def may_be_written(column: Column) -> bool:
    """Whether a person described the column for a language model, and it is made up free text.

    A description of a column that was dropped or kept since then is sent to nobody.
    """
    is_out = column.action in {Action.DROP, Action.GENERALISE}
    is_made_up = column.action is Action.REPLACE or column.type is ColumnType.TEXT
    return column.written is not None and is_made_up and not is_out and _is_free_text(column)


def _is_free_text(column: Column) -> bool:
    is_text = column.type in {ColumnType.TEXT, ColumnType.CATEGORY}
    return is_text and column.semantic in {None, "free_text"} and column.action is not Action.MASK


def labels_of(values: pd.Series) -> Texts:
    """Labels as written texts know them; empty where one is missing."""
    return np.asarray(values.astype("string").fillna(""), dtype=object)


def _kind(column: Column, known: pd.Series, unique: bool) -> str:
    semantic = column.semantic or ""
    if column.type is ColumnType.INTEGER and semantic in {"phone", "credit_card", "national_id"}:
        return semantic if semantic in PROVIDERS else "pattern"
    if column.type.is_numeric:
        return number_kind(known, column, unique=unique)
    if column.type is ColumnType.BOOLEAN:
        return SPREAD
    return semantic if semantic in PROVIDERS else "pattern"


def _spectrum(counts: npt.NDArray[np.integer[Any]]) -> tuple[float, ...]:
    if not len(counts):
        return (1.0,)
    places = np.linspace(0, len(counts) - 1, min(len(counts), _SPECTRUM))
    shares = counts[np.round(places).astype(int)] / counts.sum()
    return tuple(float(share) for share in shares)
