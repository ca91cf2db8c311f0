"""Texts that somebody writes for a fitted synthesizer: asked for once, and kept with it.

This comes after the fit, so that no part that asks ever holds a real row.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.data.fake_kinds import WRITTEN
from core.data.fakes import Fake
from core.data.prepare import Preparation
from core.data.texts import TextWriter
from core.data.texts.written import have_written, is_waiting
from core.progress import Progress
from core.synthesis.fitted import FittedTable

Tables = Mapping[str, FittedTable]


def columns_waiting(tables: Tables) -> list[str]:
    """``table.column`` of each column whose texts nobody was asked for yet."""
    return [
        f"{name}.{fake.column.name}"
        for name, fitted in tables.items()
        for fake in _fakes(fitted.preparation)
        if fake.kind == WRITTEN and is_waiting(fake.settings)
    ]


def with_texts(tables: Tables, writer: TextWriter, progress: Progress) -> dict[str, FittedTable]:
    """The tables with the texts that their columns wait for, as far as they came."""
    return {
        name: replace(fitted, preparation=_written(fitted.preparation, writer, progress))
        for name, fitted in tables.items()
    }


def told_of_texts(tables: Tables) -> list[dict[str, Any]]:
    """Of each column that was asked for: its table and name, who wrote, and what was taken."""
    return [
        {"table": name, "column": fake.column.name, **fake.settings["told"]}
        for name, fitted in tables.items()
        for fake in _fakes(fitted.preparation)
        if fake.kind == WRITTEN and not is_waiting(fake.settings)
    ]


def texts_in_words(one: Mapping[str, Any]) -> str:
    """What was told of one column's texts, in words."""
    refused = ", ".join(f"{count} {reason}" for reason, count in one["refused"].items())
    left = f" Not taken: {refused}." if refused else ""
    cost = f"{one['questions']} questions, {one['tokens']:,} tokens, prompt {one['prompt']}"
    if not one["texts"]:
        return (
            f"Texts of {one['column']!r} were to be written by {one['model']} ({cost}) and are "
            f"plain words: {one['why']}{left}"
        )
    why = f" {one['why']}" if one["why"] else ""
    return (
        f"Texts of {one['column']!r} are drawn from {one['texts']} that {one['model']} wrote from "
        f"the column's description alone ({cost}); they repeat in larger tables.{why}{left}"
    )


def _written(preparation: Preparation, writer: TextWriter, progress: Progress) -> Preparation:
    def asked(fake: Fake) -> Fake:
        if fake.kind != WRITTEN or not is_waiting(fake.settings):
            return fake
        settings = have_written(fake.settings, fake.column, fake.rows, writer, progress)
        return replace(fake, settings=settings)

    return replace(
        preparation,
        fakes=tuple(asked(fake) for fake in preparation.fakes),
        asides=tuple(asked(fake) for fake in preparation.asides),
    )


def _fakes(preparation: Preparation) -> tuple[Fake, ...]:
    return (*preparation.fakes, *preparation.asides)
