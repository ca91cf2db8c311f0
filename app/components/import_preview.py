"""How files are going to be read: shown with the first rows, and corrected before the import."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import streamlit as st

from app.components.datasets import TYPE_NAMES, code, counted
from app.components.page import plain
from core.studio.imports import Preview, ReadOptions

DELIMITERS = {",": "comma  ,", ";": "semicolon  ;", "\t": "tab", "|": "bar  |"}
ENCODINGS = (
    "utf-8",
    "cp1252",
    "latin-1",
    "iso8859-15",
    "cp437",
    "mac-roman",
    "utf-16",
    "shift_jis",
)
AUTO = "Find out"
HEADER = {"Yes": True, "No": False}
NUMBERS = {
    "1,234.5": (".", ","),
    "1234.5": (".", ""),
    "1.234,5": (",", "."),
    "1234,5": (",", ""),
    "1 234,5": (",", " "),
    "1'234.5": (".", "'"),
}
DATE_SIGNS = {
    "%d": "DD",
    "%m": "MM",
    "%Y": "YYYY",
    "%y": "YY",
    "%b": "Mon",
    "%B": "Month",
    "%H": "hh",
    "%I": "hh",
    "%M": "mm",
    "%S": "ss",
    "%f": "ffffff",
    "%p": "AM/PM",
}
ORDERS = {"Day first (31/12)": False, "Month first (12/31)": True}

Look = Callable[[Mapping[str, ReadOptions]], Sequence[Preview]]


def settled_options(look: Look, key: str) -> tuple[dict[str, ReadOptions], bool]:
    """Show previews, let them be corrected, and return what was said and whether all can be read.

    ``look`` makes the previews for given options; it is asked again only when these change.
    """
    said = st.session_state.setdefault(f"said_{key}", {})
    previews = _remembered(look, said, key)
    for number, seen in enumerate(p for p in previews if p.kind == "csv"):
        with st.container(border=True):
            _show(seen, said.get(seen.name, ReadOptions()), f"{key}_{number}", said)
    others = [p.name for p in previews if p.kind != "csv"]
    if others:
        st.caption(f":material/check: {plain(', '.join(others))}: types come with the file.")
    return said, not any(p.problem for p in previews)


def _remembered(look: Look, said: Mapping[str, ReadOptions], key: str) -> Sequence[Preview]:
    place, asked = f"seen_{key}", tuple(sorted(said.items(), key=lambda item: item[0]))
    kept = st.session_state.get(place)
    if kept is None or kept[0] != asked:
        with st.spinner("Looking at the first rows"):
            kept = (asked, look(said))
        st.session_state[place] = kept
    return kept[1]


def _show(seen: Preview, now: ReadOptions, key: str, said: dict[str, ReadOptions]) -> None:
    st.markdown(f"**{plain(seen.name)}**")
    if seen.problem:
        st.error(plain(seen.problem), icon=":material/edit_off:")
    elif seen.dialect is not None:
        st.caption(_in_words(seen))
        titles = [f"{c.name} · {TYPE_NAMES[c.type]}" for c in seen.columns]
        rows = pd.DataFrame(list(seen.rows), columns=pd.Index(_apart(titles)))
        st.dataframe(
            rows.head(5),
            hide_index=True,
            height="content",
            alt=f"The first {min(5, len(rows))} rows of {seen.name} as they are going to be read.",
        )
    if seen.aside:
        st.warning(
            f"{counted(seen.aside, 'row')} of the first part cannot be read in this way. They are "
            "kept aside with their line and the reason, and can be downloaded after the import.",
            icon=":material/rule:",
        )
    with st.expander(
        "Not right? Correct how it is read", icon=":material/tune:", expanded=bool(seen.problem)
    ):
        wanted = _form(seen, now, key)
    if wanted != now:
        said[seen.name] = wanted
        st.rerun()


def _in_words(seen: Preview) -> str:
    dialect = seen.dialect
    assert dialect is not None
    mark = DELIMITERS.get(dialect.delimiter, dialect.delimiter).split("  ")[0]
    parts = [
        f"{counted(len(seen.columns), 'column')} set apart by {mark}",
        f"encoded in {code(seen.encoding)}",
        "names in the first line" if seen.has_header else "no line with names",
    ]
    if dialect.skip:
        parts.append(f"{counted(dialect.skip, 'line')} before that left out")
    if any(c.format.point == "," for c in seen.columns):
        parts.append("decimal comma")
    patterns = {c.format.pattern for c in seen.columns if c.format.pattern}
    if patterns:
        parts.append(f"dates like {', '.join(code(date_words(p)) for p in sorted(patterns))}")
    return f":material/check: {', '.join(parts)}."


def date_words(pattern: str) -> str:
    """Return a pattern of dates as people write it, such as ``DD.MM.YYYY hh:mm``."""
    for sign, letters in DATE_SIGNS.items():
        pattern = pattern.replace(sign, letters)
    return pattern


def _form(seen: Preview, now: ReadOptions, key: str) -> ReadOptions:
    first, second = st.columns(2)
    delimiter = _choice(first, "Fields are set apart by", DELIMITERS, now.delimiter, f"{key}_d")
    encodings = {name: name for name in ENCODINGS}
    encoding = _choice(second, "Encoding", encodings, now.encoding, f"{key}_e")
    header = _choice(
        first, "Names in the first line", {v: k for k, v in HEADER.items()}, now.header, f"{key}_h"
    )
    skip = second.number_input(
        "Lines to leave out at the top", 0, 1000, now.skip, key=f"{key}_s", placeholder=AUTO
    )
    marks = {v: k for k, v in NUMBERS.items()}
    current = (now.point, now.thousands or "") if now.point else None
    numbers = _choice(first, "Numbers look like", marks, current, f"{key}_n")
    orders = {v: k for k, v in ORDERS.items()}
    month_first = _choice(second, "Dates", orders, now.month_first, f"{key}_m")
    quotes = {'"': '"', "'": "'", "": "none"}
    quote = _choice(first, "Quotation mark", quotes, now.quote, f"{key}_q")
    point, thousands = numbers or (None, None)
    return ReadOptions(encoding, delimiter, quote, header, skip, point, thousands, month_first)


def _choice(place, label, titles, current, key):  # type: ignore[no-untyped-def]
    """Return one of the keys of ``titles``, or None for what is found out."""
    options = [None, *titles]
    index = options.index(current) if current in options else 0
    return place.selectbox(
        label, options, index, format_func=lambda o: AUTO if o is None else titles[o], key=key
    )


def _apart(titles: Sequence[str]) -> list[str]:
    """Titles of which no two are alike, as a data frame wants them."""
    seen: dict[str, int] = {}
    apart = []
    for title in titles:
        seen[title] = seen.get(title, 0) + 1
        apart.append(title if seen[title] == 1 else f"{title} ({seen[title]})")
    return apart
