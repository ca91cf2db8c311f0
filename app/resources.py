"""What all browser sessions and the API of this process share: the Studio and a little memory.

The server's lifespan opens the Studio before the first request and closes it at the end; whoever
asks earlier, such as a test, opens it by asking.
"""

from threading import RLock
from typing import TYPE_CHECKING

from core.api import Tickets
from core.settings import Settings

if TYPE_CHECKING:
    from core.studio import Studio


class Resources:
    """Opens the Studio once, however many threads ask for it.

    Attributes
    ----------
    tickets
        One-time tickets that browsers trade for the session cookie.
    last_projects
        The project that each user, by id, chose last; so that a reload finds it again.
    seen_runs
        Ids of ended runs that each user, by id, has looked at.
    drafts
        What each user, by id, has filled in at a place and not started yet; so that a reload
        finds it again.
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._studio: Studio | None = None
        self._settings: Settings | None = None
        self.tickets = Tickets()
        self.last_projects: dict[str, str] = {}
        self.seen_runs: dict[str, set[str]] = {}
        self.drafts: dict[tuple[str, str], object] = {}

    def settings(self) -> Settings:
        """Return the settings of the open Studio, or those of the environment."""
        with self._lock:
            return self._settings or Settings.from_environment()

    def studio(self) -> "Studio":
        """Return the Studio, opening it from the environment's settings if need be."""
        with self._lock:
            if self._studio is None:
                from core.studio import Studio

                settings = Settings.from_environment()
                self._studio = Studio.open(settings)
                self._settings = settings
            return self._studio

    def close(self) -> None:
        """Close the Studio and forget everything; the next question opens a new one."""
        with self._lock:
            opened, self._studio, self._settings = self._studio, None, None
            self.tickets = Tickets()
            self.last_projects = {}
            self.seen_runs = {}
            self.drafts = {}
            if opened is not None:
                opened.close()


RESOURCES = Resources()


def studio() -> "Studio":
    """Return the process-wide Studio."""
    return RESOURCES.studio()


def settings() -> Settings:
    """Return the settings that the process-wide Studio was opened with."""
    return RESOURCES.settings()


def tickets() -> Tickets:
    """Return the process-wide one-time tickets."""
    return RESOURCES.tickets


def close_studio() -> None:
    """Close the process-wide Studio; tests use it to start afresh."""
    RESOURCES.close()
