"""The chat completions of OpenAI, which vLLM, Ollama, llama.cpp and many others speak as well."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from core.assistant import failures
from core.assistant.access import LanguageAccess
from core.assistant.connection import connection
from core.assistant.model import Answer

if TYPE_CHECKING:
    from openai import OpenAI

_NO_KEY = "none"


@dataclass(frozen=True, slots=True)
class OpenAIChat:
    """A model behind the chat completions protocol; see :class:`LanguageModel`."""

    access: LanguageAccess
    _key: str = field(repr=False)

    @classmethod
    def open(cls, access: LanguageAccess, key: str) -> Self:
        """The model, without asking it anything; an empty key is for servers that need none."""
        import openai  # noqa: F401 (what is missing is to be known now)

        return cls(access, key or _NO_KEY)

    @property
    def name(self) -> str:
        """The model and where it is."""
        return self.access.name

    def _client(self) -> "OpenAI":
        from openai import OpenAI

        return OpenAI(
            api_key=self._key,
            admin_api_key="",
            base_url=self.access.url,
            max_retries=failures.RETRIES,
            timeout=self.access.timeout_s,
            http_client=connection(self.access),
        )

    def complete(
        self, system: str, prompt: str, *, max_tokens: int, temperature: float | None = None
    ) -> Answer:
        """See :meth:`LanguageModel.complete`."""
        import openai

        asked = self._asked(max_tokens, temperature)
        messages: Any = [
            {"role": "system", "content": system},
            {"role": "user", "content": prompt},
        ]
        try:
            with self._client() as client:
                said = client.chat.completions.create(
                    model=self.access.model, messages=messages, **asked
                )
            return _answer(said)
        except openai.APIStatusError as error:
            raise failures.refused(self.access, error.status_code) from None
        except openai.APITimeoutError:
            raise failures.too_slow(self.access) from None
        except openai.APIConnectionError:
            raise failures.unreachable(self.access) from None
        except (openai.OpenAIError, ValueError, TypeError, AttributeError, LookupError):
            raise failures.not_understood(self.access) from None

    def _asked(self, max_tokens: int, temperature: float | None) -> dict[str, Any]:
        """OpenAI's own models know the newer name of the limit alone, many servers the older."""
        limit = "max_completion_tokens" if self.access.needs_key else "max_tokens"
        asked: dict[str, Any] = {limit: max_tokens}
        return asked if temperature is None else {**asked, "temperature": temperature}


def _answer(said: Any) -> Answer:
    """The answer, whose shape the package does not check; raises what a wrong one leads to."""
    (choice,) = said.choices
    text = choice.message.content
    if not isinstance(text, str):
        raise TypeError("no text")
    total = getattr(said.usage, "total_tokens", None)
    tokens = total if isinstance(total, int) and total >= 0 else None
    return Answer(text, tokens, choice.finish_reason == "stop")
