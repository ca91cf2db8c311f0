"""What models, metrics and comparisons are called; the rest is from their docstrings."""

from core.evaluation.explained import Words, explained
from core.evaluation.usefulness import class_metrics, learners, number_metrics
from core.evaluation.usefulness.importances import agreement, importances
from core.evaluation.usefulness.parity import odds_gap, parity_gap
from core.evaluation.usefulness.trials import both, interval

_GUESSING = "guessing"

USE_WORDS: dict[str, Words] = {
    "boosting": explained("Gradient boosting", learners.boosting, chance=_GUESSING),
    "forest": explained("Random forest", learners.forest, chance=_GUESSING),
    "linear": explained("Linear model", learners.linear, chance=_GUESSING),
    "auc": explained("Area under the ROC curve", class_metrics.auc, chance=_GUESSING),
    "f1": explained("F1", class_metrics.f1, chance=_GUESSING),
    "balanced_accuracy": explained(
        "Balanced accuracy", class_metrics.balanced_accuracy, chance=_GUESSING
    ),
    "brier": explained("Brier score", class_metrics.brier, chance=_GUESSING),
    "calibration_error": explained(
        "Calibration error", class_metrics.calibration_error, chance="none"
    ),
    "r2": explained("R²", number_metrics.r2, chance=_GUESSING),
    "rmse": explained("Root mean squared error", number_metrics.rmse, chance=_GUESSING),
    "mae": explained("Mean absolute error", number_metrics.mae, chance=_GUESSING),
    "difference": explained("Synthetic minus real", interval),
    "both": explained("Real and synthetic together", both),
    "importance": explained("Importance of a column", importances),
    "agreement": explained("Agreement of importances", agreement),
    "parity": explained("Demographic parity", parity_gap),
    "odds": explained("Equalised odds", odds_gap),
}
"""Words by the name of a model, of a metric, or of what else is compared."""
