"""The providers that are known, and how a model of one is opened."""

from collections.abc import Callable

from core.assistant.access import LanguageAccess
from core.assistant.anthropic_messages import AnthropicMessages
from core.assistant.model import LanguageModel
from core.assistant.openai_chat import OpenAIChat
from core.errors import InvalidInput

PROVIDERS: dict[str, Callable[[LanguageAccess, str], LanguageModel]] = {
    "openai": OpenAIChat.open,
    "anthropic": AnthropicMessages.open,
}


def open_model(access: LanguageAccess, key: str) -> LanguageModel:
    """The language model that may be asked; nothing is sent yet.

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
        return PROVIDERS[access.provider](access, key)
    except ImportError:
        raise InvalidInput(
            f"The package of {access.provider} is not installed: pip install {access.provider}."
        ) from None
