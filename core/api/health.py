"""Whether the studio can work, for load balancers and container health checks."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from core.studio import Studio


def answer_health(studio: "Studio") -> JSONResponse:
    """Answer with the state of each part; 503 if one of them is down."""
    parts = dict(studio.health())
    is_well = all(_is_up(part) for part in parts.values())
    body = {
        "status": "ok" if is_well else "down",
        **{k: v for k, v in parts.items() if k != "status"},
    }
    headers = {"Cache-Control": "no-store"}
    return JSONResponse(body, status_code=200 if is_well else 503, headers=headers)


def _is_up(part: Any) -> bool:
    if isinstance(part, Mapping):
        return _is_up(part.get("ok", part.get("status", True)))
    return part not in (False, "down", "failed", "error")
