"""Numbers as text: how they were written, reading them, and writing them the same way."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.data.arrows import all_of, any_of, fits, mask
from core.data.duck import calculate
from core.data.schema import ColumnType, ValueFormat

INTEGER = r"^(0|-?[1-9][0-9]{0,17})$"
NUMBER = r"^-?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
INFINITE = r"^[+-]?(?i:inf|infinity)$"
EXACT_DIGITS = 15
_TOO_LONG = r"^-?[0-9]{19,}$"
_GROUPED = r"^-?(0|[1-9][0-9]{{0,2}}({sep}[0-9]{{3}})*)({point}[0-9]+)?$"
_GROUPINGS = ((",", "."), (".", ","), (" ", ","), (" ", "."), ("\u00a0", ","), ("\u202f", ","),
              ("'", "."), ("’", "."))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parsed:
    """Typed values of distinct cells, aligned with them.

    ``rewritten`` marks the cells that :func:`core.data.render.render` writes in another way.
    """

    type: ColumnType
    values: npt.NDArray[np.generic]
    missing: npt.NDArray[np.bool_]
    format: ValueFormat
    rewritten: npt.NDArray[np.bool_]
    note: str = ""


def parse_numbers(
    cells: pa.Array, comma_is_point: bool, marks: tuple[str, str] | None = None
) -> Parsed | None:
    """Integers or decimals, when every cell is one; else None.

    Numbers with leading zeros, a plus sign or more than 18 digits are no numbers but codes.

    Parameters
    ----------
    cells
        Distinct text, none missing.
    comma_is_point
        Whether ``1,234`` is rather 1.234 (fields are not separated by commas) than 1234.
    marks
        Decimal mark and what groups thousands, where a person has said so.
    """
    if marks is not None:
        return _with_marks(cells, *marks)
    if matches(cells, INTEGER):
        return _integers(cells, ValueFormat())
    infinite = fits(cells, INFINITE)
    finite = pc.if_else(infinite, "0", cells)
    if matches(finite, NUMBER):
        return _decimals(cells, finite, mask(infinite), ValueFormat())
    if not any_of(fits(cells, r"^-?[0-9]+[,.' \x{a0}\x{202f}’][0-9]")):
        return None
    for style in _styles(cells, comma_is_point):
        plain = pc.replace_substring(cells, style.thousands, "") if style.thousands else cells
        plain = pc.replace_substring(plain, style.point, ".")
        if matches(plain, INTEGER):
            return _integers(plain, style, cells)
        if matches(plain, NUMBER):
            return _decimals(cells, plain, np.zeros(len(cells), dtype=bool), style)
    return None


def _with_marks(cells: pa.Array, point: str, thousands: str) -> Parsed | None:
    """Numbers with the marks that were said, grouped or not."""
    infinite = fits(cells, INFINITE)
    finite = pc.if_else(infinite, "0", cells)
    sep, mark = re.escape(thousands), re.escape(point)
    grouped = f"|[1-9][0-9]{{0,2}}({sep}[0-9]{{3}})+" if thousands else ""
    if not matches(
        finite, rf"^-?((0|[1-9][0-9]*{grouped})({mark}[0-9]*)?|{mark}[0-9]+)([eE][+-]?[0-9]+)?$"
    ):
        return None
    style = ValueFormat(thousands=thousands, point=point)
    if thousands and not any_of(pc.match_substring(finite, thousands)):
        style = replace(style, thousands="")
    plain = pc.replace_substring(finite, thousands, "") if thousands else finite
    plain = pc.replace_substring(plain, point, ".")
    if matches(plain, INTEGER) and not any_of(infinite):
        kept = style if style.thousands else ValueFormat()
        return _integers(plain, kept, cells)
    return _decimals(cells, plain, mask(infinite), style)


def matches(cells: pa.Array, pattern: str, sample: int = 200) -> bool:
    """Whether every cell fits the pattern; a few are looked at before all are."""
    return all(all_of(fits(part, pattern)) for part in (cells[:sample], cells[sample:]))


def write_integers(values: pa.Array, style: ValueFormat) -> pa.Array:
    """Integers as text."""
    return _grouped(pc.cast(values, pa.large_string()), style)


def write_decimals(values: pa.Array, style: ValueFormat) -> pa.Array:
    """Floats as text, with the digits of the format, or the fewest that tell them apart."""
    least = style.decimals if style.fixed and style.decimals is not None else style.least
    if style.decimals is None:
        text = calculate("x::VARCHAR", values, {})
        text = text if least else pc.replace_substring_regex(text, r"\.0$", "")
    else:
        text = calculate(f"format('{{:.{int(style.decimals)}f}}', x)", values, {})
        if least < style.decimals:
            text = pc.replace_substring_regex(text, rf"(\.[0-9]{{{least}}}[0-9]*?)0+$", r"\1")
            text = pc.utf8_rtrim(text, ".")
    return _grouped(pc.cast(text, pa.large_string()), style)


def _integers(plain: pa.Array, style: ValueFormat, cells: pa.Array | None = None) -> Parsed:
    values = pc.cast(plain, pa.int64())
    none = np.zeros(len(plain), dtype=bool)
    rewritten = none if cells is None else _differs(write_integers(values, style), cells)
    return Parsed(ColumnType.INTEGER, values.to_numpy(), none, style, rewritten)


def _decimals(
    cells: pa.Array, plain: pa.Array, infinite: npt.NDArray[np.bool_], style: ValueFormat
) -> Parsed | None:
    if any_of(fits(plain, _TOO_LONG)):
        return None
    values = pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False)
    missing = infinite | ~np.isfinite(values)
    style = _digits(plain.filter(pa.array(~missing)), style)
    rewritten = _rewritten(cells, plain, np.where(missing, 0.0, values), style) & ~missing
    if style.decimals is not None and _collapses(values[~missing], rewritten):
        return None
    values = np.where(missing, np.nan, values)
    note = "infinities are read as missing" if missing.any() else ""
    return Parsed(ColumnType.NUMBER, values, missing, style, rewritten, note)


def _rewritten(
    cells: pa.Array, plain: pa.Array, values: npt.NDArray[np.float64], style: ValueFormat
) -> npt.NDArray[np.bool_]:
    """Cells that come back in another form.

    A decimal of at most 15 digits is exact in a float, so without marks of its own only its
    padding can differ: zeros at its end, or no digit before or behind the point.
    """
    if style.decimals is None or style.thousands or style.point != ".":
        return _differs(write_decimals(pa.array(values), style), cells)
    return mask(fits(plain, rf"\.[0-9]{{{style.least},}}0$|^-?\.|\.$"))


def _collapses(values: npt.NDArray[np.generic], rewritten: npt.NDArray[np.bool_]) -> bool:
    """Whether cells that are told apart as text (``1.1`` and ``1.10``) would become one."""
    return bool(rewritten.any()) and len(np.unique(values)) < len(values)


def _digits(plain: pa.Array, style: ValueFormat) -> ValueFormat:
    """The digits after the point that occur; unknown for powers of ten and very long ones."""
    if len(plain) == 0:
        return style
    short = plain.filter(pc.invert(fits(plain, "[eE]")))
    point = pc.find_substring(short, ".").to_numpy()
    after = np.where(point < 0, 0, pc.utf8_length(short).to_numpy() - point - 1)
    least = int(after.min(initial=99)) if len(after) else 1
    if len(short) < len(plain) or _longest(short) > EXACT_DIGITS:
        return replace(style, decimals=None, least=min(least, 1))
    most = int(after.max())
    return replace(style, decimals=most, least=least, fixed=0 < most == least)


def _longest(plain: pa.Array) -> int:
    digits = pc.utf8_ltrim(pc.replace_substring_regex(plain, "[-.]", ""), "0")
    return int(pc.max(pc.utf8_length(digits)).as_py() or 0)


def _styles(cells: pa.Array, comma_is_point: bool) -> Iterator[ValueFormat]:
    """Ways in which these cells may be numbers with other marks, likeliest first."""
    comma = ValueFormat(point=",")
    if comma_is_point and matches(cells, r"^-?(0|[1-9][0-9]*)(,[0-9]+)?$"):
        yield comma
    for separator, point in _GROUPINGS:
        if _clearly_grouped(cells, separator, point):
            yield ValueFormat(thousands=separator, point=point)
    if matches(cells, r"^-?(0|[1-9][0-9]*)(,[0-9]+)?$"):
        yield comma


def _clearly_grouped(cells: pa.Array, separator: str, point: str) -> bool:
    """All cells are grouped by threes, and not all in one way, as telephone numbers are."""
    escaped = {"sep": separator.replace(".", r"\."), "point": point.replace(".", r"\.")}
    if not matches(cells, _GROUPED.format(**escaped)):
        return False
    groups = pc.count_substring(cells, separator)
    varied = len(pc.unique(groups)) > 1
    return bool(pc.max(groups).as_py()) and (varied or any_of(pc.match_substring(cells, point)))


def _grouped(text: pa.Array, style: ValueFormat) -> pa.Array:
    if style.point != ".":
        text = pc.replace_substring(text, ".", style.point)
    if not style.thousands:
        return text
    while True:
        grouped = pc.replace_substring_regex(
            text, r"^(-?[0-9]+)([0-9]{3})([^0-9].*)?$", rf"\1{style.thousands}\2\3"
        )
        if grouped.equals(text):
            return text
        text = grouped


def _differs(written: pa.Array, cells: pa.Array) -> npt.NDArray[np.bool_]:
    return mask(pc.not_equal(written, pc.cast(cells, pa.large_string())))
