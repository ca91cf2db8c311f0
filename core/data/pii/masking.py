"""Evidence that shows the shape of a value and hides what it says."""

import re

_DOTS = "•••"
_LONGEST = 28
_NAMES = {"first_name", "last_name", "full_name", "username", "city", "company"}


def mask(value: str, semantic: str) -> str:
    """Hide a value of this semantic type.

    E-mails and names keep first letters, everything else keeps only its punctuation.

    Examples
    --------
    >>> mask("jane.doe@example.com", "email")
    'j•••@•••.com'
    >>> mask("+49 30 1234", "phone")
    '+•• •• ••••'
    """
    text = " ".join(value.split())
    if semantic == "email" and "@" in text:
        return _email(text)
    if semantic == "url":
        return re.sub(r"^((?:https?|ftp)://)?.*$", rf"\1{_DOTS}", text, flags=re.IGNORECASE)
    if semantic in _NAMES:
        return " ".join(_initial(word) for word in text.split()[:4])
    hidden = re.sub(r"\w", "•", text)
    return hidden if len(hidden) <= _LONGEST else hidden[: _LONGEST - 1] + "…"


def _initial(word: str) -> str:
    return (word[0] if len(word) > 2 else "") + _DOTS


def _email(text: str) -> str:
    user, _, host = text.rpartition("@")
    ending = host.rpartition(".")[2] if "." in host else ""
    return f"{user[:1] if len(user) > 2 else ''}{_DOTS}@{_DOTS}" + (f".{ending}" if ending else "")
