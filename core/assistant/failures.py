"""What goes wrong with a language model's server, in words that say what to do.

No message has a word of the server's answer, which may repeat the key or what was asked.
"""

from core.assistant.access import LanguageAccess
from core.errors import LanguageModelFailed

RETRIES = 2
"""Further tries after time-outs, lost connections, 429 and faults of the server."""
_HINTS = {
    401: "did not take the key (401). Check `STUDIO_LLM_KEY` or `STUDIO_LLM_KEY_FILE`.",
    403: "does not allow this (403). Check the key's rights and `STUDIO_LLM_MODEL`.",
    404: "does not know the model {model} or the address (404). Check `STUDIO_LLM_MODEL` and "
    "`STUDIO_LLM_URL`.",
    413: "finds the question too long (413). Choose a model with a longer context.",
    429: "was asked too often or has no quota left (429), also when asked again. Try later, or "
    "raise the quota there.",
}


def refused(access: LanguageAccess, status: int) -> LanguageModelFailed:
    """The server answered with an error, or leads elsewhere."""
    if status in _HINTS:
        hint = _HINTS[status].format(model=access.model)
    elif 300 <= status < 400:
        hint = (
            f"leads elsewhere ({status}), which is not followed, since the key would go along. Set "
            "`STUDIO_LLM_URL` to where it leads."
        )
    elif status >= 500:
        hint = f"has a fault ({status}), also when asked again. Look at its log, or try later."
    else:
        hint = (
            f"does not take the question ({status}). Check that `STUDIO_LLM_PROVIDER` is the "
            "protocol that it speaks, and look at its log."
        )
    return _failed(access, hint)


def unreachable(access: LanguageAccess) -> LanguageModelFailed:
    """There is no connection to the server."""
    return _failed(
        access,
        "cannot be reached. Check that it runs, that `STUDIO_LLM_URL` is right, and that its "
        "certificate is known (`SSL_CERT_FILE`). Proxies of the environment are not used.",
    )


def too_slow(access: LanguageAccess) -> LanguageModelFailed:
    """No answer came in time."""
    return _failed(
        access,
        f"did not answer within {access.timeout_s:g} seconds, {RETRIES + 1} times. Raise "
        "`STUDIO_LLM_TIMEOUT_S`, or choose a faster model.",
    )


def not_understood(access: LanguageAccess) -> LanguageModelFailed:
    """The answer is not of the protocol."""
    return _failed(
        access,
        "answers something else than its protocol says. Check `STUDIO_LLM_PROVIDER` and "
        "`STUDIO_LLM_URL`.",
    )


def _failed(access: LanguageAccess, what: str) -> LanguageModelFailed:
    return LanguageModelFailed(f"The language model's server {access.host} {what}")
