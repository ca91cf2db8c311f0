"""What anything that makes up texts has to offer, so that another maker can take a model's place.

There is one maker now, the model of characters of this package. A maker that asks a language model
would be given a description of the column by a person, lengths and patterns, and never a value.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from core.data.patterns import Texts


class TextProvider(Protocol):
    """Learns how a column's texts are, and makes up others."""

    def learn(self, values: Sequence[str]) -> Mapping[str, Any]:
        """What is needed to make up texts like these, as plain data without any of them."""

    def make(
        self, settings: Mapping[str, Any], size: int, rng: np.random.Generator, *, distinct: bool
    ) -> Texts:
        """So many texts, none of them a training text; with ``distinct``, all different."""
