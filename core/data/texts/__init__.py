"""Short free texts that are made up in the style of a column: names of things, notes, remarks.

A model of characters learns which characters follow which, how long texts are, and how they end.
It holds no text and no piece of one that fewer than :data:`FEW` different texts share, and what it
makes is checked while it is made: see ``docs/engines/text.md`` for what is promised and what not.
"""

from core.data.texts.draw import make_texts
from core.data.texts.guards import FEW, RUN
from core.data.texts.learn import LEAST, is_learnable, learn_texts
from core.data.texts.port import TextProvider

__all__ = ["FEW", "LEAST", "RUN", "TextProvider", "is_learnable", "learn_texts", "make_texts"]
