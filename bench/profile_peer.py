"""fg-data-profiling in its minimal mode on one Parquet file, for :mod:`bench.profile`.

Runs in an environment of its own, imports nothing of this project, and prints one line of JSON
with rows, wall and CPU seconds and peak memory.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import pandas as pd

if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    from data_profiling import ProfileReport

    wall, cpu = time.perf_counter(), time.process_time()
    frame = pd.read_parquet(sys.argv[1])
    ProfileReport(frame, minimal=True, progress_bar=False).get_description()
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    cost = {
        "rows": len(frame),
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "peak_mb": int(status.split("VmHWM:")[1].split()[0]) / 1024,
    }
    print(json.dumps(cost), flush=True)
