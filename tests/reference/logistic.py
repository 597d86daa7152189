"""Numbers of scikit-learn and scipy for logistic_test.cpp: ridge-penalised logistic regression of 12 rows. Prints C++ values."""
import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression

x = np.array([[0.5, 1.0], [1.5, -0.3], [-0.7, 2.0], [2.2, 0.1], [0.3, -1.2], [-1.1, 0.4], [0.9, 0.8], [-0.2, -0.6], [1.8, 1.4], [-1.5, -2.0],
              [0.1, 0.2], [0.7, -1.7]])
y = np.array([1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1])
print("// scikit-learn", sklearn.__version__)
for c in (1.0, 0.1):
    fit = LogisticRegression(C=c, tol=1e-14, max_iter=10000, solver="newton-cholesky").fit(x, y)
    print(f"C = {c}:", [float(v) for v in fit.coef_[0]], float(fit.intercept_[0]))
