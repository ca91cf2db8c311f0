"""``forest``, the default engine: sequential trees with smoothed leaves, in plain numpy."""

from core.synthesis.forest.engine import Forest
from core.synthesis.forest.params import PRESETS, PRIVACY_DIAL, DialEffect, DialStep, ForestParams
from core.synthesis.protocol import EngineInfo

INFO = EngineInfo(
    name="forest",
    title="Forest",
    summary="Draws column after column, each by a tree over the columns before it.",
    good_at="Mixed tables of any size: closest to the real data, in seconds.",
    not_for="A formal privacy guarantee, free text, and sequences over time.",
    licence="part of Synth Studio",
    params=ForestParams,
    make=Forest,
    load=Forest.load,
    presets=PRESETS,
    takes_context=True,
    seconds_per_cell=4e-6,
)

__all__ = ["INFO", "PRIVACY_DIAL", "DialEffect", "DialStep", "Forest", "ForestParams"]
