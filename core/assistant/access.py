"""Which language model the administrator allows, checked, and where its key is.

The address comes from the environment alone, so that one of a private network or of this machine
is as good as any; without TLS only this machine is, unless ``STUDIO_ALLOW_HTTP`` is set. The key
is no part of what is handed on: who asks reads it where it is, from the environment or its file.
"""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.data.remote.addresses import WebAddress, credentials, web_address
from core.errors import InvalidInput
from core.settings import Settings

HOMES = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}
"""By provider the address where none is set."""
_MOST_KEY = 10_000


@dataclass(frozen=True, slots=True)
class LanguageAccess:
    """A language model that may be asked; without its key, so that it can be handed on.

    Attributes
    ----------
    provider
        A key of :data:`core.assistant.PROVIDERS`: whose protocol is spoken.
    url
        The address of the server.
    needs_key
        Whether the server is the provider's own, which answers nobody without a key.
    key_file
        Where the key is if it is not in the environment.
    timeout_s
        Seconds to wait for an answer.
    most_tokens
        Most tokens that one run may use.
    """

    provider: str
    model: str
    url: str
    needs_key: bool
    key_file: str
    timeout_s: float
    most_tokens: int

    @property
    def host(self) -> str:
        """The server, as messages name it."""
        return _address(self.url, allow_http=True).host_header

    @property
    def name(self) -> str:
        """The model and where it is, as reports name it."""
        return f"{self.model} at {self.host}"


def access_of(settings: Settings) -> LanguageAccess | None:
    """The language model of an installation; None where there is none.

    Raises
    ------
    InvalidInput
        With all that is wrong with its settings. No key is looked at.
    """
    if not settings.llm_provider:
        return None
    problems = [*_name_problems(settings), *_url_problems(settings)]
    if problems:
        raise InvalidInput("The language model cannot be used. " + " ".join(problems), problems)
    return LanguageAccess(
        provider=settings.llm_provider,
        model=settings.llm_model,
        url=settings.llm_url or HOMES[settings.llm_provider],
        needs_key=not settings.llm_url,
        key_file=settings.llm_key_file,
        timeout_s=settings.llm_timeout_s,
        most_tokens=settings.llm_tokens,
    )


def key_of(access: LanguageAccess, environ: Mapping[str, str] = os.environ) -> str:
    """The key of a language model, from ``STUDIO_LLM_KEY`` or its file.

    Raises
    ------
    InvalidInput
        There is none and the server needs one, or its file cannot be read.
    """
    key = environ.get("STUDIO_LLM_KEY", "").strip()
    if not key and access.key_file:
        key = _from_file(Path(access.key_file))
    if not key and access.needs_key:
        raise InvalidInput(
            f"There is no key for the language model at {access.host}. Set `STUDIO_LLM_KEY`, or "
            "`STUDIO_LLM_KEY_FILE` to a file that holds it."
        )
    if not key.isascii() or any(char.isspace() or not char.isprintable() for char in key):
        raise InvalidInput(
            "The key for the language model is not one line of plain characters. Look at "
            "`STUDIO_LLM_KEY` and at the file of `STUDIO_LLM_KEY_FILE`."
        )
    return key


def _from_file(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(_MOST_KEY).strip()
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(
            f"The file {path} of `STUDIO_LLM_KEY_FILE` cannot be read. Let the studio's user read "
            "it, or set `STUDIO_LLM_KEY`."
        ) from None


def _name_problems(settings: Settings) -> list[str]:
    problems = []
    if settings.llm_provider not in HOMES:
        known = ", ".join(HOMES)
        problems.append(f"`STUDIO_LLM_PROVIDER` must be one of {known}.")
    if not settings.llm_model:
        problems.append("`STUDIO_LLM_MODEL` must name a model.")
    return problems


def _url_problems(settings: Settings) -> list[str]:
    """What is wrong with the address; no word of it, since it may hold a password."""
    if not settings.llm_url:
        return []
    try:
        address = _address(settings.llm_url, allow_http=True)
    except InvalidInput:
        return ["`STUDIO_LLM_URL` must be an address such as https://host:8000/v1."]
    if credentials(settings.llm_url) or address.query:
        return ["`STUDIO_LLM_URL` must have no name, password or query: use `STUDIO_LLM_KEY`."]
    if address.scheme == "http" and not settings.allow_http and not _is_here(address.host):
        return [
            "`STUDIO_LLM_URL` is not of https: the key and what is asked could be read on the "
            "way. Use https, or set `STUDIO_ALLOW_HTTP=1`."
        ]
    return []


def _address(url: str, *, allow_http: bool) -> WebAddress:
    return web_address(url, allow_http=allow_http)


def _is_here(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
