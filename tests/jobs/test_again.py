"""A job's id can be submitted again by whoever is told of its ending, and failures have a kind."""

import threading
from typing import Any

from core.errors import EngineFailed
from core.jobs import Failed, Finished, JobPool, Message
from core.progress import Progress


def first_fails(place: int, progress: Progress) -> dict[str, Any]:
    """Fail as an engine does, but for the second time."""
    if place == 0:
        raise EngineFailed("It stopped.")
    return {"place": place}


def test_an_id_is_taken_up_again_from_its_own_ending() -> None:
    said: list[Message] = []
    over = threading.Event()

    def take(job_id: str, message: Message) -> None:
        said.append(message)
        if isinstance(message, Failed):
            pool.submit(job_id, first_fails, 1)
        elif isinstance(message, Finished):
            over.set()

    pool = JobPool(2, 2**40, 60, take)
    try:
        pool.submit("a", first_fails, 0)
        assert over.wait(60)
    finally:
        pool.close()
    endings = [one for one in said if isinstance(one, Failed | Finished)]
    assert isinstance(endings[0], Failed)
    assert (endings[0].kind, endings[0].message) == ("engine", "It stopped.")
    assert isinstance(endings[1], Finished)
    assert endings[1].result == {"place": 1}
