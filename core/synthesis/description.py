"""Whether an engine's description says all that pages, command line and documentation need."""

from core.errors import InvalidParameter
from core.synthesis.params import ParamSpec, build, specs
from core.synthesis.protocol import EngineInfo

PRESETS = ("quick look", "balanced", "best")
_TEXTS = ("title", "summary", "good_at", "not_for", "licence")
_KINDS = (bool, int, float, str)
_LEAST_HELP = 10


def description_problems(info: EngineInfo) -> list[str]:
    """All that is missing or wrong, in words; empty when nothing is."""
    problems = [
        f"`{name}` must be a text that says something."
        for name in _TEXTS
        if not isinstance(getattr(info, name), str) or not getattr(info, name).strip()
    ]
    problems += [
        f"`{name}` must be callable."
        for name in ("make", "load")
        if not callable(getattr(info, name))
    ]
    if set(info.presets) != set(PRESETS):
        problems.append(f"`presets` must be exactly {', '.join(PRESETS)}.")
    try:
        asked = specs(info.params)
    except (TypeError, AttributeError):
        return [*problems, "`params` must be a dataclass whose fields are made with `param`."]
    problems += [problem for spec in asked for problem in _param_problems(spec)]
    for name, values in info.presets.items():
        try:
            build(info.params, values)
        except InvalidParameter as error:
            problems.append(f"The preset {name!r} cannot be used: {error}")
    return problems


def _param_problems(spec: ParamSpec) -> list[str]:
    problems = []
    if not spec.title or len(spec.help) <= _LEAST_HELP:
        problems.append(f"`{spec.name}` needs a title and a help text.")
    if not isinstance(spec.default, _KINDS):
        problems.append(f"`{spec.name}` must have a default that is a bool, int, float or str.")
    is_number = isinstance(spec.default, int | float) and not isinstance(spec.default, bool)
    if is_number and (spec.low is None or spec.high is None):
        problems.append(f"`{spec.name}` is a number and needs `low` and `high`.")
    return problems
