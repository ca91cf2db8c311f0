"""The model of a dataset: its settings, what was learned, what it says of that, and its bytes."""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from typing import Any, Self
from zipfile import ZipFile

from core.data.blocks import block_rows
from core.data.pipeline import FittedPipeline, private_problems
from core.data.schema import ColumnType, Schema, Table
from core.errors import InvalidInput, InvalidParameter
from core.privacy.ledger import Ledger
from core.synthesis.fitted import (
    PIPELINE,
    FittedTable,
    open_archive,
    read_links,
    read_tables,
    write_archive,
)
from core.synthesis.fitting import kept_of
from core.synthesis.links import LinkKind
from core.synthesis.params import build, to_dict
from core.synthesis.private import without_reasons
from core.synthesis.protocol import Engine
from core.synthesis.registry import engine_info
from core.synthesis.related import Related
from core.synthesis.writing import columns_waiting, told_of_texts


class Model:
    """An engine for a dataset with its settings, fitted or not.

    Parameters
    ----------
    schema
        Tables with decided actions (an undecided column counts as kept) and relationships.
    engine
        Name of an engine in the registry.
    params
        Its parameters; strings are parsed.
    mask_key
        Secret key for the tokens of masked columns; needed to fit when there are any.

    Raises
    ------
    InvalidParameter
        When there is no such engine or a parameter is out of its bounds.
    """

    def __init__(
        self,
        schema: Schema,
        engine: str,
        params: Mapping[str, Any] | None = None,
        mask_key: bytes = b"",
    ) -> None:
        self._info = engine_info(engine)
        self._schema = without_reasons(schema) if self._info.formal_guarantee else schema
        self._params: Any = build(self._info.params, params or {})
        self._mask_key = mask_key
        self._ledger: Ledger | None = None
        self._pipeline: FittedPipeline | None = None
        self._related = Related()
        self._fitted: dict[str, FittedTable] = {}
        self._block = block_rows(len(self.output_schema.tables[0].columns))

    @property
    def schema(self) -> Schema:
        """What goes in: tables with the actions of their columns, and relationships."""
        return self._schema

    @property
    def output_schema(self) -> Schema:
        """What comes out: the schema without dropped columns and what pointed to them."""
        return kept_of(self._schema)

    @property
    def ledger(self) -> Ledger | None:
        """Of a fitted engine with a formal guarantee: what was spent, and on what."""
        return self._ledger

    @property
    def pipeline(self) -> FittedPipeline | None:
        """The preparation of the rows that it learns, kept with it; None where there is none."""
        return self._pipeline

    def keep_pipeline(self, pipeline: FittedPipeline) -> None:
        """Keep how its rows were prepared, so that what it samples can be turned back.

        Raises
        ------
        InvalidInput
            The preparation leads to other tables, or looks at rows beside the budget of an
            engine with a formal guarantee.
        """
        if self.is_private:
            if problems := private_problems(pipeline.steps):
                raise InvalidInput(" ".join(problems), problems)
            pipeline = replace(pipeline, source=without_reasons(pipeline.source))
        if _types(pipeline.prepared) != _types(self._schema):
            raise InvalidInput("The preparation leads to other columns than this model learns.")
        self._pipeline = pipeline

    @property
    def is_private(self) -> bool:
        """Whether the engine has a formal guarantee."""
        return self._info.formal_guarantee

    @property
    def notes(self) -> tuple[str, ...]:
        """Of a fitted synthesizer: what a user should know of how columns were learned.

        Names and counts, never values. See :attr:`FittedTable.notes`; with a formal
        guarantee there are none.
        """
        several = len(self._fitted) > 1
        return tuple(
            f"{name}: {note}" if several else note
            for name, fitted in self._fitted.items()
            for note in fitted.notes
            if not self.is_private
        )

    @property
    def texts_waiting(self) -> list[str]:
        """Of a fitted synthesizer: columns, by table, whose texts are still to be written."""
        return columns_waiting(self._fitted)

    @property
    def texts_told(self) -> list[dict[str, Any]]:
        """Of a fitted synthesizer: by column who wrote its texts, how many, and at what cost."""
        return told_of_texts(self._fitted)

    @property
    def root_tables(self) -> tuple[str, ...]:
        """Of a fitted synthesizer: the tables whose number of rows can be chosen."""
        return tuple(n for n in self._schema.names if not self._related.up(n, LinkKind.DRIVING))

    @property
    def trained_rows(self) -> dict[str, int]:
        """Rows of each table that were learned, in the order of the schema.

        With a formal guarantee, the noisy or public number.
        """
        return {name: self._fitted[name].rows for name in self._schema.names if self._fitted}

    @property
    def can_stream(self) -> bool:
        """Whether :meth:`stream` is possible: of a single table that does not point to itself."""
        return len(self._schema.tables) == 1 and not self._related.links

    def sizes(self, rows: Mapping[str, int] | None = None) -> dict[str, int]:
        """Rows asked for by table, as many as trained on where nothing is asked.

        Raises
        ------
        InvalidParameter
            For a table that does not exist, or a number of rows below 0.
        """
        if not self._fitted:
            raise InvalidInput("This synthesizer has not been fitted. Call `fit` first.")
        sizes = {name: fitted.rows for name, fitted in self._fitted.items()}
        bad = [n for n, size in (rows or {}).items() if n not in sizes or size < 0]
        if bad:
            known = ", ".join(self._schema.names)
            raise InvalidParameter(f"`rows` of {', '.join(bad)} cannot be used; tables: {known}.")
        return sizes | dict(rows or {})

    def engine(self, table: str) -> Engine | None:
        """The fitted engine of a table; None where there is none or nothing was learned."""
        return self._fitted[table].engine if table in self._fitted else None

    def learned(self, table: str) -> Table:
        """What the engine of a fitted table saw; see :class:`FittedTable`."""
        return self._fitted[table].learned

    def with_engine(self, table: str, engine: Engine) -> Self:
        """This fitted synthesizer with another fitted engine for one table; the rest is shared."""
        other = copy(self)
        other._fitted = {**self._fitted, table: replace(self._fitted[table], engine=engine)}
        return other

    def about(self) -> dict[str, Any]:
        """What a dump says of the synthesizer beside its fitted tables, fit for JSON."""
        return {
            "schema": self._schema.to_dict(),
            "engine": self._info.name,
            "params": to_dict(self._params),
            "block_rows": self._block,
            **({} if self._ledger is None else {"ledger": self._ledger.to_dict()}),
            **({} if self._pipeline is None else {PIPELINE: self._pipeline.to_dict()}),
        }

    def dump(self) -> bytes:
        """The fitted synthesizer as a zip archive of JSON and the engines' own bytes."""
        return write_archive(self.about(), self._related.links, self._fitted)

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """A fitted synthesizer from :meth:`dump`'s bytes, of the class that dumped them.

        ``core.synthesis.asks.load_synthesizer`` finds the class. No engine here loads a pickle,
        but one of an outside package may: give only bytes that this installation made and sealed.

        Raises
        ------
        InvalidInput
            When the bytes are no synthesizer of a version that is known here.
        """
        return cls.restored(*open_archive(blob))

    @classmethod
    def restored(cls, archive: ZipFile, about: Mapping[str, Any]) -> Self:
        """The fitted synthesizer of an opened archive; see :meth:`load`."""
        made = cls(Schema.from_dict(about["schema"]), about["engine"], about["params"])
        made.take_fitted(archive, about)
        return made

    def take_fitted(self, archive: ZipFile, about: Mapping[str, Any]) -> None:
        """Become fitted as the synthesizer of an archive is, which has the same settings."""
        self._block = about.get("block_rows", self._block)
        self._related = Related(read_links(about))
        self._ledger = Ledger.from_dict(about["ledger"]) if "ledger" in about else None
        if PIPELINE in about:
            self.keep_pipeline(FittedPipeline.from_dict(about[PIPELINE]))
        self._fitted = read_tables(archive, about, self._info)


def _types(schema: Schema) -> list[tuple[str, list[tuple[str, ColumnType]]]]:
    return [(t.name, [(c.name, c.type) for c in t.columns]) for t in schema.tables]
