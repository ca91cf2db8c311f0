"""How long the steps of a run take."""

import time


class Clock:
    """Wall seconds of each step of a run, and CPU seconds of all."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()
        self._cpu = time.process_time()

    @property
    def cpu_s(self) -> float:
        """CPU seconds since the start."""
        return round(time.process_time() - self._cpu, 2)

    def lap(self, name: str) -> None:
        """Note the seconds since the last lap under ``name``."""
        moment = time.perf_counter()
        self.laps[name] = round(moment - self._last, 3)
        self._last = moment
