"""Audits of private engines: replays with frozen noise, and attacks that bound ε from below.

They take any engine with a formal guarantee, whether it is registered or not.
"""

from core.synthesis.dp_audit.released import Audited, Released, differences
from core.synthesis.dp_audit.replay import Replayed, replay

__all__ = ["Audited", "Released", "Replayed", "differences", "replay"]
