"""What a model samples, as it is given out: its preparation turned back, block by block."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from core.data.schema import Schema
from core.synthesis.synthesizer import Synthesizer


def given_schema(synthesizer: Synthesizer) -> Schema:
    """The schema of what is given out."""
    output, pipeline = synthesizer.output_schema, synthesizer.pipeline
    return output if pipeline is None else pipeline.restored(output)


def given_out(
    synthesizer: Synthesizer, frames: Mapping[str, Iterable[pd.DataFrame]], rng: np.random.Generator
) -> Mapping[str, Iterable[pd.DataFrame]]:
    """Sampled tables as they are given out; ``rng`` is not touched without a preparation.

    Parameters
    ----------
    frames
        Blocks of each table, to be taken once.
    """
    pipeline, output = synthesizer.pipeline, synthesizer.output_schema
    if pipeline is None:
        return frames
    streams = dict(zip(output.names, rng.spawn(len(output.names)), strict=True))
    return {
        name: pipeline.restore_blocks(blocks, output[name], streams[name])
        for name, blocks in frames.items()
    }
