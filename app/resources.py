"""The one Studio of this process, shared by all browser sessions and by the API.

The server's lifespan opens it before the first request and closes it at the end; whoever asks
earlier, such as a test, opens it by asking.
"""

from threading import RLock
from typing import TYPE_CHECKING

from core.settings import Settings

if TYPE_CHECKING:
    from core.studio import Studio


class StudioHolder:
    """Opens the Studio once, however many threads ask for it."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._studio: Studio | None = None
        self._settings: Settings | None = None

    def settings(self) -> Settings:
        """Settings of the open Studio, or those of the environment."""
        with self._lock:
            return self._settings or Settings.from_environment()

    def get(self) -> "Studio":
        """Return the Studio, opening it from the environment's settings if need be."""
        with self._lock:
            if self._studio is None:
                from core.studio import Studio

                settings = Settings.from_environment()
                self._studio = Studio.open(settings)
                self._settings = settings
            return self._studio

    def close(self) -> None:
        """Close the Studio; the next question opens a new one."""
        with self._lock:
            opened, self._studio, self._settings = self._studio, None, None
            if opened is not None:
                opened.close()


_HOLDER = StudioHolder()


def studio() -> "Studio":
    """Return the process-wide Studio."""
    return _HOLDER.get()


def settings() -> Settings:
    """Return the settings that the process-wide Studio was opened with."""
    return _HOLDER.settings()


def close_studio() -> None:
    """Close the process-wide Studio; tests use it to start afresh."""
    _HOLDER.close()
