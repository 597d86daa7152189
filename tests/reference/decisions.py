"""Purity and candidates of a survey by 2 x 10^7 drawn pairs of rates: the numbers in src/lensfind/evaluate/decisions_test.cpp.

usage: decisions.py   (needs numpy)
"""

import numpy as np

DRAWS = 20_000_000


def rates(generator, selected, of):
    """Half from Beta(x, n - x + 1), half from Beta(x + 1, n - x): mid-P bounds of Clopper and Pearson."""
    half = DRAWS // 2
    draws = np.concatenate(
        [
            generator.beta(selected, of - selected + 1, half) if selected > 0 else np.zeros(half),
            generator.beta(selected + 1, of - selected, half) if selected < of else np.ones(half),
        ]
    )
    generator.shuffle(draws)
    return draws


generator = np.random.default_rng(1)
for lenses, nonlenses, prevalence in [((15, 20), (3, 1000), 0.01), ((150, 200), (40, 10000), 0.001)]:
    t, f = rates(generator, *lenses), rates(generator, *nonlenses)
    selected = prevalence * t + (1 - prevalence) * f
    print(lenses, nonlenses, prevalence, np.quantile(prevalence * t / selected, [0.025, 0.975]), np.quantile(1e6 * selected, [0.025, 0.975]))
