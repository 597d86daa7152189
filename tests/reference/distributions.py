"""Numbers of scipy for distributions_test.cpp: quantiles of Beta and Student's t, p-values. Prints C++ rows."""
import scipy
from scipy import stats

print("//", "scipy", scipy.__version__)
for p, a, b in [(.025, .5, 10.5), (.975, .5, 10.5), (.025, 3.5, 7.5), (.95, 1, 1000), (.025, .5, 1e5 + .5), (.975, .5, 1e5 + .5),
                (.975, 1000.5, 1e6), (.025, 195.5, .5), (.5, 2, 3), (.025, 5e4, 5e4), (.95, 11, 19445)]:
    print(f"    {{{p}, {a}, {b}, {stats.beta.ppf(p, a, b)!r}}},".replace("np.float64(", "").replace(")", ""))
for p, df in [(.975, 1), (.975, 4), (.975, 4.7), (.975, 199), (.95, 30.5), (.025, 12)]:
    print(f"    {{{p}, {df}, {stats.t.ppf(p, df)!r}}},".replace("np.float64(", "").replace(")", ""))
for t, df in [(2, 5), (.3, 100), (6, 12.5)]:
    print(f"    two-sided {t} {df} {2 * stats.t.sf(t, df)!r}")
