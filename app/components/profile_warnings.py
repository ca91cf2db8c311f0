"""What a profile warns of, each with what it means for synthetic data made from the table."""

from collections.abc import Iterator
from dataclasses import dataclass

import streamlit as st

from app.components.datasets import code
from app.components.page import plain
from core.data.profile import ColumnProfile, TableProfile

SHOWN = 8
MANY_MISSING = 0.5
LONG_TAIL = 0.01
MANY_DIFFERENT = 100
NAMED = 3


@dataclass(frozen=True, slots=True)
class Warned:
    """What was seen, in which columns, and what follows for synthesis."""

    seen: str
    columns: tuple[str, ...]
    means: str


def warnings_of(profile: TableProfile) -> list[Warned]:
    """Return what is worth knowing before a generator learns from the table."""
    return list(_of_rows(profile)) + list(_of_columns(profile))


def _of_rows(profile: TableProfile) -> Iterator[Warned]:
    if profile.duplicate_rows and profile.duplicate_rows >= 0.01 * profile.rows:
        yield Warned(
            f"repeated rows ({profile.duplicate_rows:,})",
            (),
            "copies are learned twice as strongly, and make it look as if real rows were copied.",
        )
    if 0 < profile.rows < 500:
        yield Warned(
            f"there are {profile.rows:,} rows only",
            (),
            "little can be learned, and single rows weigh much: mind the privacy figures.",
        )


def _of_columns(profile: TableProfile) -> Iterator[Warned]:
    for seen, means, test in _TESTS:
        names = tuple(column.name for column in profile.columns if test(column))
        if names:
            yield Warned(seen, names, means)


def _is_still(column: ColumnProfile) -> bool:
    return column.nearly_constant


def _is_empty_often(column: ColumnProfile) -> bool:
    return not column.nearly_constant and column.missing_share >= MANY_MISSING


def _has_tail(column: ColumnProfile) -> bool:
    present = column.rows - column.missing
    return column.numbers is not None and column.numbers.far_outliers >= LONG_TAIL * present > 0


def _is_scattered(column: ColumnProfile) -> bool:
    present = column.rows - column.missing
    is_text = column.lengths is not None and not column.hidden
    return is_text and column.distinct > MANY_DIFFERENT and column.distinct > 0.5 * present


_TESTS = (
    (
        "one value stands in nearly all rows",
        "the rest is rare: generators may leave it out. Drop the column unless it matters.",
        _is_still,
    ),
    (
        "more than half is missing",
        "gaps are learned too, but what stands in between rests on few rows.",
        _is_empty_often,
    ),
    (
        "a long tail far from the middle",
        "extremes are hard to learn and easy to recognise; check them in the privacy figures.",
        _has_tail,
    ),
    (
        "text that hardly repeats",
        "it cannot be learned as categories: it is made up anew, or should be dropped.",
        _is_scattered,
    ),
)


def show_warnings(profile: TableProfile) -> None:
    """Show what the profile warns of, and what it means for synthesis."""
    found = warnings_of(profile)
    if not found:
        return
    with st.container(border=True):
        st.markdown("**Worth knowing before synthesis**")
        for warned in found[:SHOWN]:
            names = ", ".join(code(name) for name in warned.columns[:NAMED])
            more = len(warned.columns) - NAMED
            where = f" in {names}" + (f" and {more} more" if more > 0 else "") if names else ""
            st.markdown(f"- {_capital(warned.seen)}{where}: {warned.means}")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def show_quality(profile: TableProfile) -> None:
    """Show the quality score and how it is made up."""
    if profile.quality is None:
        return
    quality = profile.quality
    with st.expander(f"Data quality: {quality.score:.0%}", icon=":material/verified:"):
        st.caption("The weighted mean of four parts, each counted over all rows.")
        for part in quality.parts:
            st.markdown(
                f"- **{part.name.capitalize()} {part.score:.1%}**, weight {part.weight:.0%}: "
                f"{plain(part.why)}"
            )
        if profile.anomalies is not None:
            found = profile.anomalies
            st.caption(
                f"Beside the score: {found.above:.1%} of {found.rows:,} rows looked at are set "
                "apart from the others (isolation forest, score over 0.6)."
            )


def show_holding(profile: TableProfile) -> None:
    """Show what always holds between columns: rules that could be asked of synthetic rows."""
    said = [
        f"{code(d.determinant)} and {code(d.dependent)} are fixed to each other."
        if d.both_ways
        else f"{code(d.determinant)} tells {code(d.dependent)}."
        for d in profile.dependencies
    ]
    said += [
        f"{code(i.low)} is {'always below' if i.strict else 'never above'} {code(i.high)}."
        for i in profile.inequalities
    ]
    said += [
        f"{code(k.column)} could point to {code(k.parent_column)} of {plain(k.parent)}."
        for k in profile.foreign_keys
    ]
    if not said:
        return
    with st.expander(f"What always holds ({len(said)})", icon=":material/rule_settings:"):
        st.caption("True in every row where both values are there; rules can ask for it.")
        st.markdown("\n".join(f"- {sentence}" for sentence in said))
