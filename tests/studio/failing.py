"""Engines that fail on purpose, put among the others for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from core.synthesis.registry import ENGINES


class Failing:
    """Raises what it was given when it is to learn."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def fit(self, *_: Any, **__: Any) -> None:
        raise self._error


@contextmanager
def failing(name: str, error: BaseException) -> Iterator[str]:
    """An engine of that name, else like the copula, whose fit raises ``error``."""
    info = replace(ENGINES["copula"], name=name, make=lambda params: Failing(error))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ENGINES, name, info)
        yield name
