"""The providers that are known, and a model of one: opened, asked, its failures in our words."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from core.assistant import failures
from core.assistant.access import LanguageAccess
from core.assistant.anthropic_messages import ask_anthropic
from core.assistant.model import Answer, LanguageModel, Question
from core.assistant.openai_chat import ask_openai
from core.errors import InvalidInput

Ask = Callable[[LanguageAccess, str, Question], Answer]
PROVIDERS: dict[str, Ask] = {"openai": ask_openai, "anthropic": ask_anthropic}
"""By provider, whose package has the same name, how a question is asked."""
_NO_KEY = "none"


@dataclass(frozen=True, slots=True)
class HostedModel:
    """A model on a server; see :class:`LanguageModel`."""

    access: LanguageAccess
    _key: str = field(repr=False)
    _ask: Ask
    _package: Any = field(repr=False)

    @property
    def name(self) -> str:
        """The model and where it is."""
        return self.access.name

    def complete(
        self, system: str, prompt: str, *, max_tokens: int, temperature: float | None = None
    ) -> Answer:
        """See :meth:`LanguageModel.complete`."""
        question = Question(system, prompt, max_tokens, temperature)
        try:
            return self._ask(self.access, self._key, question)
        except self._package.APIStatusError as error:
            raise failures.refused(self.access, error.status_code) from None
        except self._package.APITimeoutError:
            raise failures.too_slow(self.access) from None
        except self._package.APIConnectionError:
            raise failures.unreachable(self.access) from None
        except (self._package.APIError, ValueError, TypeError, AttributeError, LookupError):
            raise failures.not_understood(self.access) from None


def open_model(access: LanguageAccess, key: str) -> LanguageModel:
    """The language model that may be asked; nothing is sent yet.

    Parameters
    ----------
    key
        Empty for servers that need none.

    Raises
    ------
    InvalidInput
        No such provider is known, or its package is not installed.
    """
    if access.provider not in PROVIDERS:
        raise InvalidInput(
            f"There is no provider {access.provider!r}; known: {', '.join(PROVIDERS)}."
        )
    try:
        package = import_module(access.provider)
    except ImportError:
        raise InvalidInput(
            f"The package of {access.provider} is not installed: pip install {access.provider}."
        ) from None
    return HostedModel(access, key or _NO_KEY, PROVIDERS[access.provider], package)
