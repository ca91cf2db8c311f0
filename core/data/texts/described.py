"""What a person may say of a column for whoever writes its texts: checked before it is kept."""

from collections.abc import Sequence

from core.data.schema import WrittenText

MOST_DESCRIPTION, MOST_LANGUAGE = 1_000, 60
"""Characters."""


def written_problems(name: str, asked: WrittenText, beside: Sequence[str]) -> list[str]:
    """What is wrong with what is said of a column.

    Parameters
    ----------
    beside
        The columns whose labels may be told.
    """
    problems = []
    if not 0 < len(asked.description.strip()) <= MOST_DESCRIPTION:
        problems.append(
            f"Describe column {name!r} in up to {MOST_DESCRIPTION:,} characters: what its texts "
            "are about, who writes them, how."
        )
    if len(asked.language) > MOST_LANGUAGE:
        problems.append(f"The language of {name!r} is a word or two.")
    if asked.beside and asked.beside not in beside:
        known = ", ".join(beside) or "none"
        problems.append(
            f"Texts of {name!r} cannot be fitted to {asked.beside!r}: only to kept columns of "
            f"labels whose role is plain. Possible are: {known}."
        )
    return problems
