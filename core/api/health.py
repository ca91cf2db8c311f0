"""Whether the studio can work, for load balancers and container health checks."""

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from core.studio import Studio


def answer_health(studio: "Studio") -> JSONResponse:
    """Answer with the state of each part; 503 if one of them is down.

    Anybody may ask, so which runs are under way is told by their number only.
    """
    state = studio.health()
    if "running" in state.get("pool", {}):
        state["pool"] = {**state["pool"], "running": len(state["pool"]["running"])}
    status = 200 if state["ok"] else 503
    return JSONResponse(state, status_code=status, headers={"Cache-Control": "no-store"})
