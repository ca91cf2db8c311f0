"""The engines by name. A new engine is one file and one line here."""

from core.errors import InvalidParameter
from core.synthesis import (
    aim,
    copula,
    copulagan,
    ctgan,
    dp_copula,
    dp_ctgan,
    dp_vae,
    forest,
    mst,
    tabular_ar,
    tvae,
)
from core.synthesis.protocol import EngineInfo

ENGINES: dict[str, EngineInfo] = {
    info.name: info
    for info in (
        forest.INFO,
        copula.INFO,
        ctgan.INFO,
        tvae.INFO,
        tabular_ar.INFO,
        copulagan.INFO,
        aim.INFO,
        mst.INFO,
        dp_vae.INFO,
        dp_ctgan.INFO,
        dp_copula.INFO,
    )
}
DEFAULT_ENGINE = "forest"


def engine_info(name: str) -> EngineInfo:
    """The engine of that name; raises ``InvalidParameter`` listing the known ones."""
    if name not in ENGINES:
        raise InvalidParameter(f"There is no engine {name!r}. Known: {', '.join(ENGINES)}.")
    return ENGINES[name]
