"""Short free texts that are made up in the style of a column: names of things, notes, remarks.

A model of characters learns which characters follow which, how long texts are, and how they end.
It holds no text and no piece of one that fewer than :data:`FEW` different texts share, and what it
makes is checked while it is made: see ``docs/engines/text.md`` for what is promised and what not.
Or somebody writes texts by the column's description (:mod:`core.data.texts.written`), who is told
nothing of its texts; what is written keeps the same promises.
"""

from core.data.texts.beside import Beside
from core.data.texts.draw import make_texts
from core.data.texts.guards import FEW, RUN
from core.data.texts.learn import LEAST, is_learnable, learn_texts, numbers_of
from core.data.texts.port import Brief, TextWriter

__all__ = [
    "FEW",
    "LEAST",
    "RUN",
    "Beside",
    "Brief",
    "TextWriter",
    "is_learnable",
    "learn_texts",
    "make_texts",
    "numbers_of",
]
