"""Steps tried on some rows: how many cells each one changes, and cells before and after.

Shown are values that enough people have, of columns that neither identify nor are sensitive; of
all others only their shape.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping

import pandas as pd

from core.data.pipeline import Change, FittedPipeline, Step, Steps, fit_pipeline, stages
from core.data.pipeline.extremes import ProtectExtremes
from core.data.pipeline.fitted import changed_cells
from core.data.pipeline.missing import DropMissing
from core.data.pipeline.people import Codes, people_by_label, people_of
from core.data.pipeline.suggest import person_column
from core.data.profile import as_text
from core.data.schema import Action, Role, Schema, Table
from core.studio.preparing_values import Example, StepOutcome, Tried

LEAST_PEOPLE = 5
MOST_EXAMPLES = 5
NONE = "missing"
_HIDDEN = {Role.SENSITIVE, Role.IDENTIFIER}
_KEPT_RUNS = 12


def tried_steps(
    steps: Steps,
    schema: Schema,
    tables: Mapping[str, pd.DataFrame],
    whole: int,
    hidden: Mapping[str, frozenset[str]],
) -> Tried:
    """Carry steps out on rows and say what they did.

    Parameters
    ----------
    hidden
        By table: columns of which no value is shown.

    Raises
    ------
    InvalidInput
        With everything that speaks against the steps.
    """
    pipeline, made, changes = fit_pipeline(steps, schema, tables)
    rows = sum(len(frame) for frame in tables.values())
    outcomes = tuple(_outcome(pipeline, change, hidden) for change in changes)
    examples: dict[tuple[str, str], tuple[Example, ...]] = {}
    for name, own in steps.items():
        if any(isinstance(step, DropMissing) for step in own):
            continue
        people = _people(tables[name], name, schema)
        for column in dict.fromkeys(step.column for step in own):
            shown = column not in hidden.get(name, frozenset())
            pair = tables[name][column], made[name][column]
            examples[name, column] = _examples(*pair, people, shown=shown)
    return Tried(outcomes, examples, rows, whole)


def hidden_columns(table: Table, found: Collection[str]) -> frozenset[str]:
    """Columns of which no value is shown: by role or action, or with a finding that is open."""
    return frozenset(
        c.name
        for c in table.columns
        if c.role in _HIDDEN
        or c.action not in {None, Action.KEEP}
        or (c.action is None and c.name in found)
    )


def shape_of(text: str) -> str:
    """How a text is written, with runs of letters and digits as one sign each, without marks."""
    plain = unicodedata.normalize("NFC", text)
    bare = "".join(sign for sign in plain if not unicodedata.category(sign).startswith("M"))
    signs = re.sub(r"[^\W\d_]", lambda m: "A" if m[0].isupper() else "a", bare)
    signs = re.sub(r"\d+", "9", signs)
    signs = re.sub(r"([Aa])\1+", r"\1", signs)
    return signs[:_KEPT_RUNS] + ("…" if len(signs) > _KEPT_RUNS else "")


def _outcome(
    pipeline: FittedPipeline, change: Change, hidden: Mapping[str, frozenset[str]]
) -> StepOutcome:
    step = pipeline.steps[change.table][change.place]
    shown = step.column not in hidden.get(change.table, frozenset())
    said = _learned(pipeline, change, step) if shown else ""
    return StepOutcome(
        change.table,
        change.place,
        step,
        change.cells,
        change.lost,
        change.gained,
        change.rows,
        said,
    )


def _learned(pipeline: FittedPipeline, change: Change, step: Step) -> str:
    learned = pipeline.learned[change.table][change.place]
    if "kept" in learned:
        return f"{len(learned['kept']):,} labels stay"
    if not isinstance(step, ProtectExtremes):
        return ""
    if learned["blank"]:
        return "too few people: all become missing"
    own = pipeline.steps[change.table]
    _, table = list(stages(own, pipeline.source[change.table]))[change.place]
    kind = table[step.column].type
    ends = [("from", learned["low"]), ("to", learned["high"])]
    return " ".join(f"{word} {as_text(end, kind)}" for word, end in ends if end is not None)


def _people(frame: pd.DataFrame, name: str, schema: Schema) -> Codes:
    """A number for each row's person, as far as the schema tells who that is."""
    links = [link.child_key for link in schema.relationships if link.child == name]
    return people_of(frame, person_column(frame, schema[name], links))


def _examples(
    before: pd.Series, after: pd.Series, people: Codes, *, shown: bool
) -> tuple[Example, ...]:
    """The most frequent ways in which a column's cells change."""
    rows = changed_cells(before, after)
    old, new = _texts(before), _texts(after)
    sides = (old, new)
    known = [frozenset(_often(x, people)) if shown else frozenset({NONE}) for x in sides]
    pairs = pd.DataFrame({"old": _masked(old, known[0]), "new": _masked(new, known[1])})[rows]
    counts = pairs.value_counts().head(MOST_EXAMPLES)
    return tuple(Example(str(o), str(n), int(count)) for (o, n), count in counts.items())


def _texts(values: pd.Series) -> pd.Series:
    if values.dtype.kind == "M":
        days = (values.dropna() == values.dropna().dt.floor("D")).all()
        text = values.dt.strftime("%Y-%m-%d" if days else "%Y-%m-%d %H:%M:%S")
    else:
        text = values.astype(object).map(_plain, na_action="ignore")
    return text.astype(object).where(values.notna(), NONE).reset_index(drop=True)


def _plain(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _often(texts: pd.Series, people: Codes) -> list[str]:
    counts = people_by_label(texts, people)
    return [*counts.index[counts >= LEAST_PEOPLE], NONE]


def _masked(texts: pd.Series, known: frozenset[str]) -> pd.Series:
    words = {word: word if word in known else shape_of(word) for word in texts.unique()}
    return texts.map(words)
