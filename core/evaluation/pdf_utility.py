"""The PDF's answer to whether it is useful: models by training rows, importances and groups."""

from core.evaluation.details import GroupReport, ModelScore, TargetReport
from core.evaluation.glossary import words_for
from core.evaluation.pdf_document import MUTED, REAL, SYNTHETIC, Document
from core.evaluation.pdf_measures import draw_measures, draw_reasons, measure_row, short, span
from core.evaluation.pdf_tracks import draw_lengths
from core.evaluation.values import TableReport
from core.evaluation.words import FIGURES, show

_IMPORTANCES = 12


def draw_utility(pdf: Document, table: TableReport) -> None:
    """Each target with its models, then the measure that is taken at once."""
    if table.utility:
        for target in table.utility.targets:
            _target(pdf, target)
        for note in table.utility.notes:
            pdf.paragraph(note, 8, MUTED)
    draw_measures(pdf, "Is it useful: seen at once", table, ("tstr",))


def _target(pdf: Document, target: TargetReport) -> None:
    pdf.heading(f"Is it useful: predicting {target.target}", level=2, room=50)
    kind = "a number" if target.kind == "number" else "classes"
    pdf.paragraph(
        f"{target.target} is {kind}. Each model is trained on synthetic, on real, and on both "
        "kinds of rows, and judged on the real holdout; the interval is of the difference "
        f"synthetic minus real. {target.note}",
        8,
        MUTED,
    )
    head = ("Model", "Metric", "Synthetic", "Real", "Both", "Guessing", "Difference, 95 %")
    rows = [_score_row(score) for score in target.scores]
    pdf.grid(head, rows, (3.5, 4.7, 1.9, 1.6, 1.6, 1.9, 3.2), left=2)
    draw_reasons(
        pdf,
        [
            (f"{title(s.metric)} with {title(s.model)}", value)
            for s in target.scores
            for value in (s.synthetic, s.real, s.both)
        ],
    )
    _importances(pdf, target)
    for group in target.groups:
        _groups(pdf, group)


def title(name: str) -> str:
    """What a model or a metric is called."""
    return words_for("use", name).title


def _score_row(score: ModelScore) -> tuple[str, ...]:
    scores = (score.synthetic, score.real, score.both, score.chance)
    shown = [short(one) for one in scores]
    return (title(score.model), title(score.metric), *shown, span(score.low, score.high))


def _importances(pdf: Document, target: TargetReport) -> None:
    if not target.importances:
        return
    pdf.room(40)
    pdf.ink(9, bold=True)
    pdf.block("What the models look at", 5)
    pdf.paragraph(
        "Permutation importance to a model trained on real (blue, above) and on synthetic rows "
        f"(orange, below); rank correlation of the two: {show(target.agreement)}.",
        7.5,
        MUTED,
    )
    ordered = sorted(target.importances, key=lambda i: -i.real)[:_IMPORTANCES]
    lengths = [(i.column, (i.real, i.synthetic)) for i in ordered]
    draw_lengths(pdf, lengths, (REAL, SYNTHETIC))


def _groups(pdf: Document, report: GroupReport) -> None:
    pdf.room(40)
    pdf.ink(9, bold=True)
    pdf.block(pdf.fit(f"Groups of {report.sensitive}", pdf.epw - 2), 5)
    pdf.paragraph(
        f"Largest difference between groups, trained on real / on synthetic rows: positive "
        f"answers (demographic parity) {show(report.parity_real)} / "
        f"{show(report.parity_synthetic)}, true and false positive rates (equalised odds) "
        f"{show(report.odds_real)} / {show(report.odds_synthetic)}. 0 is no difference.",
        7.5,
        MUTED,
    )
    rows = [
        (
            group.group,
            f"{group.rows:,}",
            *(
                short(score)
                for score in (
                    group.positive_real,
                    group.positive_synthetic,
                    group.error_real,
                    group.error_synthetic,
                )
            ),
        )
        for group in report.groups
    ]
    head = ("Group", "Rows", "Positive, real", "synthetic", "Error, real", "synthetic")
    pdf.grid(head, rows, (5, 1.8, 2.6, 2.4, 2.4, 2.4))
    errors = [(g.group, s) for g in report.groups for s in (g.error_real, g.error_synthetic)]
    draw_reasons(pdf, errors)


def draw_figures(pdf: Document, table: TableReport) -> None:
    """The eight figures of the neutral scorer."""
    pdf.heading("Figures for comparison with benchmarks", level=2, room=62)
    rows = []
    for name, measure in table.figures.items():
        _, value, fresh, _, best = measure_row(measure)
        rows.append((name, FIGURES[name], value, fresh, best))
    head = ("Figure", "What it is", "This data", "Fresh real", "Best")
    pdf.grid(head, rows, (1, 7.8, 1.8, 1.8, 1.5), left=2)
