"""What a profile warns of, each with what it means for synthetic data made from the table."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import streamlit as st

from app.components.datasets import code
from app.components.page import plain
from core.data.profile import ColumnProfile, TableProfile
from core.data.schema import ColumnType

SHOWN = 12
MANY_MISSING = 0.5
LONG_TAIL = 0.01
MANY_DIFFERENT = 100
LOPSIDED = 0.95
_BETWEEN = re.compile(r"(?<=[^\W\d_])[\s\-_/.,'’]+(?=[^\W_])|(?<=[^\W_])[\s\-_/.,'’]+(?=[^\W\d_])")
"""Between two letters, or a letter and a digit."""
_AT_END = re.compile(r"(?<=\w)[.,;:!?]+$")
LONG_GAP = 30
SAME = 0.97
NAMED = 3


@dataclass(frozen=True, slots=True)
class Warned:
    """What was seen, in which columns, and what follows for synthesis."""

    seen: str
    columns: tuple[str, ...]
    means: str


def warnings_of(profile: TableProfile) -> list[Warned]:
    """Return what is worth knowing before a generator learns from the table."""
    return [*_of_rows(profile), *_of_columns(profile), *_between_columns(profile)]


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


def _between_columns(profile: TableProfile) -> Iterator[Warned]:
    same = twins(profile)
    if same:
        yield Warned(
            "nearly the same information twice",
            same,
            "a generator spends effort on both and may let them drift apart: drop one, or make a "
            "rule of what binds them.",
        )
    held = tuple(
        dict.fromkeys(
            [name for d in profile.dependencies for name in (d.determinant, d.dependent)]
            + [name for i in profile.inequalities for name in (i.low, i.high)]
        )
    )
    if held:
        yield Warned(
            "something always holds between columns",
            held,
            "synthetic rows keep it for sure only where a rule asks for it; what holds is below "
            "the map of what goes together.",
        )


def twins(profile: TableProfile) -> tuple[str, ...]:
    """Return the columns of pairs of which one tells the other all but fully."""
    links = profile.associations
    found = [
        name
        for i, row in enumerate(links.matrix)
        for j, value in enumerate(row[:i])
        if value is not None and value >= SAME
        for name in (links.columns[j], links.columns[i])
    ]
    return tuple(dict.fromkeys(found))


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
    is_many = column.distinct > MANY_DIFFERENT and column.distinct > 0.5 * present
    return is_text and is_many and not column.unique


def _is_key(column: ColumnProfile) -> bool:
    keys = {ColumnType.INTEGER, ColumnType.CATEGORY, ColumnType.TEXT}
    return column.unique and column.type in keys


def _is_rounded(column: ColumnProfile) -> bool:
    return column.beyond_floats and not column.unique


def _is_lopsided(column: ColumnProfile) -> bool:
    present = column.rows - column.missing
    is_coded = not column.type.is_numeric and not column.nearly_constant and column.distinct > 1
    return is_coded and column.most >= LOPSIDED * present


def _has_many_categories(column: ColumnProfile) -> bool:
    present = column.rows - column.missing
    is_category = column.type is ColumnType.CATEGORY and not column.unique
    return is_category and MANY_DIFFERENT < column.distinct <= 0.5 * present


def _is_written_in_ways(column: ColumnProfile) -> bool:
    if column.type is not ColumnType.CATEGORY or column.hidden:
        return False
    told = [bare(value) for value, _ in column.top]
    return len(set(told)) < len(told)


def bare(value: str) -> str:
    """Return a value without what a second way of writing it differs by.

    That is case, accents, spaces, what stands between words, and a full stop or the like at the
    end. Signs that may mean something stay: those between digits (1.5), and of grades (A+, A-).
    """
    letters = unicodedata.normalize("NFKD", value.casefold().strip())
    plain_letters = "".join(char for char in letters if not unicodedata.combining(char))
    return _BETWEEN.sub("", _AT_END.sub("", plain_letters))


def _has_gaps(column: ColumnProfile) -> bool:
    calendar = column.calendar
    return calendar is not None and calendar.longest_gap >= max(LONG_GAP, 10 * calendar.step)


_TESTS = (
    (
        "whole numbers of more than 15 digits",
        "they are stored, and made into tokens and keys, to the last digit, but a generator "
        "learns, and the profile shows, about 16 digits. If they are numbers of something and no "
        "amounts, settle them as a key or mask them, or read them as a category.",
        _is_rounded,
    ),
    (
        "no value occurs twice, as in a key",
        "keys are made anew and never learned: settle it as the key, or drop it.",
        _is_key,
    ),
    (
        "one value in nearly all rows, the other rare",
        "the rare outcome is easily lost: ask for shares of it, and compare it in the result.",
        _is_lopsided,
    ),
    (
        "many categories",
        "rare ones are protected, which merges or redraws them; their share of rows may shift.",
        _has_many_categories,
    ),
    (
        "values written in several ways",
        "each way is learned as a value of its own: clean it in the preparation if it is one.",
        _is_written_in_ways,
    ),
    (
        "a long stretch of days without rows",
        "gaps in time are smoothed unless they recur; check dates in the result.",
        _has_gaps,
    ),
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


def show_column_warnings(profile: TableProfile, column: str) -> None:
    """Show what the profile warns of in one column."""
    found = [warned for warned in warnings_of(profile) if column in warned.columns]
    if not found:
        st.caption("Nothing stands out that a generator would stumble over.")
        return
    st.markdown("**For synthesis**")
    st.markdown("\n".join(f"- {_capital(warned.seen)}: {warned.means}" for warned in found))


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
            where = names + (f" and {more} more" if more > 0 else "")
            seen = f"{where}: {warned.seen}" if names else _capital(warned.seen)
            st.markdown(f"- {seen}. {_capital(warned.means)}")


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
