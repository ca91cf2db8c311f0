"""Whether what a plug-in offers has the shape of what it says it is: all problems in words."""

import re
from collections.abc import Mapping, Sequence

from core.data.added import ADDED as READABLE
from core.data.added import ENDING, ReaderInfo
from core.data.read import READERS, own_endings
from core.evaluation.added import ADDED, MeasureInfo
from core.evaluation.words import MEASURES
from core.synthesis.description import description_problems
from core.synthesis.protocol import EngineInfo
from core.synthesis.registry import ENGINES

NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")


def generator_problems(found: object, name: str) -> list[str]:
    """Problems of a generator; a formal guarantee is the studio's own to give."""
    if not isinstance(found, EngineInfo):
        return [f"it must be a `core.synthesis.protocol.EngineInfo`, not a {_kind(found)}."]
    problems = [*_name_problems(found.name, name, list(ENGINES)), *description_problems(found)]
    if found.formal_guarantee:
        problems.append(
            "it claims a formal guarantee, which only the studio's own engines may: their noise "
            "is drawn and charged by its ledger."
        )
    return problems


def measure_problems(found: object, name: str) -> list[str]:
    """Problems of a measure."""
    if not isinstance(found, MeasureInfo):
        return [f"it must be a `core.evaluation.added.MeasureInfo`, not a {_kind(found)}."]
    taken = [*MEASURES, *ADDED]
    texts = {"title": found.title, "meaning": found.meaning, "reading": found.reading}
    return [
        *_name_problems(found.name, name, taken),
        *_text_problems(texts),
        *_call_problems("take", found.take),
    ]


def reader_problems(found: object, name: str) -> list[str]:
    """Problems of a reader; it may not take an ending that is read already."""
    if not isinstance(found, ReaderInfo):
        return [f"it must be a `core.data.added.ReaderInfo`, not a {_kind(found)}."]
    problems = [
        *_name_problems(found.name, name, list(READERS)),
        *_text_problems({"title": found.title}),
        *_call_problems("read", found.read),
    ]
    if not isinstance(found.endings, tuple) or not found.endings:
        return [*problems, "`endings` must be a tuple of at least one ending."]
    for ending in found.endings:
        if not isinstance(ending, str) or not ENDING.fullmatch(ending):
            problems.append(f"the ending {ending!r} must be lower case, with its dot.")
        elif ending in own_endings() or ending in READABLE:
            problems.append(f"files that end in {ending} have a reader already.")
    return problems


def _name_problems(name: object, entry: str, taken: Sequence[str]) -> list[str]:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        return ["its name must be 2 to 40 lower-case letters, digits and underscores."]
    if name != entry:
        return [f"it calls itself {name!r}, but its entry point is called {entry!r}."]
    return ["there is one of that name already."] if name in taken else []


def _text_problems(texts: Mapping[str, object]) -> list[str]:
    return [
        f"`{name}` must be a text that says something."
        for name, text in texts.items()
        if not isinstance(text, str) or not text.strip()
    ]


def _call_problems(name: str, found: object) -> list[str]:
    return [] if callable(found) else [f"`{name}` must be callable."]


def _kind(found: object) -> str:
    return type(found).__name__
