"""The evaluation as a PDF for people: what was judged, the answers, the evidence beside them.

Everything is drawn with the PDF library itself, so that no browser and no picture is needed. The
document is made from the report alone and holds no row of any table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.evaluation.values import Report


@dataclass(frozen=True, slots=True)
class ReportContext:
    """What the title page says about the run.

    Attributes
    ----------
    rows
        Synthetic rows by table.
    content_hash
        Hash of the synthetic tables' contents; ``dataset_hash`` that of the real ones.
    guarantee
        The run's formal guarantee in words; empty for what the report says of it.
    """

    dataset: str
    dataset_hash: str
    run_id: str
    engine: str
    params: Mapping[str, Any]
    seed: int
    rows: Mapping[str, int]
    content_hash: str
    created_by: str
    created_at: datetime
    guarantee: str = ""


def render_pdf(report: Report, context: ReportContext) -> bytes:
    """Draw ``report`` as a PDF; the same report and context give the same bytes."""
    from core.evaluation.pdf_pages import draw_report

    return draw_report(report, context)
