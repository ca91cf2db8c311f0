"""The option of the command line that prepares rows before they are learned."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli_support import log
from core.data.pipeline import Change, FittedPipeline, fit_pipeline, in_words, steps_from_yaml
from core.data.read import ReadResult
from core.data.schema import Schema
from core.data.yaml_text import read_utf8
from core.errors import InvalidInput
from core.synthesis.synthesizer import Synthesizer

Prepare = Annotated[
    Path | None,
    typer.Option(
        "--prepare",
        help="YAML with steps that clean and protect the rows before they are learned; turned "
        "back in what is made, and kept with the model.",
    ),
]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows and schema as an engine gets them, and what made them so."""

    read: ReadResult
    schema: Schema
    pipeline: FittedPipeline | None = None
    changes: Sequence[Change] = ()

    def kept_with(self, synthesizer: Synthesizer) -> None:
        """Let a synthesizer know how its rows were prepared."""
        if self.pipeline is not None:
            synthesizer.keep_pipeline(self.pipeline)

    def described(self) -> dict[str, Any]:
        """What is answered of the preparation; nothing without one, no numbers when private."""
        if self.pipeline is None:
            return {}
        steps = self.pipeline.steps
        counted = [
            {"step": steps[one.table][one.place].kind, "column": steps[one.table][one.place].column}
            | asdict(one)
            for one in self.changes
        ]
        return {"prepared": in_words(steps), **({"changes": counted} if counted else {})}


def prepared(path: Path | None, read: ReadResult, schema: Schema, *, private: bool) -> Prepared:
    """The rows that were read with the steps of a file carried out.

    Raises
    ------
    InvalidInput
        With everything that is wrong with the file or its steps; with a formal guarantee also for
        steps that look at rows.
    """
    if path is None:
        return Prepared(read, schema)
    if not path.is_file():
        raise InvalidInput(f"There is no file {path}. Check the path.")
    steps = steps_from_yaml(read_utf8(path.read_bytes(), path.name), path.name)
    pipeline, tables, changes = fit_pipeline(steps, schema, read.tables, private=private)
    for one in changes:
        step = pipeline.steps[one.table][one.place]
        log(f"{step.kind}: column {step.column!r}: {one.cells:,} cells, {one.rows:,} rows left out")
    rows = {
        name: round(count * len(tables[name]) / max(len(read.tables[name]), 1))
        for name, count in read.rows.items()
    }
    ready = replace(read, tables=tables, rows=rows)
    return Prepared(ready, pipeline.prepared, pipeline, changes)
