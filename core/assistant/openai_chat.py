"""The chat completions of OpenAI, which vLLM, Ollama, llama.cpp and many others speak as well."""

from typing import Any

from core.assistant import failures
from core.assistant.access import LanguageAccess
from core.assistant.connection import connection
from core.assistant.model import Answer, Question


def ask_openai(access: LanguageAccess, key: str, question: Question) -> Answer:
    """The answer of a server; raises what the package raises, or a wrong answer leads to."""
    from openai import OpenAI

    messages: Any = [
        {"role": "system", "content": question.system},
        {"role": "user", "content": question.prompt},
    ]
    with OpenAI(
        api_key=key,
        admin_api_key="",
        base_url=access.url,
        max_retries=failures.RETRIES,
        timeout=access.timeout_s,
        http_client=connection(access),
    ) as client:
        said: Any = client.chat.completions.create(
            model=access.model, messages=messages, **_limits(access, question)
        )
    (choice,) = said.choices
    if not isinstance(choice.message.content, str):
        raise TypeError("no text")
    total = getattr(said.usage, "total_tokens", None)
    tokens = total if isinstance(total, int) and total >= 0 else None
    return Answer(choice.message.content, tokens, choice.finish_reason == "stop")


def _limits(access: LanguageAccess, question: Question) -> dict[str, Any]:
    """OpenAI's own models know the newer name of the limit alone, many servers the older."""
    limit = "max_completion_tokens" if access.needs_key else "max_tokens"
    asked: dict[str, Any] = {limit: question.max_tokens}
    if question.temperature is not None:
        asked["temperature"] = question.temperature
    return asked
