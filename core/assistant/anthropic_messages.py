"""The messages of Anthropic, a protocol that knows no temperature any more."""

from typing import Any

from core.assistant import failures
from core.assistant.access import LanguageAccess
from core.assistant.connection import connection
from core.assistant.model import Answer, Question

_WHOLE = frozenset({"end_turn", "stop_sequence"})


def ask_anthropic(access: LanguageAccess, key: str, question: Question) -> Answer:
    """The answer of a server; raises what the package raises, or a wrong answer leads to."""
    from anthropic import Anthropic

    with Anthropic(
        api_key=key,
        base_url=access.url,
        max_retries=failures.RETRIES,
        timeout=access.timeout_s,
        open_telemetry=False,
        http_client=connection(access),
    ) as client:
        said: Any = client.messages.create(
            model=access.model,
            system=question.system,
            messages=[{"role": "user", "content": question.prompt}],
            max_tokens=question.max_tokens,
        )
    text = "".join(block.text for block in said.content if block.type == "text")
    if not isinstance(said.stop_reason, str):
        raise TypeError("no end")
    counts = [getattr(said.usage, name, None) for name in ("input_tokens", "output_tokens")]
    known = [count for count in counts if isinstance(count, int) and count >= 0]
    return Answer(text, sum(known) if len(known) == 2 else None, said.stop_reason in _WHOLE)
