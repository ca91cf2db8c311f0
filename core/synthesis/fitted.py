"""One table as a synthesizer has learned it, and the archive that all of them are kept in."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from core.data.prepare import Preparation
from core.data.schema import Column, Relationship, Schema, Table
from core.errors import InvalidInput
from core.progress import Progress
from core.synthesis.links import Link, LinkKind, Positions, keys_at
from core.synthesis.protocol import Engine, EngineInfo

VERSION = 2
"""Of archives with a preparation, which older studios must not sample without turning it back."""
_PLAIN_VERSION = 1
PIPELINE = "pipeline"
"""Key of an archive's JSON that has the preparation."""
_ABOUT = "synthesizer.json"


@dataclass(slots=True)
class FittedTable:
    """One table as it was learned.

    Attributes
    ----------
    learned
        What the engine saw: context of the driving parent, the table's own columns, references to
        lookups, numbers of children.
    context
        Names of the context columns.
    engine
        None where there was nothing to learn.
    rows
        Number of training rows.
    """

    preparation: Preparation
    learned: Table
    context: tuple[str, ...]
    engine: Engine | None
    rows: int

    @property
    def own(self) -> tuple[Column, ...]:
        """Learned columns that are not context."""
        return tuple(c for c in self.learned.columns if c.name not in self.context)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the engine says of how columns were learned, and which texts follow which column."""
        return (*getattr(self.engine, "notes", ()), *self.preparation.notes)


def context_of(
    parent: FittedTable, frame: pd.DataFrame, rows: Positions
) -> tuple[tuple[Column, ...], pd.DataFrame]:
    """The parent's learned columns for each child row, named ``parent__column``."""
    prefix = f"{parent.learned.name}__"
    columns = tuple(replace(c, name=prefix + c.name) for c in parent.own)
    around = {prefix + c.name: keys_at(frame[c.name], rows) for c in parent.own}
    return columns, pd.DataFrame(around, index=range(len(rows)))


class PartProgress:
    """Progress of one table's share in the work of all."""

    def __init__(self, whole: Progress, name: str, place: int, count: int) -> None:
        self._whole, self._name, self._place, self._count = whole, name, place, count

    def stage(self, name: str) -> None:
        """Stages belong to the whole."""

    def step(
        self,
        done: float,
        total: float,
        note: str = "",
        values: Mapping[str, float] | None = None,
    ) -> None:
        """Report the table's share; of a single table, its steps as they are."""
        if self._count == 1:
            self._whole.step(done, total, note, values)
            return
        share = self._place + (done / total if total else 0)
        self._whole.step(share, self._count, f"{self._name}: {note}", self._named(values))

    def _named(self, values: Mapping[str, float] | None) -> Mapping[str, float] | None:
        """Figures by table, so that several trainings are several curves over the same epochs."""
        if values is None:
            return None
        shared = ("epoch", "step")
        return {k if k in shared else f"{self._name}: {k}": v for k, v in values.items()}


def write_archive(
    about: Mapping[str, Any], links: tuple[Link, ...], tables: Mapping[str, FittedTable]
) -> bytes:
    """A zip archive of JSON and the engines' own bytes; ``tables`` in the order of fitting."""
    whole = {
        **about,
        "version": VERSION if PIPELINE in about else _PLAIN_VERSION,
        "links": [asdict(link) for link in links],
        "tables": {name: _describe(table) for name, table in tables.items()},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, _ABOUT, json.dumps(whole).encode())
        for place, table in enumerate(tables.values()):
            if table.engine is not None:
                _put(archive, f"{place}.engine", table.engine.dump())
    return buffer.getvalue()


def _put(archive: zipfile.ZipFile, name: str, blob: bytes) -> None:
    """Add a part without the time of day, so that the same model is the same bytes."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, blob)


def open_archive(blob: bytes) -> tuple[zipfile.ZipFile, dict[str, Any]]:
    """The archive and its JSON.

    Raises
    ------
    InvalidInput
        When the bytes are no synthesizer of a version that is known here.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(blob))
        about: dict[str, Any] = json.loads(archive.read(_ABOUT))
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise InvalidInput("These bytes are not a synthesizer.") from error
    if about.get("version") not in {_PLAIN_VERSION, VERSION}:
        raise InvalidInput(
            f"This synthesizer is of version {about.get('version')}; only those up to {VERSION} "
            "can be read."
        )
    return archive, about


def read_tables(
    archive: zipfile.ZipFile, about: Mapping[str, Any], info: EngineInfo
) -> dict[str, FittedTable]:
    """The fitted tables of an archive; see ``EngineInfo.load`` on whose bytes to trust."""
    tables = {}
    names = set(archive.namelist())
    for place, (name, data) in enumerate(about["tables"].items()):
        blob = f"{place}.engine"
        tables[name] = FittedTable(
            Preparation.from_dict(data["preparation"]),
            Schema.from_dict(data["learned"]).tables[0],
            tuple(data["context"]),
            info.load(archive.read(blob)) if blob in names else None,
            data["rows"],
        )
    return tables


def read_links(about: Mapping[str, Any]) -> tuple[Link, ...]:
    """The links of an archive."""
    return tuple(
        Link(
            **{
                **data,
                "relationship": Relationship.from_dict(data["relationship"]),
                "kind": LinkKind(data["kind"]),
                "spectrum": tuple(data["spectrum"]),
            }
        )
        for data in about["links"]
    )


def _describe(table: FittedTable) -> dict[str, Any]:
    return {
        "preparation": table.preparation.to_dict(),
        "learned": Schema((table.learned,)).to_dict(),
        "context": list(table.context),
        "rows": table.rows,
    }
