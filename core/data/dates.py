"""Dates and times as text: which pattern they were written with, reading, writing the same way.

A pattern is one of ``strftime``; a zone that all values share stays in it as literal text.
Fractions of seconds are ``%f`` in the pattern, cut to ``ValueFormat.decimals`` digits.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.data.arrows import all_of, fits, joined, mask
from core.data.duck import calculate
from core.data.numbers import Parsed
from core.data.schema import ColumnType, ValueFormat

_MONTH = r"[A-Za-z]{3,9}\.?"
_DATES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"\d{4}(?P<s>[-/.])\d{1,2}(?P=s)\d{1,2}", ("%Y{s}%m{s}%d",)),
    (r"\d{1,2}(?P<s>[-/.])\d{1,2}(?P=s)\d{4}", ("%d{s}%m{s}%Y", "%m{s}%d{s}%Y")),
    (r"\d{1,2}(?P<s>[-/.])\d{1,2}(?P=s)\d{2}", ("%d{s}%m{s}%y", "%m{s}%d{s}%y", "%y{s}%m{s}%d")),
    (r"\d{4}(?P<s>[-/.])\d{2}", ("%Y{s}%m",)),
    (r"\d{2}(?P<s>[-/.])\d{4}", ("%m{s}%Y",)),
    (rf"\d{{1,2}}(?P<s>[- ]){_MONTH}(?P=s)\d{{4}}", ("%d{s}%b{s}%Y", "%d{s}%B{s}%Y")),
    (rf"\d{{1,2}}(?P<s>[- ]){_MONTH}(?P=s)\d{{2}}", ("%d{s}%b{s}%y",)),
    (rf"{_MONTH} \d{{1,2}}, \d{{4}}", ("%b %d, %Y", "%B %d, %Y")),
    (rf"{_MONTH}(?P<s>[- ])\d{{4}}", ("%b{s}%Y", "%B{s}%Y")),
    (rf"\d{{4}}(?P<s>[- ]){_MONTH}(?P=s)\d{{1,2}}", ("%Y{s}%b{s}%d",)),
    (r"\d{8}", ("%Y%m%d",)),
)
_TIME = r"(?P<h>\d{1,2}):\d{2}(?P<sec>:\d{2})?(?P<frac>[.,]\d{1,9})?(?P<half> ?[AaPp][Mm])?"
_ZONE = r" ?(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)"
_OFFSET = r"[+-]\d{2}(:?\d{2})?$"
_SHAPES = tuple(
    (re.compile(rf"^(?P<date>{date})(?:(?P<gap>[ T]|, )(?:{_TIME})(?P<zone>{_ZONE})?)?$"), patterns)
    for date, patterns in _DATES
)
_CLOCK = re.compile(rf"^{_TIME}$")
_FIRST_LOOK = 200


@dataclass(frozen=True, slots=True)
class _Candidate:
    pattern: str
    type: ColumnType


def parse_dates(cells: pa.Array, month_first: bool | None = None) -> Parsed | None:
    """Dates, datetimes or times of day, when every cell is one; else None.

    Where days and months cannot be told apart, the day is taken to come first, with a note.

    Parameters
    ----------
    cells
        Distinct text, none missing.
    month_first
        Which of the two comes first, where a person has said so.
    """
    candidates = list(_candidates(cells[0].as_py()))
    if month_first is not None:
        candidates = [c for c in candidates if _month_first(c.pattern) in {None, month_first}]
    look = cells[:_FIRST_LOOK]
    hopeful = [c for c in candidates if _read(look, c.pattern) is not None]
    best: tuple[Parsed, _Candidate] | None = None
    ambiguous = False
    for candidate in hopeful:
        if best is not None and _same_order(candidate, best[1]) and not best[0].rewritten.any():
            continue
        parsed = _parse(cells, candidate)
        if parsed is None:
            continue
        if best is None or parsed.rewritten.sum() < best[0].rewritten.sum():
            best, ambiguous = (parsed, candidate), False
        elif parsed.rewritten.sum() == best[0].rewritten.sum():
            ambiguous = ambiguous or not np.array_equal(parsed.values, best[0].values)
    if best is None:
        return _mixed_offsets(cells)
    return _noted(best[0], ambiguous)


def _month_first(pattern: str) -> bool | None:
    """Whether a pattern of three numbers has its month first; None where it cannot be told."""
    order = re.findall(r"%-?([dmyY])", pattern)[:3]
    return {"dm": False, "md": True}.get("".join(order[:2]))


def is_compact_date(cells: pa.Array, column: str) -> bool:
    """Whether eight-digit numbers are dates: all valid, and many or so named."""
    named = re.search(r"date|day|dob|datum|birth", column, re.IGNORECASE)
    return (
        (named is not None or len(cells) >= 20)
        and bool(re.match(r"^(19|20)\d{6}$", cells[0].as_py()))
        and _read(cells[:_FIRST_LOOK], "%Y%m%d") is not None
    )


def write_dates(values: pa.Array, style: ValueFormat) -> pa.Array:
    """Timestamps as text with the format's pattern (ISO 8601 where it has none)."""
    pattern = style.pattern or "%Y-%m-%d %H:%M:%S"
    head, fraction, tail = pattern.partition("%f")
    if not fraction or style.decimals is None or style.decimals >= 6:
        return pc.cast(calculate("strftime(x, $p)", values, {"p": pattern}), pa.large_string())
    text = calculate("strftime(x, $p)", values, {"p": head + fraction})
    cut = pc.utf8_slice_codeunits(text, 0, style.decimals - 6)
    return joined(cut, tail.replace("%%", "%"))


def _candidates(cell: str) -> Iterator[_Candidate]:
    """Patterns that fit the shape of one cell, likeliest first, padded before unpadded."""
    clock = _CLOCK.match(cell)
    if clock:
        yield from (_Candidate(p, ColumnType.TIME) for p in _clock_patterns(clock))
    for shape, patterns in _SHAPES:
        found = shape.match(cell)
        if not found:
            continue
        separator = found.groupdict().get("s") or ""
        dates = [_pad(p.format(s=separator), pad) for pad in (True, False) for p in patterns]
        if found["gap"] is None:
            yield from (_Candidate(p, ColumnType.DATE) for p in dict.fromkeys(dates))
            continue
        zone = (found["zone"] or "").replace("%", "%%")
        for date, clock_pattern in product(dict.fromkeys(dates), _clock_patterns(found)):
            pattern = date + found["gap"] + clock_pattern + zone
            yield _Candidate(pattern, ColumnType.DATETIME)


def _clock_patterns(found: re.Match[str]) -> list[str]:
    half = found["half"]
    tail = ":%S" if found["sec"] else ""
    if found["frac"]:
        tail += found["frac"][0] + "%f"
    hours = ("%I", "%-I") if half else ("%H", "%-H")
    suffix = half[:-2] + "%p" if half else ""
    patterns = [f"{hour}:%M{tail}{suffix}" for hour in hours]
    if found["sec"]:
        other = ":%S" if found["frac"] else ":%S.%f"
        patterns += [f"{hour}:%M{other}{suffix}" for hour in hours[:1]]
    return patterns


def _pad(pattern: str, padded: bool) -> str:
    return pattern if padded else pattern.replace("%d", "%-d").replace("%m", "%-m")


def _read(cells: pa.Array, pattern: str) -> pa.Array | None:
    """Timestamps, or None when a cell does not fit. ``%f`` may be absent, or longer than six."""
    if "%f" not in pattern:
        values = calculate("try_strptime(x, $p)", cells, {"p": pattern})
    else:
        cut = pc.replace_substring_regex(cells, r"([.,]\d{6})\d+", r"\1")
        whole = re.sub(r"[.,]%f", "", pattern)
        expression = "coalesce(try_strptime(x, $p), try_strptime(x, $w))"
        values = calculate(expression, cut, {"p": pattern, "w": whole})
    return None if values.null_count else pc.cast(values, pa.timestamp("us"))


def _parse(cells: pa.Array, candidate: _Candidate) -> Parsed | None:
    values = _read(cells, candidate.pattern)
    if values is None:
        return None
    style = ValueFormat(pattern=candidate.pattern, decimals=_fraction(cells, candidate.pattern))
    written = write_dates(values, style)
    rewritten = ~mask(pc.equal(written, pc.cast(cells, pa.large_string())))
    return _typed(values, candidate.type, style, rewritten)


def _typed(
    values: pa.Array, kind: ColumnType, style: ValueFormat, rewritten: npt.NDArray[np.bool_]
) -> Parsed:
    stamps = values.to_numpy(zero_copy_only=False).astype("datetime64[us]")
    days = stamps.astype("datetime64[D]").astype("datetime64[us]")
    none = np.zeros(len(stamps), dtype=bool)
    if kind is ColumnType.TIME:
        return Parsed(kind, stamps - days, none, style, rewritten)
    if kind is ColumnType.DATETIME and bool((stamps == days).all()):
        kind = ColumnType.DATE
    return Parsed(kind, stamps, none, style, rewritten)


def _fraction(cells: pa.Array, pattern: str) -> int | None:
    """Most digits of a fraction of a second, six at most."""
    if "%f" not in pattern:
        return None
    digits = pc.struct_field(pc.extract_regex(cells, r":\d{2}[.,](?P<f>\d+)"), "f")
    longest = pc.max(pc.utf8_length(digits)).as_py()
    return min(int(longest or 0), 6) or None


def _same_order(one: _Candidate, other: _Candidate) -> bool:
    """Whether two patterns differ in padding and fractions only."""
    plain = [re.sub(r"[.,]%f|(?<=%)-", "", c.pattern) for c in (one, other)]
    return plain[0] == plain[1]


def _mixed_offsets(cells: pa.Array) -> Parsed | None:
    """Datetimes whose offset changes, as in summer, in coordinated universal time."""
    if not all_of(fits(cells, _OFFSET)):
        return None
    expression = "TRY_CAST(x AS TIMESTAMPTZ) AT TIME ZONE 'UTC'"
    values = calculate(expression, cells, {})
    if values.null_count or not all_of(fits(cells, r"\d:\d{2}")):
        return None
    gap = "T" if "T" in cells[0].as_py() else " "
    digits = _fraction(cells, "%f")
    pattern = f"%Y-%m-%d{gap}%H:%M:%S" + (".%f" if digits else "") + "+00:00"
    style = ValueFormat(pattern=pattern, decimals=digits)
    stamps = pc.cast(values, pa.timestamp("us"))
    parsed = _typed(stamps, ColumnType.DATETIME, style, np.zeros(len(cells), dtype=bool))
    note = "offsets from universal time differ, so the values are read in universal time"
    return Parsed(parsed.type, parsed.values, parsed.missing, style, parsed.rewritten, note)


def _noted(parsed: Parsed, ambiguous: bool) -> Parsed:
    if not ambiguous:
        return parsed
    note = "day and month cannot be told apart; the day is taken to come first"
    return Parsed(parsed.type, parsed.values, parsed.missing, parsed.format, parsed.rewritten, note)
