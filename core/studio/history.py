"""The figures that a training told, kept in full length but not in every point."""

from collections.abc import Mapping, Sequence

MOST_POINTS = 2_000

Figures = Mapping[str, float]


def extended(
    history: Sequence[Figures], fresh: Sequence[Figures], most: int = MOST_POINTS
) -> tuple[Figures, ...]:
    """The history with fresh points; beyond ``most`` every second one is left out.

    The first and the last point always stay, and those that stay are as they were told.
    """
    points = (*history, *fresh)
    while len(points) > most:
        points = (*points[:-1:2], points[-1])
    return points
