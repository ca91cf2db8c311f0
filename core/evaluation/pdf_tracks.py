"""Lines of the PDF: an attack between its controls, and lengths such as importances."""

from collections.abc import Callable, Sequence

from core.evaluation.counted import counted, rests_on_count
from core.evaluation.details import AttackReport
from core.evaluation.glossary import words_for
from core.evaluation.pdf_document import (
    BAD,
    CARE,
    INK,
    LINE,
    MUTED,
    PALE,
    REAL,
    SYNTHETIC,
    Color,
    Document,
)
from core.evaluation.values import Score
from core.evaluation.words import show

_MARK = 1.5


def draw_attack(pdf: Document, attack: AttackReport) -> None:
    """This data with its interval, both controls and both bounds on one line, named below."""
    if not isinstance(attack.value, float):
        return
    x, y, width = pdf.l_margin + 3, pdf.get_y() + 4, pdf.epw - 6
    low, high = _ends(attack)

    def at(value: float) -> float:
        return float(x + width * (value - low) / (high - low))

    pdf.set_draw_color(*LINE)
    pdf.line(x, y, x + width, y)
    for bound, color in ((attack.warn_at, CARE), (attack.fail_at, BAD)):
        pdf.set_draw_color(*color)
        pdf.line(at(bound), y - 3, at(bound), y + 3)
    if known := _interval(attack):
        pdf.set_draw_color(*SYNTHETIC)
        pdf.set_line_width(0.9)
        pdf.line(at(known[0]), y, at(known[1]), y)
        pdf.set_line_width(0.2)
    _marks(pdf, attack, at, y)
    pdf.set_y(y + 4.5)
    pdf.ink(7.5, MUTED)
    pdf.block(attack_line(attack), 4)


def _ends(attack: AttackReport) -> tuple[float, float]:
    """The ends of the line, which holds all that is drawn on it."""
    scores = (attack.value, attack.copy, attack.fresh, *_interval(attack))
    known = [s for s in scores if isinstance(s, float)]
    low, high = min([*known, attack.harmless]), max([*known, attack.worst])
    return low, high if high > low else low + 1.0


def _interval(attack: AttackReport) -> tuple[float, ...]:
    """The two ends of its interval; none where there is none to show."""
    low, high = attack.low, attack.high
    if rests_on_count(attack) or not isinstance(low, float) or not isinstance(high, float):
        return ()
    return low, high


def _marks(pdf: Document, attack: AttackReport, at: Callable[[float], float], y: float) -> None:
    if isinstance(attack.value, float):
        pdf.set_fill_color(*SYNTHETIC)
        pdf.circle(at(attack.value), y, _MARK, style="F")
    if isinstance(attack.copy, float):
        pdf.set_draw_color(*INK)
        for way in (-_MARK, _MARK):
            pdf.line(at(attack.copy) - _MARK, y - way, at(attack.copy) + _MARK, y + way)
    if isinstance(attack.fresh, float):
        pdf.set_fill_color(*REAL)
        middle = at(attack.fresh)
        points = [
            (middle, y - _MARK),
            (middle + _MARK, y),
            (middle, y + _MARK),
            (middle - _MARK, y),
        ]
        pdf.polygon(points, style="F")


def attack_line(attack: AttackReport) -> str:
    """The marks of an attack's line in words."""
    percent = words_for("attack", attack.name).percent

    def said(score: Score) -> str:
        return show(score, percent=percent)

    known = _interval(attack)
    interval = f" ({said(known[0])} to {said(known[1])})" if known else ""
    if rests_on_count(attack):
        interval = f" ({counted(attack)})"
    parts = (
        f"● this data {said(attack.value)}{interval}",
        f"◆ fresh real rows {said(attack.fresh)}",
        f"× verbatim copy {said(attack.copy)}",
        f"| looked at from {said(attack.warn_at)}, fails from {said(attack.fail_at)}",
        f"the line runs from learning nothing ({said(attack.harmless)}) to learning all "
        f"({said(attack.worst)})",
    )
    return "  ·  ".join(parts)


def draw_lengths(
    pdf: Document,
    named: Sequence[tuple[str, Sequence[float]]],
    colors: Sequence[Color] = (SYNTHETIC,),
) -> None:
    """One bar, or several thin ones, for each name, with the numbers at the right."""
    top = max((abs(v) for _, values in named for v in values), default=0.0) or 1.0
    label, number = 48.0, 30.0
    width = pdf.epw - label - number
    for name, values in named:
        pdf.room(6)
        y, tall = pdf.get_y(), 3.6 / len(values)
        pdf.ink(8)
        pdf.cell(label, 5, pdf.fit(name, label - 2))
        pdf.set_fill_color(*PALE)
        pdf.rect(pdf.l_margin + label, y + 0.7, width, 3.6, style="F")
        for place, (value, color) in enumerate(zip(values, colors, strict=False)):
            pdf.set_fill_color(*color)
            length = width * max(0.0, value) / top
            pdf.rect(pdf.l_margin + label, y + 0.7 + tall * place, length, tall, style="F")
        pdf.set_xy(pdf.l_margin + label + width, y)
        pdf.cell(number, 5, " / ".join(f"{value:.3f}" for value in values), align="R")
        pdf.ln(5)
    pdf.ln(2)
