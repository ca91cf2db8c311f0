"""The model file: a JSON header and arrays in one ``npz`` archive, without pickle.

It holds the table's schema (column names, types, formats), the parameters and, for each column,
the range and grid of its numbers or its labels, the cells with the number of training rows in
each, the stretches that trees tell apart, the tree and the class shares of its leaves; and the
trees by which drawn rows are kept. Numbers
that occur at least ``protect_rare`` times, the smallest and the largest number, and labels that
can be drawn stand in it as they are; rows of the training table do not.
"""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data.schema import Schema, Table
from core.errors import InvalidInput
from core.synthesis.forest.cells import Cells
from core.synthesis.forest.columns import Coder, Grid
from core.synthesis.forest.contrast import Step
from core.synthesis.forest.grow import Tree
from core.synthesis.forest.lines import Line
from core.synthesis.forest.model import ColumnModel, Conditional
from core.synthesis.forest.params import ForestParams
from core.synthesis.forest.relations import Relation, Slant

VERSION = 4
READ = (2, 3, VERSION)

Arrays = dict[str, npt.NDArray[Any]]

CELLS = ("mass", "low", "high", "group")
_BROKEN = (KeyError, ValueError, TypeError, IndexError, EOFError, OSError, zipfile.BadZipFile)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted table.

    Attributes
    ----------
    given, models
        Coders of the columns that are given, models of the others, in order.
    steps
        Trees by which drawn rows are kept or drawn again; none where all are kept.
    kept
        Share of drawn rows that are kept.
    """

    table: Table
    given: tuple[Coder, ...]
    models: tuple[ColumnModel, ...]
    steps: tuple[Step, ...] = ()
    kept: float = 1.0


def dump_model(fitted: Fitted, params: ForestParams) -> bytes:
    """Bytes of a model; the same model gives the same bytes."""
    arrays: Arrays = {}
    header = {
        "format": "forest",
        "version": VERSION,
        "params": asdict(params),
        "schema": Schema((fitted.table,)).to_dict(),
        "given": [put_coder(c, f"g{i}", arrays) for i, c in enumerate(fitted.given)],
        "models": [_put_model(m, f"m{i}", arrays) for i, m in enumerate(fitted.models)],
        "steps": len(fitted.steps),
        "kept": fitted.kept,
    }
    for number, step in enumerate(fitted.steps):
        _put(step.tree, _TREE, f"step{number}.tree", arrays)
        _put(step, _STEP, f"step{number}", arrays)
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def load_model(blob: bytes) -> tuple[Fitted, ForestParams]:
    """The inverse of :func:`dump_model`; raises ``InvalidInput`` when it is no such file."""
    try:
        with np.load(io.BytesIO(blob), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        header = json.loads(arrays["header"].tobytes())
        if header["format"] != "forest" or header["version"] not in READ:
            known = " or ".join(map(str, READ))
            raise InvalidInput(f"The model file is not of version {known}. Fit it again.")
        table = Schema.from_dict(header["schema"]).tables[0]
        given = tuple(read_coder(h, f"g{i}", table, arrays) for i, h in enumerate(header["given"]))
        models = tuple(_model(h, f"m{i}", table, arrays) for i, h in enumerate(header["models"]))
        steps = tuple(_step(f"step{number}", arrays) for number in range(header.get("steps", 0)))
        fitted = Fitted(table, given, models, steps, float(header.get("kept", 1.0)))
        return fitted, ForestParams(**header["params"])
    except _BROKEN as error:
        raise InvalidInput("This is not a model file of the forest engine.") from error


def put_coder(coder: Coder, key: str, arrays: Arrays) -> dict[str, Any]:
    """Put a coder's arrays under ``key``; what else it holds is returned for the header."""
    arrays[f"{key}.edges"], arrays[f"{key}.codes"] = coder.edges, coder.codes
    grid = coder.grid
    arrays[f"{key}.numbers"] = np.array([coder.low, coder.high, grid.scale, grid.origin, grid.step])
    return {"column": coder.column.name, "labels": list(coder.labels)}


def read_coder(header: dict[str, Any], key: str, table: Table, arrays: Arrays) -> Coder:
    """The inverse of :func:`put_coder`."""
    low, high, scale, origin, step = (float(x) for x in arrays[f"{key}.numbers"])
    return Coder(
        table[header["column"]],
        arrays[f"{key}.edges"],
        low,
        high,
        Grid(scale, origin, step),
        tuple(header["labels"]),
        arrays[f"{key}.codes"],
    )


_TREE = ("feature", "cut", "child", "level")
_LAW = ("sources", "places", "leaf", "shares")
_LINE = ("sources", "weights", "fill")
_STEP = ("sources", "places", "odds")


def _put(part: Any, names: Sequence[str], key: str, arrays: Arrays) -> None:
    for name in names:
        arrays[f"{key}.{name}"] = getattr(part, name)


def _put_model(model: ColumnModel, key: str, arrays: Arrays) -> dict[str, Any]:
    _put(model.cells, CELLS, f"{key}.cells", arrays)
    for number, law in enumerate(model.laws):
        _put(law.tree, _TREE, f"{key}.tree{number}", arrays)
        _put(law, _LAW, f"{key}.law{number}", arrays)
    for number, slant in enumerate(model.slants):
        arrays[f"{key}.slant{number}.edges"] = slant.edges
    lines = [model.relation.line, *(slant.line for slant in model.slants)]
    for number, line in enumerate(lines):
        _put(line, _LINE, f"{key}.line{number}", arrays)
    arrays[f"{key}.below"], arrays[f"{key}.above"] = model.relation.below, model.relation.above
    products = [line.product for line in lines]
    return {**put_coder(model.coder, key, arrays), "trees": len(model.laws), "products": products}


def _model(header: dict[str, Any], key: str, table: Table, arrays: Arrays) -> ColumnModel:
    cells = Cells(*(arrays[f"{key}.cells.{name}"] for name in CELLS))
    laws = tuple(_law(f"{key}.tree{n}", f"{key}.law{n}", arrays) for n in range(header["trees"]))
    line, *slanted = (
        _line(f"{key}.line{n}", bool(product), arrays)
        for n, product in enumerate(header["products"])
    )
    slants = tuple(Slant(a, arrays[f"{key}.slant{n}.edges"]) for n, a in enumerate(slanted))
    relation = Relation(line, arrays[f"{key}.below"], arrays[f"{key}.above"])
    return ColumnModel(read_coder(header, key, table, arrays), cells, laws, slants, relation)


def _line(key: str, product: bool, arrays: Arrays) -> Line:
    sources, weights, fill = (arrays[f"{key}.{name}"] for name in _LINE)
    return Line(sources, weights, fill, product)


def _step(key: str, arrays: Arrays) -> Step:
    sources, places, odds = (arrays[f"{key}.{name}"] for name in _STEP)
    return Step(sources, places, _tree(f"{key}.tree", arrays), odds)


def _tree(key: str, arrays: Arrays) -> Tree:
    return Tree(*(arrays[f"{key}.{name}"] for name in _TREE))


def _law(tree_key: str, law_key: str, arrays: Arrays) -> Conditional:
    tree = _tree(tree_key, arrays)
    sources, places, leaf, shares = (arrays[f"{law_key}.{name}"] for name in _LAW)
    return Conditional(sources, places, tree, leaf, shares)
