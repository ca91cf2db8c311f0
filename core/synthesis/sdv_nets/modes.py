"""Numbers as a place within one of several modes, the form in which CTGAN and TVAE learn them.

Mode-specific normalisation, section 4.2 of Xu et al., "Modeling Tabular data using Conditional
GAN" (2019). The mixture is fitted to some ten thousand rows and rows are coded all at once, so that
a column of a million rows takes a second, not minutes.
"""

from dataclasses import dataclass

import numpy as np

from core.synthesis.encoding import Codes, Floats

MOST_FITTED = 10_000
_WIDTHS = 4.0
_EDGE = 0.99
_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class Modes:
    """Normal curves that a column of numbers is made of, with their weights.

    A number is coded as its distance from a mode's middle, in units of four deviations.
    """

    means: Floats
    deviations: Floats
    weights: Floats

    def code(self, numbers: Floats, rng: np.random.Generator) -> tuple[Floats, Codes]:
        """Each number's place in a mode, and the mode, drawn by how likely it is."""
        modes = np.empty(len(numbers), dtype=np.intp)
        for start in range(0, len(numbers), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            modes[part] = self._drawn(numbers[part], rng)
        distance = (numbers - self.means[modes]) / (_WIDTHS * self.deviations[modes])
        return np.clip(distance, -_EDGE, _EDGE), modes

    def decode(self, distance: Floats, modes: Codes) -> Floats:
        """Numbers at these places of these modes."""
        inside = np.clip(distance, -1.0, 1.0)
        return np.asarray(inside * _WIDTHS * self.deviations[modes] + self.means[modes])

    def _drawn(self, numbers: Floats, rng: np.random.Generator) -> Codes:
        away = (numbers[:, None] - self.means) / self.deviations
        logs = np.log(self.weights / self.deviations) - away**2 / 2
        chances = np.exp(logs - logs.max(axis=1, keepdims=True)) + 1e-6
        ends = np.cumsum(chances, axis=1)
        return np.asarray((ends < rng.random((len(numbers), 1)) * ends[:, -1:]).sum(axis=1))


def fit_modes(numbers: Floats, most: int, rng: np.random.Generator) -> Modes:
    """The modes of a column, at most ``most``, from a random part of its rows.

    A variational mixture that leaves modes without weight empty; those are not kept.
    """
    from sklearn.mixture import BayesianGaussianMixture

    seen = numbers
    if len(numbers) > MOST_FITTED:
        seen = numbers[rng.choice(len(numbers), MOST_FITTED, replace=False)]
    mixture = BayesianGaussianMixture(
        n_components=min(most, len(seen)),
        weight_concentration_prior_type="dirichlet_process",
        weight_concentration_prior=0.001,
        random_state=int(rng.integers(2**31)),
    )
    mixture.fit(seen.reshape(-1, 1))
    held = mixture.weights_ > 0.005
    deviations = np.sqrt(mixture.covariances_.reshape(-1)[held])
    return Modes(mixture.means_.reshape(-1)[held], deviations, mixture.weights_[held])
