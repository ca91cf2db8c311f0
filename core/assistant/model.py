"""What every language model offers here: one question, one answer, and what it cost."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked; see :meth:`LanguageModel.complete`."""

    system: str
    prompt: str
    max_tokens: int
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said.

    Attributes
    ----------
    tokens
        Those of the question and of the answer together; None where the server does not say.
    is_whole
        Whether it came to its end by itself, and was not cut off.
    """

    text: str
    tokens: int | None
    is_whole: bool


class LanguageModel(Protocol):
    """A model that can be asked."""

    @property
    def name(self) -> str:
        """The model and its provider, as reports name it."""

    def complete(
        self, system: str, prompt: str, *, max_tokens: int, temperature: float | None = None
    ) -> Answer:
        """The answer to a prompt.

        Parameters
        ----------
        max_tokens
            Most tokens of the answer.
        temperature
            How freely words are drawn; None, and where a provider takes none, for what is usual.

        Raises
        ------
        LanguageModelFailed
            The server refuses, is not there, is too slow, or does not keep to its protocol. The
            message has no word of the server's answer, which may repeat the key.
        """
