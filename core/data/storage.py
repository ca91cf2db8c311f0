"""Types that columns had in Parquet files and get again there, beyond the canonical ones.

A data frame that is read from a synthetic file has the dtypes of the real one: moments in the
same unit and zone, dates that were timestamps, single-precision floats, decimals, categories.
Whole numbers all become 64-bit, since keys go on where the real ones end.
"""

import re

import pyarrow as pa
import pyarrow.compute as pc

_DICTIONARY = "dictionary"
_ALIASES = {"float": pa.float32(), "date64[ms]": pa.date64()}
_TIMESTAMP = re.compile(r"timestamp\[(s|ms|us|ns)(?:, tz=(.+))?\]")
_TIME = re.compile(r"time(?:32|64)\[(s|ms|us|ns)\]")
_DECIMAL = re.compile(r"decimal128\((\d+), (\d+)\)")


def storage_of(kind: pa.DataType) -> str:
    """A type's name if :func:`stored` can bring it back, else nothing."""
    name = str(kind)
    if pa.types.is_dictionary(kind):
        is_text = pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type)
        return _DICTIONARY if is_text else ""
    return name if _type_of(name) is not None else ""


def stored(values: pa.Array, storage: str) -> pa.Array:
    """Values in the type of that name; as they are where it is none of these."""
    if storage == _DICTIONARY:
        return values.dictionary_encode()
    kind = _type_of(storage)
    if kind is None:
        return values
    if pa.types.is_timestamp(kind) and pa.types.is_date(values.type):
        values = pc.cast(values, pa.timestamp("us"))
    return pc.cast(values, kind, safe=False)


def _type_of(name: str) -> pa.DataType | None:
    if found := _TIMESTAMP.fullmatch(name):
        return pa.timestamp(found[1], found[2])
    if found := _TIME.fullmatch(name):
        return pa.time32(found[1]) if found[1] in {"s", "ms"} else pa.time64(found[1])
    if (found := _DECIMAL.fullmatch(name)) and 0 < int(found[2]) < int(found[1]) <= 38:
        return pa.decimal128(int(found[1]), int(found[2]))
    return _ALIASES.get(name)
