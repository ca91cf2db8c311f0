"""``tabular_ar``: a neural network of our own that draws any columns of a row given any others."""

from core.synthesis.protocol import EngineInfo
from core.synthesis.tabular_ar.engine import TabularAr
from core.synthesis.tabular_ar.params import PRESETS, TabularArParams

INFO = EngineInfo(
    name="tabular_ar",
    title="Neural autoregressive",
    summary="One neural network that draws column after column, and any columns given any others.",
    good_at="Large mixed tables, best with a GPU; questions of any columns without a second fit.",
    not_for="A formal privacy guarantee, small tables, and free text.",
    licence="part of Synth Studio",
    params=TabularArParams,
    make=TabularAr,
    load=TabularAr.load,
    presets=PRESETS,
    takes_context=True,
    any_order=True,
    seconds_per_cell=9e-5,
    figures={
        "loss": "how surprising training rows are (nats a row, with tokens of any order counted in "
        "part); the mean over the epoch.",
        "held_out": "how surprising rows are that are not trained on, by the mean of the last "
        "steps' weights. Training ends when it no longer falls.",
    },
)

__all__ = ["INFO", "TabularAr", "TabularArParams"]
