"""Preparation: steps that a person chose, between real rows and an engine, and back."""

from core.data.pipeline.fitted import Change, FittedPipeline, fit_pipeline
from core.data.pipeline.registry import (
    STEPS,
    Steps,
    make_step,
    step_to_dict,
    steps_from_dict,
    steps_from_yaml,
    steps_to_dict,
    steps_to_yaml,
)
from core.data.pipeline.shape import (
    NamedSteps,
    counted_kinds,
    in_words,
    named_steps,
    prepared_schema,
    private_problems,
    public_steps,
    refuse_problems,
    restored_schema,
    stages,
    steps_problems,
)
from core.data.pipeline.step import Step

__all__ = [
    "STEPS",
    "Change",
    "FittedPipeline",
    "NamedSteps",
    "Step",
    "Steps",
    "counted_kinds",
    "fit_pipeline",
    "in_words",
    "make_step",
    "named_steps",
    "prepared_schema",
    "private_problems",
    "public_steps",
    "refuse_problems",
    "restored_schema",
    "stages",
    "step_to_dict",
    "steps_from_dict",
    "steps_from_yaml",
    "steps_problems",
    "steps_to_dict",
    "steps_to_yaml",
]
