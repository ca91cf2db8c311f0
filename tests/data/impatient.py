"""A progress that cancels at a step of one's choice."""

from core.errors import JobCancelled
from core.progress import SilentProgress


class Impatient(SilentProgress):
    """Lets so many steps pass and cancels at the next."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def step(self, done, total, note="", values=None):
        self.left -= 1
        if self.left < 0:
            raise JobCancelled("stop")
