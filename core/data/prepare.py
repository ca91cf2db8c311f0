"""Between a reviewed table and an engine: what a person decided about each column is carried out.

Dropped columns vanish. Generalised ones are learned with coarser values. Replaced columns, keys and
free text never reach an engine and come back made up. Masked columns are turned into tokens first.
What remains is learned. Where a category holds free texts that occur once (an answer to "other,
please say"), an engine learns only that there is one, and it comes back made up. A preparation
keeps no raw value of a column that was replaced, masked or dropped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd

from core.data.coarser import coarsened
from core.data.fake_kinds import GENDER, LABEL, LEARNED, PERSONAL, PROVIDERS
from core.data.fakes import Fake, labels_of, learn_fake
from core.data.followed import besides_of
from core.data.frames import canonical
from core.data.issued import Issued
from core.data.locales import guess_locale
from core.data.masking import mask
from core.data.moments import floor, resolution
from core.data.pii.semantics import SEMANTICS
from core.data.schema import Action, Column, ColumnType, Role, Schema, Table

_MOMENTS = {ColumnType.DATETIME, ColumnType.TIME}
_ASIDE = "\0text"
_ASIDES = 10
_MOSTLY = 0.9


@dataclass(frozen=True, slots=True)
class Preparation:
    """A table's way to an engine and back.

    Attributes
    ----------
    output
        The table that comes out: all columns that are not dropped.
    learned
        The columns that an engine sees.
    given
        Columns that somebody else fills in (foreign keys).
    fakes
        The columns that are made up.
    resolutions
        Of learned times: the microseconds that all values are multiples of.
    asides
        What makes up the free texts in learned categories.
    """

    output: Table
    learned: Table
    given: tuple[str, ...]
    fakes: tuple[Fake, ...]
    resolutions: Mapping[str, int]
    asides: tuple[Fake, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_dict`."""
        tables = Schema.from_dict({"tables": [data["output"], data["learned"]]}).tables
        return cls(
            tables[0],
            tables[1],
            tuple(data["given"]),
            tuple(Fake.from_dict(fake) for fake in data["fakes"]),
            dict(data["resolutions"]),
            tuple(Fake.from_dict(fake) for fake in data.get("asides", ())),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        output, learned = Schema((self.output, self.learned)).to_dict()["tables"]
        return {
            "output": output,
            "learned": learned,
            "given": list(self.given),
            "fakes": [fake.to_dict() for fake in self.fakes],
            "resolutions": dict(self.resolutions),
            "asides": [fake.to_dict() for fake in self.asides],
        }

    @property
    def notes(self) -> tuple[str, ...]:
        """Which column the learned texts of each column follow; names, never values."""
        return tuple(
            f"Texts of {fake.column.name!r} follow the labels of {fake.follows!r}."
            if fake.follows
            else f"Texts of {fake.column.name!r} follow no other column."
            for fake in self.fakes
            if fake.kind == LEARNED
        )

    def start(self, rng: np.random.Generator) -> dict[str, Issued]:
        """What the columns that are made up were given before a table's first block."""
        return {fake.column.name: Issued(int(rng.integers(2**63))) for fake in self.fakes}

    def restore(
        self,
        learned: pd.DataFrame,
        *,
        rng: np.random.Generator,
        given: Mapping[str, pd.Series] | None = None,
        issued: Mapping[str, Issued] | None = None,
    ) -> pd.DataFrame:
        """The full synthetic table around sampled learned columns, columns in order.

        Parameters
        ----------
        learned
            Sampled rows of the learned columns; its length is the number of rows.
        given
            The columns named in ``self.given``.
        issued
            Of each column that is made up: what blocks of the table before this one were given,
            see :meth:`start`.
        """
        issued = issued or {}
        made: dict[str, pd.Series] = dict(given or {})
        for name in self.learned.names:
            unit = self.resolutions.get(name, 1)
            made[name] = floor(learned[name], unit) if unit > 1 else learned[name]
        people = self._people(learned) | self._labels(learned)
        for fake, own in zip(self.asides, rng.spawn(len(self.asides)), strict=True):
            values = made[fake.column.name].copy()
            rows = (values == _ASIDE).fillna(False).to_numpy(dtype=bool)
            values[rows] = fake.make(int(rows.sum()), own).array
            made[fake.column.name] = values
        generators = rng.spawn(len(self.fakes))
        for fake, own in zip(self.fakes, generators, strict=True):
            made[fake.column.name] = fake.make(
                len(learned), own, people, issued.get(fake.column.name)
            )
        frame = pd.DataFrame({name: made[name].array for name in self.output.names})
        whole = canonical(frame.set_axis(range(len(learned)), axis=0), self.output)
        return coarsened(whole, self.learned)

    def _people(self, learned: pd.DataFrame) -> dict[str, Any]:
        """Names and sexes that were learned, which made-up names and addresses have to fit."""
        return {
            column.semantic: learned[column.name].astype("string").fillna("").to_numpy(dtype=object)
            for column in self.learned.columns
            if column.semantic in (*PERSONAL, GENDER) and not column.type.is_numeric
        }

    def _labels(self, learned: pd.DataFrame) -> dict[str, Any]:
        """Labels of learned columns that learned or written texts are to fit."""
        beside = {fake.follows for fake in self.fakes} & {*self.learned.names}
        return {LABEL + name: labels_of(learned[name]) for name in sorted(beside)}


def prepare(
    frame: pd.DataFrame,
    table: Table,
    *,
    mask_key: bytes,
    given: frozenset[str] = frozenset(),
    keys: frozenset[str] = frozenset(),
) -> tuple[Preparation, pd.DataFrame]:
    """What is to be done with each column, and the frame that an engine learns.

    Parameters
    ----------
    frame
        The training rows, canonical.
    mask_key
        Key of the tokens of masked columns.
    given
        Foreign keys, which neither the engine nor a provider makes.
    keys
        Further columns, beside the primary key, that other tables point to.
    """
    keys = keys | {table.primary_key or ""}
    frame = coarsened(frame, table)
    kept = [c for c in table.columns if c.action is not Action.DROP]
    output = table.select(tuple(c.name for c in kept))
    masked = {
        c.name: mask(frame[c.name], c, mask_key)
        for c in kept
        if c.action is Action.MASK and c.name not in given
    }
    made_up = [
        c for c in kept if c.name not in given and (c.name in keys or _is_made_up(c, frame[c.name]))
    ]
    apart = given | {c.name for c in made_up}
    learned = output.select(tuple(c.name for c in kept if c.name not in apart))
    locale = guess_locale(frame, table) if made_up else ""
    seen = pd.DataFrame({n: masked.get(n, frame[n]) for n in learned.names}, index=frame.index)
    asides = [_set_aside(seen, c) for c in learned.columns if c.name not in masked]
    fakes = [
        learn_fake(
            masked.get(c.name, frame[c.name]),
            c,
            locale,
            key=c.name in keys,
            labels=besides_of(c, learned, seen) if c.learned_text else _told(c, learned, seen),
        )
        for c in made_up
    ]
    preparation = Preparation(
        output,
        replace(learned, primary_key=None),
        tuple(n for n in output.names if n in given),
        in_order(fakes),
        {c.name: resolution(seen[c.name]) for c in learned.columns if c.type in _MOMENTS},
        tuple(fake for fake in asides if fake is not None),
    )
    return preparation, seen


def _told(column: Column, learned: Table, seen: pd.DataFrame) -> pd.Series | None:
    """The column that a written text is to fit: learned as it is, plain, and with labels."""
    name = column.written.beside if column.written else ""
    return seen[name] if name in learned.names and may_be_told(learned[name]) else None


def may_be_told(column: Column) -> bool:
    """Whether a column's labels may be told to who writes a text that is to fit them.

    Labels of a column that a person calls plain and keeps, or has made coarser: nothing that
    identifies, is sensitive, or is of a kind that points to a person or that fakes are made of,
    such as a file's number, a name or a city.
    """
    semantic = SEMANTICS.get(column.semantic or "")
    is_apart = column.semantic in PROVIDERS or (semantic is not None and semantic.direct)
    has_labels = column.type in {ColumnType.CATEGORY, ColumnType.BOOLEAN}
    is_settled = column.action in {Action.KEEP, Action.GENERALISE}
    return has_labels and is_settled and column.role is Role.PLAIN and not is_apart


def _is_made_up(column: Column, values: pd.Series) -> bool:
    if column.action is Action.REPLACE or column.type is ColumnType.TEXT:
        return True
    differs = column.type in {ColumnType.CATEGORY, ColumnType.INTEGER} and values.is_unique
    return column.role is Role.IDENTIFIER and differs and len(values) > 1


def _set_aside(seen: pd.DataFrame, column: Column) -> Fake | None:
    """Take the free texts out of a category, and learn what makes such texts up.

    Free texts are values of three words and more that occur once, where nearly all values of so
    many words do: long names of products repeat, remarks do not.
    """
    values = seen[column.name]
    if column.type is not ColumnType.CATEGORY:
        return None
    counts = values.value_counts()
    long = counts[counts.index.str.strip().str.count(r"\s+") >= 2]
    lone = long.index[long == 1]
    if len(lone) < max(_ASIDES, _MOSTLY * len(long)):
        return None
    texts = values.isin(lone)
    seen[column.name] = values.mask(texts, _ASIDE)
    return learn_fake(values[texts], replace(column, semantic=None), "")


def in_order(fakes: Iterable[Fake]) -> tuple[Fake, ...]:
    """A sex first, since names follow it; then names, since addresses are made from them."""
    order = {kind: place for place, kind in enumerate((GENDER, *PERSONAL))}
    return tuple(sorted(fakes, key=lambda fake: order.get(fake.kind, len(order))))
