"""What whoever writes texts for a column has to offer, and all that it may be told.

The model of characters of this package learns from texts. A writer, such as a language model, may
stand outside the house: it is told what is in :class:`Brief` and nothing else, so that no text of
the column, and no piece of one, can reach it. What it writes is checked in here before it is used.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Brief:
    """All that a writer is told of a column.

    Attributes
    ----------
    column
        The column's name.
    description, language
        What a person typed of it.
    lengths
        A short, a usual and a long text's characters, in tens; empty where too few texts are
        there to tell.
    beside
        Name and value of another column of the row that the text is to fit: a value that comes
        out of the synthetic table anyway, and that many rows share.
    """

    column: str
    description: str
    language: str = ""
    lengths: tuple[int, ...] = ()
    beside: tuple[str, str] | None = None


class TextWriter(Protocol):
    """Writes texts by a description."""

    @property
    def name(self) -> str:
        """Who writes, as reports name it."""

    @property
    def spent(self) -> int:
        """Tokens used so far, over all columns of a run."""

    @property
    def may_go_on(self) -> bool:
        """Whether there is room for another question."""

    def words(self, brief: Brief) -> str:
        """What is sent, but for how many texts are wanted."""

    def write(self, brief: Brief, count: int, part: int) -> tuple[str, ...]:
        """About so many texts; none where the answer cannot be read.

        Parameters
        ----------
        part
            How often the same was asked before, so that other texts come.

        Raises
        ------
        LanguageModelFailed
            Whoever writes cannot be reached, or refuses.
        """
