"""The synthesizer of a dataset: prepares its tables, fits an engine to each, samples them together.

A dataset of one table is the case of one: its preparation and one engine. With several, parents
come before children and foreign keys are made as ``core.synthesis.links`` says.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from core.data.blocks import joined
from core.data.texts import TextWriter
from core.errors import InvalidInput, InvalidParameter
from core.privacy.ledger import Entry
from core.privacy.public import PublicTable
from core.progress import Progress, SilentProgress
from core.synthesis.fitting import Frames, OpenFitting
from core.synthesis.model import Model
from core.synthesis.private import fit_privately
from core.synthesis.related import Related
from core.synthesis.sampling import Sampling
from core.synthesis.stream import blocks_of, refuse_too_large
from core.synthesis.writing import with_texts


class Synthesizer(Model):
    """Learns the tables of a dataset and makes synthetic ones; ``fit``, then ``sample``.

    What it is made of is said of :class:`core.synthesis.model.Model`: a schema, an engine, its
    parameters, a key for masks.
    """

    def fit(
        self,
        tables: Frames,
        *,
        rng: np.random.Generator,
        progress: Progress | None = None,
        public: PublicTable | None = None,
        watch: Callable[[Entry], None] | None = None,
    ) -> None:
        """Learn the training rows of all tables (canonical frames).

        Parameters
        ----------
        public
            For engines with a formal guarantee: what is known without looking at the rows.
        watch
            For the same: called with each entry of the ledger before its noise is drawn.

        Raises
        ------
        InvalidInput
            When a table is not there, none has rows, one keeps no column, or columns are to be
            masked without a key; or when a formal guarantee is not possible as asked.
        """
        progress = progress or SilentProgress()
        if self.is_private:
            private = fit_privately(self._schema, self._info, self._params, public, watch)
            self._related, self._ledger, self._fitted = Related(), private.ledger, {}
            self._fitted = private.tables(tables, rng, progress)
            return
        if public is not None:
            raise InvalidInput("A public schema is for engines with a formal guarantee.")
        fitting = OpenFitting(self._schema, self._info, self._params, self._mask_key)
        self._related, self._fitted = fitting.tables(tables, rng, progress)

    def write_texts(self, writer: TextWriter, progress: Progress | None = None) -> None:
        """Have texts written that columns wait for; they are kept, and dumped along.

        Until then, and where too few came, such columns are made of plain words.
        """
        self._fitted = with_texts(self._fitted, writer, progress or SilentProgress())

    def sample(
        self,
        rows: Mapping[str, int] | None = None,
        *,
        rng: np.random.Generator,
        progress: Progress | None = None,
    ) -> dict[str, pd.DataFrame]:
        """Synthetic tables with the columns of ``output_schema``, keys unique, references valid.

        Parameters
        ----------
        rows
            Number of rows of root tables; those not named get as many as they were trained on.
            Other tables follow their parents.

        Raises
        ------
        InvalidParameter
            For a table that does not exist, a number of rows below 0, or more than there is
            memory for.
        """
        progress = progress or SilentProgress()
        sizes = self.sizes(rows)
        sampling = Sampling(self._schema, self._related, self._fitted, self._info.takes_context)
        refuse_too_large(
            sampling.expected(sizes), {t.name: len(t.columns) for t in self._schema.tables}
        )
        if self.can_stream:
            (table,) = self.output_schema.tables
            return {table.name: joined(self.stream(rows, rng=rng, progress=progress), table)}
        return sampling.tables(sizes, rng, progress)

    def frames(
        self,
        rows: Mapping[str, int] | None = None,
        *,
        rng: np.random.Generator,
        progress: Progress | None = None,
        taken: Mapping[str, pd.Series] | None = None,
    ) -> dict[str, Iterable[pd.DataFrame]]:
        """The rows that :meth:`sample` makes by table, to be taken once; streamed if possible.

        ``taken`` as in :meth:`stream`; with several tables there must be none.
        """
        if self.can_stream:
            (name,) = self._schema.names
            return {name: self.stream(rows, rng=rng, progress=progress, taken=taken)}
        if taken:
            raise InvalidParameter("Only of a single table can values be taken already.")
        made = self.sample(rows, rng=rng, progress=progress)
        return {name: [frame] for name, frame in made.items()}

    def stream(
        self,
        rows: Mapping[str, int] | None = None,
        *,
        rng: np.random.Generator,
        progress: Progress | None = None,
        taken: Mapping[str, pd.Series] | None = None,
    ) -> Iterator[pd.DataFrame]:
        """The rows that :meth:`sample` makes of a single table, in blocks, for any number of rows.

        Parameters
        ----------
        taken
            Of columns that are made up, such as the key: values that must not be made again.

        Raises
        ------
        InvalidParameter
            As :meth:`sample`, or when there are several tables: those are made in memory.
        """
        (size, *others) = self.sizes(rows).values()
        if not self.can_stream:
            raise InvalidParameter(
                f"Only a single table can be streamed; this model has {len(others) + 1}, or one "
                "that points to itself. Use `sample`."
            )
        progress = progress or SilentProgress()
        progress.stage("sample")
        (fitted,) = self._fitted.values()
        return blocks_of(fitted, size, self._block, rng.spawn(1)[0], progress, taken or {})

    def made_up(self, table: str, column: str, rows: int, rng: np.random.Generator) -> pd.Series:
        """Fresh values of a column that no engine learns, such as a key.

        Raises
        ------
        InvalidInput
            The column is not made up.
        """
        fakes = self._fitted[table].preparation.fakes
        fake = next((fake for fake in fakes if fake.column.name == column), None)
        if fake is None:
            raise InvalidInput(f"Column {column!r} of {table!r} is learned, not made up.")
        return fake.make(rows, rng)
