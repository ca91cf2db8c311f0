"""What commands are told: options that several share, and commands that take theirs as a value.

The command line is made of functions, one parameter an option. Here a command is a function of one
frozen dataclass, whose fields are the options; those that belong together are a dataclass in it.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from core.cli_support import in_a_folder, name_values
from core.synthesis.registry import DEFAULT_ENGINE

T = TypeVar("T")

Out = Annotated[
    Path,
    typer.Option("--out", "-o", callback=in_a_folder, help="Ending: .csv, .parquet or .json."),
]
Rows = Annotated[int | None, typer.Option(min=1, help="Rows; as many as in TRAIN if left out.")]
Engine = Annotated[str, typer.Option(help="See `engines`.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same table.")]
Params = Annotated[list[str] | None, typer.Option(help="An engine parameter, k=v; repeat.")]
Actions = Annotated[
    list[str] | None,
    typer.Option(help="COLUMN=keep, mask, drop or replace, over what detection suggests."),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        help="A condition on every row: 'col=value', 'col in a,b', 'col between 1 5', "
        "'col >= 1', 'col is missing'; repeat."
    ),
]
SharesOf = Annotated[
    list[str] | None, typer.Option("--shares", help="Target shares: 'col:value=0.5,other=0.5'.")
]
Stratify = Annotated[str | None, typer.Option(help="A column whose real shares are kept exactly.")]
Rules = Annotated[
    list[str] | None,
    typer.Option(
        "--rule",
        help="What every row keeps: 'a <= b' of two columns, 'a between 1 5', 'only a, b' for "
        "the combinations that occur; repeat.",
    ),
]


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Which engine learns, and how."""

    engine: Engine = DEFAULT_ENGINE
    seed: Seed = 1
    param: Params = None

    @property
    def params(self) -> dict[str, str]:
        """Parameters by name."""
        return name_values(self.param or [], "--param")


@dataclass(frozen=True, slots=True)
class LearnOptions(EngineOptions):
    """Which engine learns, how, and from which columns."""

    action: Actions = None

    @property
    def actions(self) -> dict[str, str]:
        """What a person decided, by column."""
        return name_values(self.action or [], "--action")


@dataclass(frozen=True, slots=True)
class AskOptions:
    """What is asked of the rows that are made."""

    where: Where = None
    shares: SharesOf = None
    stratify: Stratify = None
    rule: Rules = None


def command_of(options: type[T], work: Callable[[T], None]) -> Callable[..., None]:
    """``work`` as a command whose options are the fields of a dataclass.

    A field that is a dataclass itself stands for its own fields, at its place.
    """
    parameters = list(_parameters(options))

    def command(**given: Any) -> None:
        work(_built(options, given))

    command.__name__, command.__doc__ = work.__name__, work.__doc__
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return command


def _parameters(options: type[Any]) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(options, include_extras=True)
    for one in fields(options):
        kind = hints[one.name]
        if isinstance(kind, type) and is_dataclass(kind):
            yield from _parameters(kind)
            continue
        default = inspect.Parameter.empty if one.default is MISSING else one.default
        yield inspect.Parameter(
            one.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind
        )


def _built(options: type[T], given: dict[str, Any]) -> T:
    hints = get_type_hints(options)
    return options(
        **{
            one.name: _built(hints[one.name], given)
            if is_dataclass(hints[one.name])
            else given[one.name]
            for one in fields(options)  # type: ignore[arg-type]
        }
    )
