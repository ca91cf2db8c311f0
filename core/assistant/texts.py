"""Texts of a column, written by a language model: what it is told, and how its answer is read.

It is told what :class:`core.data.texts.Brief` holds. Its answer has to be a JSON list of strings,
also within a Markdown fence; anything else is no answer.
"""

import json
import re

from core.assistant.access import LanguageAccess, key_of
from core.assistant.model import LanguageModel
from core.assistant.providers import open_model
from core.data.texts import Brief

SYSTEM = (
    "You write made-up texts for one column of a synthetic table that stands in for a real one. "
    "Answer with a JSON array of strings and with nothing else: no explanation, no keys, no "
    "Markdown. Each string is one text as it would stand in a cell. The texts differ from each "
    "other in what they say, how they begin and how long they are. Make everything up. Name no "
    "persons and no real companies, and give no addresses, telephone numbers or identifiers."
)
TEMPERATURE = 1.0
ANSWER_TOKENS = 8_000
"""Most tokens of one answer, with room for models that think before they write."""
_READY = "Answer with the word ready."
_FENCE = re.compile(r"^```(?:json)?\s*\n(.*)\n```$", re.DOTALL)


class ModelWriter:
    """Writes texts with a language model; see :class:`core.data.texts.TextWriter`.

    Parameters
    ----------
    most_tokens
        Where so many were used, or one more answer could pass it, nothing more is asked.
    """

    def __init__(self, model: LanguageModel, most_tokens: int) -> None:
        self._model = model
        self._most = most_tokens
        self._spent = 0
        self._dearest = 0

    @property
    def name(self) -> str:
        """The model, as reports name it."""
        return self._model.name

    @property
    def spent(self) -> int:
        """Tokens used so far, as the server counts; else as many as an answer may have."""
        return self._spent

    @property
    def may_go_on(self) -> bool:
        """Whether a question as dear as the dearest so far has room."""
        return self._spent + self._dearest < self._most

    def check(self) -> None:
        """Ask for one word, so that a wrong key or address is known before any work is done.

        Raises
        ------
        LanguageModelFailed
            As :meth:`LanguageModel.complete`.
        """
        self._asked(_READY, _READY)

    def words(self, brief: Brief) -> str:
        """What is sent, but for how many texts are wanted."""
        return f"{SYSTEM}\n\n{_described(brief)}"

    def write(self, brief: Brief, count: int, part: int) -> tuple[str, ...]:
        """About so many texts; none where the answer is no list of them.

        Raises
        ------
        LanguageModelFailed
            As :meth:`LanguageModel.complete`.
        """
        again = (
            f" This is part {part + 1}: write about other things, in other words, than you would "
            "write first."
        )
        wanted = f"Write {count} texts.{again if part else ''}"
        return read_texts(self._asked(SYSTEM, f"{_described(brief)}\n{wanted}"))

    def _asked(self, system: str, prompt: str) -> str:
        most = max(1, min(ANSWER_TOKENS, self._most - self._spent))
        answer = self._model.complete(system, prompt, max_tokens=most, temperature=TEMPERATURE)
        used = most if answer.tokens is None else answer.tokens
        self._spent += used
        self._dearest = max(self._dearest, used)
        return answer.text


def ready_writer(access: LanguageAccess | None) -> ModelWriter | None:
    """Who writes texts with a language model, which answered one question already.

    Raises
    ------
    InvalidInput
        There is no key.
    LanguageModelFailed
        The model does not answer.
    """
    if access is None:
        return None
    writer = ModelWriter(open_model(access, key_of(access)), access.most_tokens)
    writer.check()
    return writer


def read_texts(answer: str) -> tuple[str, ...]:
    """The strings of an answer; none where it is no JSON list of strings, or was cut off."""
    plain = answer.strip()
    fenced = _FENCE.match(plain)
    try:
        found = json.loads(fenced[1] if fenced else plain)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        return ()
    return tuple(found)


def _described(brief: Brief) -> str:
    lines = [f"Column: {brief.column}", f"What it holds: {brief.description}"]
    if brief.language:
        lines.append(f"Language: {brief.language}")
    if brief.lengths:
        short, usual, long = brief.lengths
        lines.append(
            f"Length: from about {short} to {long} characters, in the middle {usual}, with spaces."
        )
    if brief.beside:
        name, value = brief.beside
        lines.append(f"Each text fits a row in which {name} is: {value}")
    return "\n".join(lines)
