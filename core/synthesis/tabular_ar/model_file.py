"""The model file: a JSON header and arrays in one ``npz`` archive, without pickle.

It holds the table's schema (column names, types, formats), the parameters, for each column the
range and grid of its numbers or its labels, the cells with the number of training rows in each and
their slots, and the weights of the network, two bytes each. Numbers that occur at least
``protect_rare`` times, ends of the range (see ``core.synthesis.forest.cells.safe_ends``), and
labels that can be drawn stand in it as they are; rows of the training table do not.
"""

import io
import json
import zipfile
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data.schema import Schema, Table
from core.errors import InvalidInput
from core.synthesis.forest.cells import Cells
from core.synthesis.forest.model_file import CELLS, Arrays, put_coder, read_coder
from core.synthesis.tabular_ar.columns import Field
from core.synthesis.tabular_ar.params import TabularArParams

VERSION = 1
_FORMAT = "tabular_ar"
_WEIGHT = "weight."
_BROKEN = (KeyError, ValueError, TypeError, IndexError, EOFError, OSError, zipfile.BadZipFile)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted table.

    Attributes
    ----------
    fields
        The columns, those of the context first, in drawing order.
    context
        How many of them are always given.
    weights
        Of the network, by name.
    """

    table: Table
    fields: tuple[Field, ...]
    context: int
    weights: dict[str, npt.NDArray[np.float16]]

    @property
    def size(self) -> tuple[int, int]:
        """Width and depth of the network, by its weights; those of small tables are narrower."""
        embedding = self.weights.get("embedding", np.zeros((0, 1)))
        return embedding.shape[1], sum(name.endswith(".a") for name in self.weights)


def dump_model(fitted: Fitted, params: TabularArParams) -> bytes:
    """Bytes of a model; the same model gives the same bytes."""
    arrays: Arrays = {f"{_WEIGHT}{name}": value for name, value in fitted.weights.items()}
    header = {
        "format": _FORMAT,
        "version": VERSION,
        "params": asdict(params),
        "schema": Schema((fitted.table,)).to_dict(),
        "context": fitted.context,
        "fields": [_put(field, f"f{i}", arrays) for i, field in enumerate(fitted.fields)],
    }
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def load_model(blob: bytes) -> tuple[Fitted, TabularArParams]:
    """The inverse of :func:`dump_model`; raises ``InvalidInput`` when it is no such file."""
    try:
        with np.load(io.BytesIO(blob), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        header = json.loads(arrays["header"].tobytes())
        if header["format"] != _FORMAT or header["version"] != VERSION:
            raise InvalidInput(f"The model file is not of version {VERSION}. Fit it again.")
        table = Schema.from_dict(header["schema"]).tables[0]
        fields = tuple(_read(h, f"f{i}", table, arrays) for i, h in enumerate(header["fields"]))
        start = len(_WEIGHT)
        weights = {name[start:]: arrays[name] for name in arrays if name.startswith(_WEIGHT)}
        fitted = Fitted(table, fields, int(header["context"]), weights)
        return fitted, TabularArParams(**header["params"])
    except _BROKEN as error:
        raise InvalidInput("This is not a model file of the tabular_ar engine.") from error


def _put(field: Field, key: str, arrays: Arrays) -> dict[str, Any]:
    for name in CELLS:
        arrays[f"{key}.cells.{name}"] = getattr(field.cells, name)
    arrays[f"{key}.slot"] = field.slot
    return put_coder(field.coder, key, arrays)


def _read(header: dict[str, Any], key: str, table: Table, arrays: Arrays) -> Field:
    cells = Cells(*(arrays[f"{key}.cells.{name}"] for name in CELLS))
    return Field(read_coder(header, key, table, arrays), cells, arrays[f"{key}.slot"])
