"""Names that people give to what they keep."""

from core.errors import InvalidInput

MOST_CHARACTERS = 200


def checked_name(name: str, kind: str) -> str:
    """The name without odd spaces, of what ``kind`` says: ``dataset``.

    Raises
    ------
    InvalidInput
        It is empty, or longer than 200 characters.
    """
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= MOST_CHARACTERS:
        raise InvalidInput(
            f"A {kind} needs a name of 1 to {MOST_CHARACTERS} characters. Give it one."
        )
    return cleaned
