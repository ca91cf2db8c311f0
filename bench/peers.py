"""Trains one peer on a table and writes as many synthetic rows; run in the peers' environment.

``python -P bench/peers.py NAME TRAIN OUT [EPOCHS]`` writes OUT (Parquet) and prints one line of
JSON with rows, wall and CPU seconds and peak memory. EPOCHS replaces the default of the networks
of SDV. It imports nothing of this project; with ``-P`` its neighbours here do not take the place of
modules of the same name.
"""

import json
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pandas as pd

SDV = {
    "copula": "GaussianCopulaSynthesizer",
    "ctgan": "CTGANSynthesizer",
    "tvae": "TVAESynthesizer",
}
IN_EPOCHS = ("ctgan", "tvae")


def run_sdv(name: str, real: pd.DataFrame, epochs: int = 0) -> pd.DataFrame:
    """One of SDV's single-table synthesizers with its defaults, but for ``epochs`` where given."""
    from sdv import single_table
    from sdv.metadata import Metadata

    tables = {"table": real}
    asked = {"epochs": epochs} if epochs and name in IN_EPOCHS else {}
    model = getattr(single_table, SDV[name])(Metadata.detect_from_dataframes(tables), **asked)
    model.fit(tables)
    drawn = model.sample(len(real))
    return drawn["table"] if isinstance(drawn, dict) else drawn


def run_argn(_: str, real: pd.DataFrame, __: int = 0) -> pd.DataFrame:
    """TabularARGN of the MOSTLY AI engine with its defaults, seeded."""
    from mostlyai import engine

    engine.set_random_state(1)
    with tempfile.TemporaryDirectory() as folder:
        engine.split(tgt_data=real, workspace_dir=folder)
        for step in (engine.analyze, engine.encode, engine.train):
            step(workspace_dir=folder)
        engine.generate(workspace_dir=folder, sample_size=len(real))
        return pd.read_parquet(Path(folder) / "SyntheticData")


PEERS: dict[str, Callable[[str, pd.DataFrame, int], pd.DataFrame]] = {
    **dict.fromkeys(SDV, run_sdv),
    "argn": run_argn,
}


def main(name: str, train: str, out: str, epochs: str = "0") -> None:
    """Run one peer."""
    real = pd.read_csv(train, skipinitialspace=True)
    wall, cpu = time.perf_counter(), time.process_time()
    drawn = PEERS[name](name, real, int(epochs))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    cost = {
        "rows": len(drawn),
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "peak_mb": usage.ru_maxrss / 1024,
    }
    drawn.to_parquet(out)
    print(json.dumps(cost), flush=True)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main(*sys.argv[1:5])
