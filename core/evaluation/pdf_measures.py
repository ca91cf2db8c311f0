"""Measures in the PDF: a table beside the references, and why something was not measured."""

from collections.abc import Iterable, Sequence

from core.evaluation.glossary import reasons, words_for
from core.evaluation.pdf_document import MUTED, Document
from core.evaluation.values import AddedMeasure, Measure, NotMeasured, Score, TableReport
from core.evaluation.words import is_share, show


def draw_measures(pdf: Document, title: str, table: TableReport, names: Sequence[str]) -> None:
    """A table of measures, then in a sentence what each means."""
    chosen = [table.measures[name] for name in names if name in table.measures]
    if not chosen:
        return
    pdf.heading(title, level=2, room=45)
    head = ("Measure", "This data", "Fresh real rows", "No skill or copy", "Best")
    pdf.grid(head, [measure_row(measure) for measure in chosen], (6, 2.6, 3, 3, 2))
    for measure in chosen:
        words = words_for("measure", measure.name)
        note = f" ({measure.note})" if measure.note else ""
        target = f" Target: {table.target}." if measure.name == "tstr" and table.target else ""
        text = f"{words.title}{note}: {words.meaning}{target} {words.reading}"
        pdf.paragraph(f"{text} {_reason(measure.value)}".rstrip(), 7.5, MUTED)


def draw_added(pdf: Document, table: TableReport) -> None:
    """Measures of outside packages, each with the package that took it."""
    if not table.added:
        return
    pdf.heading("Measures of plug-ins", level=2, room=45)
    found = [(one.title, one.measure) for one in table.added]
    rows = [
        (title, *(short(score) for score in (m.value, m.fresh, m.chance, m.best)))
        for title, m in found
    ]
    head = ("Measure", "This data", "Fresh real rows", "No skill or copy", "Best")
    pdf.grid(head, rows, (6, 2.6, 3, 3, 2))
    for one in table.added:
        note = f" ({one.measure.note})" if one.measure.note else ""
        text = f"{one.title}{note}: {one.meaning} {one.reading} {_reason(one.measure.value)}"
        pdf.paragraph(f"{text.rstrip()} {taken_by(one)}", 7.5, MUTED)


def taken_by(one: AddedMeasure) -> str:
    """Who measured it, in a sentence."""
    return f"Measured by the package {one.package} {one.version}; no verdict rests on it."


def _reason(score: Score) -> str:
    return f"Not measured: {score.reason}" if isinstance(score, NotMeasured) else ""


def measure_row(measure: Measure) -> tuple[str, ...]:
    """Title, value, both references and the best value, as a row of a table."""
    percent = is_share(measure)
    scores = (measure.value, measure.fresh, measure.chance, measure.best)
    title = words_for("measure", measure.name).title
    return (title, *(short(score, percent=percent) for score in scores))


def short(score: Score, *, percent: bool = False) -> str:
    """A score for a table's cell; a dash when it was not measured."""
    return "–" if isinstance(score, NotMeasured) else show(score, percent=percent)


def span(low: Score | None, high: Score | None) -> str:
    """A 95 % interval for a table's cell; a dash without one."""
    if isinstance(low, float) and isinstance(high, float):
        return f"{low:.3f} to {high:.3f}"
    return "–"


def draw_reasons(pdf: Document, scores: Iterable[tuple[str, Score]]) -> None:
    """Why something was not measured, each reason once with all it is about."""
    for reason, about in reasons(scores).items():
        pdf.paragraph(f"Not measured: {about}. {reason}", 7.5, MUTED)
