"""What one run of the script has asked already, so that it asks only once.

Several parts of a page want to know who is signed in and which projects there are. Within one run
of the script, a fraction of a second, the answers are kept; the next run, and every refresh of a
fragment, asks the studio again.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

_ANSWERS: ContextVar[dict[Hashable, Any] | None] = ContextVar("answers_of_this_run", default=None)
_Answer = TypeVar("_Answer")


@contextmanager
def one_run() -> Iterator[None]:
    """Keep answers until the end of the block."""
    token = _ANSWERS.set({})
    try:
        yield
    finally:
        _ANSWERS.reset(token)


def remembered(question: Hashable, ask: Callable[[], _Answer]) -> _Answer:
    """Return the answer that this run has already, or ask; outside of a run, always ask."""
    answers = _ANSWERS.get()
    if answers is None:
        return ask()
    if question not in answers:
        answers[question] = ask()
    return answers[question]
