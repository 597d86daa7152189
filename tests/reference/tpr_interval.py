"""The TPR's interval at an FPR of 0.1 by its definition: the numbers in src/lensfind/evaluate/ranking_test.cpp.

Non-lenses stand at 1 .. 100. K of them lie above the true threshold, K binomial; the lenses between the K-th and the next may lie on either
side; x of n lenses above it say Beta(x + 1/2, n - x + 1/2), with the ends of a modified Jeffreys interval.

usage: tpr_interval.py   (needs scipy)
"""

from scipy.optimize import brentq
from scipy.stats import beta, binom

LENSES = [120, 99.5, 98.5, 95.5, 92.5, 90.5, 88.5, 80.5, 50.5, 20.5]
NONLENSES, RATE = 100, 0.1


def lenses_within(nonlenses):
    """Lenses above the first non-lens that is one too many."""
    return 0 if nonlenses < 0 else sum(logit > NONLENSES - nonlenses for logit in LENSES)


def fraction_of(found, upper):
    n = len(LENSES)
    if found == 0 and upper:
        return beta(1, n)
    if found == n and not upper:
        return beta(n, 1)
    return beta(found + 0.5, n - found + 0.5)


def below(rate, upper):
    total = 0
    for k in range(NONLENSES + 1):
        low, high = lenses_within(k - 1), lenses_within(k)
        for found in range(low, high + 1):
            total += binom.pmf(k, NONLENSES, RATE) / (high - low + 1) * fraction_of(found, upper).cdf(rate)
    return total


print(brentq(lambda rate: below(rate, False) - 0.025, 0, 1, xtol=1e-14), brentq(lambda rate: below(rate, True) - 0.975, 0, 1, xtol=1e-14))
