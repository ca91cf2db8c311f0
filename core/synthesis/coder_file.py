"""Coders of columns as JSON and arrays, without pickle."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.schema import Column, Schema, Table
from core.synthesis.curves import Curve, curve_parts, curves_of_parts
from core.synthesis.encoding import (
    CategoryCoder,
    Coder,
    ConstantCoder,
    Levels,
    NumberCoder,
    TableCoder,
)
from core.synthesis.latent import LevelCoder, QuantileCoder

Arrays = dict[str, npt.NDArray[Any]]


def coder_parts(coder: TableCoder) -> tuple[dict[str, Any], Arrays]:
    """What JSON and arrays hold of a table's coders."""
    arrays: Arrays = {}
    columns = [_put(own, f"coder{n}", arrays) for n, own in enumerate(coder.coders)]
    return {"schema": Schema((coder.table,)).to_dict(), "columns": columns}, arrays


def coder_of_parts(about: Mapping[str, Any], arrays: Mapping[str, Any]) -> TableCoder:
    """The inverse of :func:`coder_parts`."""
    table: Table = Schema.from_dict(about["schema"]).tables[0]
    held = zip(about["columns"], table.columns, strict=True)
    return TableCoder(
        table,
        tuple(_take(own, column, f"coder{n}", arrays) for n, (own, column) in enumerate(held)),
    )


def _put(coder: Coder, key: str, arrays: Arrays) -> dict[str, Any]:
    if isinstance(coder, ConstantCoder):
        return {"kind": "constant", "values": _put_values(coder.value, key, arrays)}
    if isinstance(coder, CategoryCoder):
        arrays[f"{key}.groups"] = coder.groups
        return {"kind": "category", "name": coder.name, **_put_levels(coder.levels, key, arrays)}
    if isinstance(coder, LevelCoder):
        levels = _put_levels(coder.levels, key, arrays)
        return {"kind": "level", "name": coder.name, "spread": coder.spread, **levels}
    if isinstance(coder, NumberCoder):
        arrays[f"{key}.spikes"] = coder.spikes
        numbers = (coder.middle, coder.spread, coder.low, coder.high, coder.missing)
        arrays[f"{key}.numbers"] = np.array(numbers)
        return {"kind": "number", "name": coder.name}
    assert isinstance(coder, QuantileCoder), "a coder of a kind that has no file"
    arrays[f"{key}.ends"] = np.array([coder.low, coder.high])
    if isinstance(coder.knots, Curve):
        arrays.update(curve_parts({key: coder.knots}))
    else:
        arrays[f"{key}.knots"] = coder.knots
    missing = coder.missing and _put(coder.missing, f"{key}m", arrays)
    return {"kind": "quantile", "name": coder.name, "missing": missing}


def _take(about: Mapping[str, Any], column: Column, key: str, arrays: Mapping[str, Any]) -> Coder:
    kind, name = about["kind"], about.get("name", "")
    if kind == "constant":
        return ConstantCoder(_take_values(about["values"], key, arrays))
    if kind == "category":
        return CategoryCoder(name, _take_levels(about, key, arrays), arrays[f"{key}.groups"])
    if kind == "level":
        return LevelCoder(name, _take_levels(about, key, arrays), about["spread"])
    if kind == "number":
        middle, spread, low, high, missing = arrays[f"{key}.numbers"].tolist()
        spikes = arrays[f"{key}.spikes"]
        return NumberCoder(name, column, middle, spread, low, high, spikes, missing)
    low, high = arrays[f"{key}.ends"].tolist()
    knots = arrays.get(f"{key}.knots")
    if knots is None:
        knots = curves_of_parts([key], arrays)[key]
    missing = _take(about["missing"], column, f"{key}m", arrays) if about["missing"] else None
    assert missing is None or isinstance(missing, LevelCoder)
    return QuantileCoder(name, column, knots, low, high, missing)


def _put_levels(levels: Levels, key: str, arrays: Arrays) -> dict[str, Any]:
    arrays[f"{key}.counts"] = levels.counts
    return {"values": _put_values(levels.values, key, arrays)}


def _take_levels(about: Mapping[str, Any], key: str, arrays: Mapping[str, Any]) -> Levels:
    return Levels(_take_values(about["values"], key, arrays), arrays[f"{key}.counts"])


def _put_values(values: pd.Series, key: str, arrays: Arrays) -> dict[str, Any]:
    """Values of any canonical dtype: words as JSON, all else as an array; gaps by their places."""
    known = values.notna().to_numpy()
    arrays[f"{key}.known"] = known
    there = values[known]
    told: dict[str, Any] = {"dtype": str(values.dtype)}
    if told["dtype"].startswith("string"):
        return told | {"dtype": "string[pyarrow]", "words": there.tolist()}
    numbers = there.to_numpy(dtype=_PLAIN.get(told["dtype"]))
    arrays[f"{key}.values"] = numbers.view(np.int64) if numbers.dtype.kind in "mM" else numbers
    return told


_PLAIN = {"Int64": "int64", "boolean": "bool"}


def _take_values(about: Mapping[str, Any], key: str, arrays: Mapping[str, Any]) -> pd.Series:
    known, dtype = arrays[f"{key}.known"], about["dtype"]
    if "words" in about:
        there = pd.Series(about["words"], dtype=dtype)
    else:
        numbers = arrays[f"{key}.values"]
        is_moment = "64[" in dtype
        there = pd.Series(numbers.view(dtype) if is_moment else numbers, dtype=dtype)
    there.index = pd.Index(np.flatnonzero(known))
    return there if known.all() else there.reindex(range(len(known)))
