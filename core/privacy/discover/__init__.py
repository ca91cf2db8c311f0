"""From a table to the cells of its columns: what is public is free, the rest is paid for."""

from core.privacy.discover.build import build_domain, rho_to_share, usual_share
from core.privacy.discover.persons import rows_of_persons

__all__ = ["build_domain", "rho_to_share", "rows_of_persons", "usual_share"]
