"""Columns that arrive with a type (Parquet, JSON, Excel) as canonical columns."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.arrows import any_of, mask
from core.data.infer import Hints, Inferred, infer_table, series_of, string_series, string_type
from core.data.numbers import parse_numbers
from core.data.schema import Column, ColumnType, ValueFormat

_INT64 = 2**63


def typed_column(name: str, values: pa.ChunkedArray, *, dates_in_text: bool) -> Inferred:
    """One Arrow column of any type as a canonical column.

    Nested values become JSON text, binary ones text or hexadecimal digits, zoned timestamps
    universal time, durations seconds: each with a note.

    Parameters
    ----------
    dates_in_text
        Whether text may hold dates (the format has no type for them).
    """
    if pa.types.is_dictionary(values.type):
        values = pc.cast(values, values.type.value_type)
    kind = values.type
    if pa.types.is_null(kind):
        return _string(name, pc.cast(values, pa.string()))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _text(name, pc.cast(values, pa.string()), dates_in_text)
    for accepts, convert in _CONVERTERS:
        if accepts(kind):
            return convert(name, values)
    return _string(name, json_text(values), "nested values are read as JSON text")


def _text(name: str, values: pa.ChunkedArray, dates_in_text: bool) -> Inferred:
    if dates_in_text and not any_of(pc.equal(values, "")):
        found = infer_table(pa.table({name: values}), Hints(dates_only=True))[0]
        if found.column.type.is_numeric:
            return found
    return _string(name, values)


def _string(name: str, values: pa.ChunkedArray, note: str = "") -> Inferred:
    counts = pc.value_counts(values.drop_null()).field("counts").to_numpy()
    column = Column(name, string_type(counts))
    return Inferred(string_series(values, name), column, _notes(name, note))


def _integers(name: str, values: pa.ChunkedArray) -> Inferred:
    largest = pc.max(values).as_py()
    if largest is not None and largest >= _INT64:
        return _string(name, pc.cast(values, pa.string()), "numbers this long are read as text")
    return _build(name, ColumnType.INTEGER, pc.cast(values, pa.int64()), ValueFormat())


def finite(values: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray, int]:
    """Floats as the numbers that their shortest text says, which are missing, and infinities.

    Infinities are missing, and counted.
    """
    single = values.type != pa.float64()
    text = pc.cast(values, pa.string()) if single else None
    numbers = pc.cast(text, pa.float64()) if text is not None else values
    array = numbers.combine_chunks().to_numpy(zero_copy_only=False)
    infinite = int(np.isinf(array).sum())
    array = np.where(np.isinf(array), np.nan, array)
    return array, np.isnan(array), infinite


def infinities(name: str, count: int) -> tuple[str, ...]:
    """What to say of a column with so many infinities."""
    return _notes(name, f"{count} infinities are read as missing" if count else "")


def _floats(name: str, values: pa.ChunkedArray) -> Inferred:
    array, missing, infinite = finite(values)
    style = _float_format(array[~missing])
    series = series_of(ColumnType.NUMBER, array, missing, name)
    column = Column(name, ColumnType.NUMBER, format=style)
    return Inferred(series, column, infinities(name, infinite))


def _float_format(present: np.ndarray) -> ValueFormat:
    """Digits after the point, as the shortest text of each number has them."""
    if len(present) == 0:
        return ValueFormat()
    text = pa.array(np.unique(present)).cast(pa.string())
    parsed = parse_numbers(text, comma_is_point=False)
    decimals = parsed.format.decimals if parsed is not None else None
    return ValueFormat(decimals=0 if parsed and parsed.type is ColumnType.INTEGER else decimals)


def _decimals(name: str, values: pa.ChunkedArray) -> Inferred:
    kind = values.type
    if kind.scale <= 0:
        if kind.precision > 18:
            return _string(name, pc.cast(values, pa.string()), "numbers this long are read as text")
        return _integers(name, pc.cast(values, pa.int64()))
    style = ValueFormat(decimals=kind.scale, fixed=True, least=kind.scale)
    note = "more than 15 digits are rounded" if kind.precision > 15 else ""
    return _build(name, ColumnType.NUMBER, pc.cast(values, pa.float64()), style, note)


def _booleans(name: str, values: pa.ChunkedArray) -> Inferred:
    return _build(name, ColumnType.BOOLEAN, values, ValueFormat())


def _dates(name: str, values: pa.ChunkedArray) -> Inferred:
    stamps = pc.cast(pc.cast(values, pa.date32()), pa.timestamp("us"))
    return _build(name, ColumnType.DATE, stamps, ValueFormat(pattern="%Y-%m-%d"))


def _timestamps(name: str, values: pa.ChunkedArray) -> Inferred:
    zone = "+00:00" if values.type.tz else ""
    stamps = pc.cast(pc.cast(values, pa.timestamp("us", values.type.tz), safe=False),
                     pa.timestamp("us"))  # fmt: skip
    notes = []
    if values.type.tz not in {None, "UTC", "+00:00"}:
        notes.append("zoned times are read in universal time")
    if values.type.unit == "ns" and not pc.cast(stamps, values.type, safe=False).equals(values):
        notes.append("times are cut to microseconds")
    present = stamps.drop_null().combine_chunks().to_numpy(zero_copy_only=False)
    days = present.astype("datetime64[D]")
    if len(present) and bool((present == days).all()):
        kind, pattern = ColumnType.DATE, f"%Y-%m-%d 00:00:00{zone}" if zone else "%Y-%m-%d"
        return _build(name, kind, stamps, ValueFormat(pattern=pattern), "; ".join(notes))
    style = _resolution(present.astype("int64"), f"%Y-%m-%d %H:%M:%S{{fraction}}{zone}")
    return _build(name, ColumnType.DATETIME, stamps, style, "; ".join(notes))


def _times(name: str, values: pa.ChunkedArray) -> Inferred:
    micro = pc.cast(pc.cast(values, pa.time64("us"), safe=False), pa.int64())
    present = micro.drop_null().combine_chunks().to_numpy(zero_copy_only=False)
    style = _resolution(present, "%H:%M:%S{fraction}")
    return _build(name, ColumnType.TIME, pc.cast(micro, pa.duration("us")), style)


def _resolution(microseconds: np.ndarray, pattern: str) -> ValueFormat:
    """The pattern with as many digits of seconds as occur."""
    digits = next((d for d in (0, 3) if not (microseconds % 10 ** (6 - d)).any()), 6)
    fraction = ".%f" if digits else ""
    return ValueFormat(pattern=pattern.format(fraction=fraction), decimals=digits or None)


def _durations(name: str, values: pa.ChunkedArray) -> Inferred:
    micro = pc.cast(pc.cast(values, pa.duration("us"), safe=False), pa.int64())
    seconds = pc.divide(pc.cast(micro, pa.float64()), 1e6)
    found = _floats(name, seconds)
    return Inferred(found.values, found.column, _notes(name, "durations are read as seconds"))


def _binary(name: str, values: pa.ChunkedArray) -> Inferred:
    raw = pc.cast(values, pa.binary())
    try:
        return _string(name, pc.cast(raw, pa.string()), "binary values are read as text")
    except pa.ArrowInvalid:
        return _string(name, mixed_text(raw), "binary values are read as hexadecimal digits")


def _build(
    name: str, kind: ColumnType, values: pa.ChunkedArray, style: ValueFormat, note: str = ""
) -> Inferred:
    array = values.combine_chunks()
    missing = mask(array.is_null())
    plain = pa.scalar(0, pa.int64()).cast(array.type) if kind is not ColumnType.BOOLEAN else False
    raw = pc.fill_null(array, plain).to_numpy(zero_copy_only=False)
    series = series_of(kind, raw, missing, name)
    return Inferred(series, Column(name, kind, format=style), _notes(name, note))


def mixed_text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Values of any type as text, binary ones as hexadecimal digits."""
    cells = [None if value is None else plain_text(value) for value in values.to_pylist()]
    return pa.chunked_array([pa.array(cells, pa.string())])


def plain_text(value: object) -> str:
    """One value as text, a binary one as hexadecimal digits."""
    return value.hex() if isinstance(value, bytes) else str(value)


def json_text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Nested values as JSON text."""
    cells = [
        None if value is None else json.dumps(value, default=str, ensure_ascii=False)
        for value in values.to_pylist()
    ]
    return pa.chunked_array([pa.array(cells, pa.string())])


def _notes(name: str, note: str) -> tuple[str, ...]:
    return (f"Column {name!r}: {note}.",) if note else ()


_CONVERTERS = (
    (pa.types.is_boolean, _booleans),
    (pa.types.is_integer, _integers),
    (pa.types.is_floating, _floats),
    (pa.types.is_decimal, _decimals),
    (pa.types.is_date, _dates),
    (pa.types.is_timestamp, _timestamps),
    (pa.types.is_time, _times),
    (pa.types.is_duration, _durations),
    (pa.types.is_binary, _binary),
    (pa.types.is_large_binary, _binary),
    (pa.types.is_fixed_size_binary, _binary),
)
