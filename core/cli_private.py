"""Options of the command line for engines with a formal guarantee, and what is answered of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli_support import log
from core.data.read import ReadResult
from core.data.schema import Schema
from core.errors import InvalidInput, InvalidParameter
from core.privacy.guards import settle
from core.privacy.ledger import BudgetExceeded
from core.privacy.public import PublicTable, read_public
from core.privacy.words import in_words
from core.synthesis.params import build
from core.synthesis.private import facts_of, told_of, wanted_of
from core.synthesis.registry import ENGINES, engine_info
from core.synthesis.synthesizer import Synthesizer

Epsilon = Annotated[
    float | None, typer.Option(help="Of a formal guarantee: how much may be told of one person.")
]
Delta = Annotated[
    float | None, typer.Option(help="Of a formal guarantee: the chance that it may fail.")
]
PublicSchema = Annotated[
    Path | None,
    typer.Option("--schema", help="YAML with public ranges and code lists, which cost nothing."),
]
Person = Annotated[
    str | None, typer.Option(help="Column that tells persons apart; else each row is a person.")
]
RowsPerPerson = Annotated[
    int | None, typer.Option(min=1, help="Rows that one person may own; further ones are left out.")
]
AcceptWarnings = Annotated[
    bool, typer.Option("--accept-warnings", help="Go on although a guarantee is weak or costly.")
]


@dataclass(frozen=True, slots=True)
class PrivateOptions:
    """What the command line says of a formal guarantee; None where it says nothing."""

    epsilon: Epsilon = None
    delta: Delta = None
    schema: PublicSchema = None
    person: Person = None
    rows_per_person: RowsPerPerson = None
    accept_warnings: AcceptWarnings = False

    def applied(
        self, engine: str, params: Mapping[str, Any]
    ) -> tuple[dict[str, Any], PublicTable | None]:
        """Parameters with these options among them, and what is public; None without a guarantee.

        Raises
        ------
        InvalidInput
            When the engine has no formal guarantee but one is asked for, or the schema is wrong.
        """
        names = ("epsilon", "delta", "person", "rows_per_person")
        given = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        if engine_info(engine).formal_guarantee:
            public = PublicTable() if self.schema is None else read_public(self.schema)
            return {**params, **given}, public
        if given or self.schema is not None:
            able = ", ".join(name for name, info in ENGINES.items() if info.formal_guarantee)
            raise InvalidInput(
                f"Engine {engine!r} gives no formal guarantee, so there is no ε to set. "
                f"Engines that do: {able or 'none'}."
            )
        return dict(params), None

    def guard(
        self,
        engine: str,
        params: Mapping[str, Any],
        public: PublicTable,
        read: ReadResult,
        schema: Schema,
    ) -> None:
        """Refuse what makes no sense, and warnings that were not accepted; log those that were."""
        asked: Any = build(engine_info(engine).params, params)
        (table, *_) = schema.tables
        facts = facts_of(table, asked, public, len(read.tables[table.name]))
        wanted = wanted_of(asked)
        try:
            accepted = settle(wanted, facts, accepted=self.accept_warnings)
        except InvalidParameter as error:
            hint = "Accept the warnings to go on."
            text = str(error).replace(hint, "Give --accept-warnings to go on.")
            raise InvalidParameter(text, error.problems) from error
        for remark in accepted:
            log(f"warning: {remark.message}")
        log(in_words(wanted.epsilon, wanted.delta))


def spent_privately(synthesizer: Synthesizer) -> dict[str, Any]:
    """The guarantee and the itemised ledger of a fit; nothing for engines without.

    Raises
    ------
    BudgetExceeded
        When the entries amount to more than was promised: nothing is to be given out.
    """
    ledger = synthesizer.ledger
    if ledger is None:
        return {}
    told = told_of(ledger)
    if told["ledger"]["spent_epsilon"] > ledger.guarantee.epsilon * (1 + 1e-6):
        raise BudgetExceeded("More was spent than promised; the result is withheld.")
    return told
