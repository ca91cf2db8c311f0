"""Commands that take their options as one value."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from core.cli_options import EngineOptions, LearnOptions, command_of


@dataclass(frozen=True, slots=True)
class Paint:
    colour: Annotated[str, typer.Option(help="Of what is painted.")] = "red"
    coats: Annotated[int, typer.Option("--layers", min=1)] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    wall: Path
    size: float = 1.0
    paint: Paint
    urgent: bool = False


def run(*given: str) -> tuple[int, str, list[Order]]:
    seen: list[Order] = []

    def order(asked: Order) -> None:
        """Paint a wall."""
        seen.append(asked)

    app = typer.Typer()
    app.command()(command_of(Order, order))
    done = CliRunner().invoke(app, list(given))
    return done.exit_code, done.output, seen


def test_the_fields_are_options_and_come_back_as_the_value() -> None:
    code, _, seen = run("w", "--colour", "blue", "--layers", "2", "--urgent")
    assert (code, seen) == (0, [Order(wall=Path("w"), paint=Paint("blue", 2), urgent=True)])


def test_what_is_left_out_has_its_default() -> None:
    assert run("w")[2] == [Order(wall=Path("w"), paint=Paint())]


@pytest.mark.parametrize("given", [(), ("w", "--layers", "0"), ("w", "--coats", "2")])
def test_bad_input_never_reaches_the_command(given: tuple[str, ...]) -> None:
    code, _, seen = run(*given)
    assert (code, seen) == (2, [])


def test_options_are_listed_in_the_order_of_the_fields() -> None:
    _, output, _ = run("--help")
    assert "Paint a wall." in output
    places = [output.index(name) for name in ("--size", "--colour", "--layers", "--urgent")]
    assert places == sorted(places)


def test_parameters_and_actions_are_read_as_pairs() -> None:
    assert EngineOptions(param=["a=1", "b=x=y"]).params == {"a": "1", "b": "x=y"}
    assert LearnOptions(action=["age=drop"]).actions == {"age": "drop"}
