"""What discrete Gaussian noise and selections amount to in Gaussian differential privacy.

A mechanism is μ-GDP where telling two neighbouring tables apart by its output is never easier than
telling a normal number of mean 0 from one of mean μ (Dong, Roth and Su, "Gaussian differential
privacy", 2022). It composes as the root of the sum of squares, also where each mechanism and its μ
are chosen by what came out before, without loss (Smith and Thakurta, "Fully adaptive composition
for Gaussian differential privacy", 2022): so it can be shared out as ``rho``, half of μ².
"""

import math

_EXACT = 1e-9
_ROUNDING = 1e-12
_ROOT = math.sqrt(2 * math.pi)
_FAR = 12


def noise_mu(multiplier: float) -> float:
    """The μ of discrete Gaussian noise of this multiplier: a little over one over it.

    Discrete noise of deviation σ on whole numbers that a person changes by 1 is told apart best at
    the middle, where the chance of no noise lies: μ = 2 Φ⁻¹((1 + p₀) / 2). A larger change is no
    more than so many of 1. p₀ is from above: by the first terms of its sum, or as
    ``1 / (σ √2π)``, which is larger by Poisson's summation.
    """
    from scipy.special import ndtri

    if multiplier >= 1:
        middle = 1 / (_ROOT * multiplier)
    else:
        middle = 1 / math.fsum(
            math.exp(-((k / multiplier) ** 2) / 2) for k in range(-_FAR, _FAR + 1)
        )
    return 2 * float(ndtri((1 + middle) / 2))


def selection_mu(epsilon: float) -> float:
    """The μ of the exponential mechanism with this ε.

    Its range is bounded: with some t between 0 and ε, no output's odds change by a factor outside
    ``exp(t - ε)`` to ``exp(t)``, and the worst such mechanism has just these two (Dong, Durfee and
    Rogers, "Optimal differential privacy composition for exponential mechanisms", ICML 2020). The
    error rates of telling tables apart by it have log-odds that add up to ``-ε`` for every t; μ,
    the sum of their normal quantiles, is largest where both are equal.
    """
    from scipy.special import expit, ndtri

    return 2 * float(ndtri(expit(epsilon / 2)))


def multiplier_of(rho: float) -> float:
    """The multiplier of Gaussian noise whose μ is that of ``rho``, or less: of :func:`noise_mu`."""
    return 1 / (_ROOT * math.erf(math.sqrt(rho) / 2))


def selection_of(rho: float) -> float:
    """The ε of a selection whose μ is that of ``rho``: the inverse of :func:`selection_mu`."""
    return 4 * math.atanh(math.erf(math.sqrt(rho) / 2))


def epsilon_of(mu: float, delta: float) -> float:
    """The ε of μ-GDP at a δ, from above.

    Balle and Wang, "Improving the Gaussian mechanism for differential privacy: analytical
    calibration and optimal denoising" (ICML 2018), Theorem 8.
    """
    if not math.isfinite(mu):
        return math.inf
    low, high = 0.0, 1.0
    while _delta_of(mu, high) > delta:
        low, high = high, 2 * high
    while high - low > _EXACT * high:
        middle = (low + high) / 2
        low, high = (low, middle) if _delta_of(mu, middle) <= delta else (middle, high)
    return high


def rho_of(epsilon: float, delta: float) -> float:
    """The budget ρ = μ² / 2 whose cost is ``epsilon`` at ``delta``.

    A mechanism of Gaussian noise and selections can share it out by :func:`multiplier_of` and
    :func:`selection_of`, as it goes.
    """
    low, high = 0.0, 1.0
    while epsilon_of(high, delta) <= epsilon:
        low, high = high, 2 * high
    while high - low > _EXACT * high:
        middle = (low + high) / 2
        low, high = (middle, high) if epsilon_of(middle, delta) <= epsilon else (low, middle)
    return low**2 / 2


def _delta_of(mu: float, epsilon: float) -> float:
    """The δ of μ-GDP at an ε, with what rounding may take from it."""
    from scipy.special import log_ndtr

    half, far = mu / 2, epsilon / mu
    first = float(log_ndtr(half - far))
    second = epsilon + float(log_ndtr(-half - far))
    return math.exp(first) * (_ROUNDING - math.expm1(min(second - first, 0.0)))
