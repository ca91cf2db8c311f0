"""Is it useful: models trained on synthetic rows beside those trained on real ones."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components.charts import bars, download_data, show_chart
from app.components.links import choose_linked
from app.components.page import plain
from app.components.results import show_measures
from app.components.scores import explain, interval, number, show_frame, show_reasons
from core.evaluation.details import GroupReport, Importance, ModelScore, TargetReport
from core.evaluation.glossary import words_for
from core.evaluation.values import TableReport
from core.evaluation.words import FIGURES, show

SHOWN_IMPORTANCES = 15


def show_usefulness(table: TableReport) -> None:
    """Show what models can do with the synthetic rows, and the comparable figures."""
    if table.utility is not None:
        for note in table.utility.notes:
            st.caption(plain(note))
        if table.utility.targets:
            _show_target(table.name, _choose_target(table.name, table.utility.targets))
    if table.target:
        kind = "R²" if table.target_kind == "number" else "area under the ROC curve"
        st.subheader("Seen at once", anchor=False)
        st.caption(f"Predicted column: {plain(table.target)}, measured by {kind}.")
    show_measures(table, ("tstr", "c2st", "columns", "pairs"))
    _show_figures(table)


def _choose_target(table: str, targets: Sequence[TargetReport]) -> TargetReport:
    by_name = {t.target: t for t in targets}
    chosen = choose_linked(
        "Predicted column",
        "target",
        {name: name for name in by_name},
        default=targets[0].target,
        key=f"result_target_{table}",
    )
    return by_name[chosen]


def _show_target(table: str, target: TargetReport) -> None:
    kind = "a number" if target.kind == "number" else "classes"
    st.caption(
        f"{plain(target.target)} is {kind}. Each model is trained on synthetic, on real, and on "
        f"both kinds of rows, and judged on the real holdout. {plain(target.note)}"
    )
    if target.scores:
        _show_scores(table, target)
    if target.importances:
        _show_importances(table, target)
    for group in target.groups:
        _show_groups(table, target.target, group)


def _show_scores(table: str, target: TargetReport) -> None:
    frame = score_frame(target.scores)
    show_frame(frame, f"Scores of models that predict {target.target}, by training rows")
    metrics = list(dict.fromkeys(s.metric for s in target.scores))
    models = list(dict.fromkeys(s.model for s in target.scores))
    with st.container(horizontal=True):
        download_data(frame, key=f"scores_{table}_{target.target}")
        explain("use", [*metrics, *models], key=f"scores_{table}")
    show_reasons(
        [
            (f"{words_for('use', s.model).title}, {words_for('use', s.metric).title}", score)
            for s in target.scores
            for score in (s.synthetic, s.real, s.both)
        ]
    )
    metric = st.segmented_control(
        "Metric",
        metrics,
        default=metrics[0],
        required=True,
        format_func=lambda name: words_for("use", name).title,
        key=f"metric_{table}_{target.target}",
    )
    shown = [s for s in target.scores if s.metric == metric]
    series = {
        "Synthetic": [number(s.synthetic) for s in shown],
        "Real": [number(s.real) for s in shown],
        "Both together": [number(s.both) for s in shown],
        "Guessing": [number(s.chance) for s in shown],
    }
    title = words_for("use", metric or "").title
    figure = bars([words_for("use", s.model).title for s in shown], series, y_title=title)
    alt = f"{title} on the holdout by training rows. " + "; ".join(map(score_words, shown))
    show_chart(figure, alt, key=f"scores_{table}_{metric}")


def score_frame(scores: Sequence[ModelScore]) -> pd.DataFrame:
    """Return the scores of all models as a table, with the interval of the difference."""
    rows = [
        {
            "Model": words_for("use", s.model).title,
            "Metric": words_for("use", s.metric).title,
            "Synthetic": number(s.synthetic),
            "Real": number(s.real),
            "Both together": number(s.both),
            "Guessing": number(s.chance),
            "Synthetic − real, 95 %": interval(s.low, s.high),
            "Best": s.best,
            "Repeats": s.repeats,
        }
        for s in scores
    ]
    return pd.DataFrame(rows)


def score_words(score: ModelScore) -> str:
    """Say one model's scores in a line."""
    model = words_for("use", score.model).title
    return f"{model}: synthetic {show(score.synthetic)}, real {show(score.real)}"


def _show_importances(table: str, target: TargetReport) -> None:
    st.markdown("**What the models look at**")
    agreement = show(target.agreement)
    st.caption(
        "Permutation importance of each column to a model trained on real and to one trained on "
        f"synthetic rows; rank correlation of the two: {agreement}."
    )
    show_reasons([("agreement of importances", target.agreement)])
    ordered = sorted(target.importances, key=lambda i: -i.real)
    shown = ordered[:SHOWN_IMPORTANCES]
    series = {"Real": [i.real for i in shown], "Synthetic": [i.synthetic for i in shown]}
    figure = bars([i.column for i in shown], series, y_title="Importance", horizontal=True)
    alt = f"Importances by column; the strongest to real rows is {shown[0].column}"
    frame = importance_frame(ordered)
    key = f"importances_{table}_{target.target}"
    show_chart(figure, alt, frame, key=key, height=90 + 34 * len(shown))


def importance_frame(importances: Sequence[Importance]) -> pd.DataFrame:
    """Return the importances as a table."""
    return pd.DataFrame(
        {
            "Column": [i.column for i in importances],
            "Real": [i.real for i in importances],
            "Synthetic": [i.synthetic for i in importances],
        }
    )


def _show_groups(table: str, target: str, report: GroupReport) -> None:
    st.markdown(f"**Groups of {plain(report.sensitive)}**")
    st.caption(
        "What the models do to each group of the holdout. Largest difference between groups: of "
        f"the share of positive answers {show(report.parity_real)} with real and "
        f"{show(report.parity_synthetic)} with synthetic training rows (demographic parity); of "
        f"true and false positive rates {show(report.odds_real)} and "
        f"{show(report.odds_synthetic)} (equalised odds). 0 is no difference."
    )
    frame = group_frame(report)
    show_frame(frame, f"Positive answers and errors by group of {report.sensitive}")
    with st.container(horizontal=True):
        download_data(frame, key=f"groups_{table}_{target}_{report.sensitive}")
        explain("use", ["parity", "odds"], key=f"groups_{table}_{report.sensitive}")
    gaps = ("parity_real", "parity_synthetic", "odds_real", "odds_synthetic")
    show_reasons(
        [
            *((f"gap of {report.sensitive}", getattr(report, gap)) for gap in gaps),
            *(
                (g.group, score)
                for g in report.groups
                for score in (g.error_real, g.error_synthetic)
            ),
        ]
    )


def group_frame(report: GroupReport) -> pd.DataFrame:
    """Return what the two models do to each group as a table."""
    rows = [
        {
            "Group": g.group,
            "Holdout rows": g.rows,
            "Positive, trained on real": number(g.positive_real),
            "Positive, on synthetic": number(g.positive_synthetic),
            "Error, trained on real": number(g.error_real),
            "Error, on synthetic": number(g.error_synthetic),
        }
        for g in report.groups
    ]
    return pd.DataFrame(rows)


def _show_figures(table: TableReport) -> None:
    st.subheader("Figures for comparison with benchmarks", anchor=False)
    frame = pd.DataFrame(
        [
            {
                "Figure": name,
                "What it is": FIGURES[name],
                "This data": number(m.value),
                "Fresh real rows": number(m.fresh),
                "Best": m.best,
            }
            for name, m in table.figures.items()
        ]
    )
    show_frame(frame, "Figures by the definitions of a neutral benchmark scorer")
    download_data(frame, key=f"figures_{table.name}")
    show_reasons([(name, m.value) for name, m in table.figures.items()])
