"""The messages of Anthropic."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from core.assistant import failures
from core.assistant.access import LanguageAccess
from core.assistant.connection import connection
from core.assistant.model import Answer

if TYPE_CHECKING:
    from anthropic import Anthropic

_NO_KEY = "none"
_WHOLE = frozenset({"end_turn", "stop_sequence"})


@dataclass(frozen=True, slots=True)
class AnthropicMessages:
    """A model behind the messages protocol; see :class:`LanguageModel`."""

    access: LanguageAccess
    _key: str = field(repr=False)

    @classmethod
    def open(cls, access: LanguageAccess, key: str) -> Self:
        """The model, without asking it anything; an empty key is for servers that need none."""
        import anthropic  # noqa: F401 (what is missing is to be known now)

        return cls(access, key or _NO_KEY)

    @property
    def name(self) -> str:
        """The model and where it is."""
        return self.access.name

    def _client(self) -> "Anthropic":
        from anthropic import Anthropic

        return Anthropic(
            api_key=self._key,
            open_telemetry=False,
            base_url=self.access.url,
            max_retries=failures.RETRIES,
            timeout=self.access.timeout_s,
            http_client=connection(self.access),
        )

    def complete(
        self, system: str, prompt: str, *, max_tokens: int, temperature: float | None = None
    ) -> Answer:
        """See :meth:`LanguageModel.complete`; the protocol knows no temperature any more."""
        import anthropic

        try:
            with self._client() as client:
                said = client.messages.create(
                    model=self.access.model,
                    system=system,
                    messages=[{"role": "user", "content": prompt}],
                    max_tokens=max_tokens,
                )
            return _answer(said)
        except anthropic.APIStatusError as error:
            raise failures.refused(self.access, error.status_code) from None
        except anthropic.APITimeoutError:
            raise failures.too_slow(self.access) from None
        except anthropic.APIConnectionError:
            raise failures.unreachable(self.access) from None
        except (anthropic.AnthropicError, ValueError, TypeError, AttributeError, LookupError):
            raise failures.not_understood(self.access) from None


def _answer(said: Any) -> Answer:
    """The answer, whose shape the package does not check; raises what a wrong one leads to."""
    text = "".join(block.text for block in said.content if block.type == "text")
    if not isinstance(said.stop_reason, str):
        raise TypeError("no end")
    counts = [getattr(said.usage, name, None) for name in ("input_tokens", "output_tokens")]
    known = [count for count in counts if isinstance(count, int) and count >= 0]
    return Answer(text, sum(known) if len(known) == 2 else None, said.stop_reason in _WHOLE)
