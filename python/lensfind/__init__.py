"""lensfind: finds strong gravitational lenses in survey images.

Arrays in, arrays out. `load` a model and `score` cutouts; `evaluate` and `compare` anybody's scores; simulate what a `Survey` sees; `train`.
Docs: docs/python.md.
"""

from . import _places

try:
    _places.load_openvino()
    from ._core import __version__
except (ImportError, OSError) as error:
    raise ImportError(f"lensfind's library cannot be loaded: {error}. It needs OpenVINO 2026.4: pip install 'openvino==2026.4.*'") from error

from ._cutouts import Cutouts, cutouts
from ._errors import Error, SetAsideWarning, Stopped
from ._evaluation import Comparison, Estimate, Evaluation, compare, evaluate
from ._model import Card, Model, load
from ._pictures import picture, show
from ._program import program
from ._progress import Progress
from ._survey import Survey, render, surveys
from ._tables import Table
from ._training import Batch, Batches, adapt, batches, recipes, train
from .hats import score_hats

__all__ = [
    "Batch",
    "Batches",
    "Card",
    "Comparison",
    "Cutouts",
    "Error",
    "Estimate",
    "Evaluation",
    "Model",
    "Progress",
    "SetAsideWarning",
    "Stopped",
    "Survey",
    "Table",
    "__version__",
    "adapt",
    "batches",
    "compare",
    "cutouts",
    "evaluate",
    "load",
    "picture",
    "program",
    "recipes",
    "render",
    "score_hats",
    "show",
    "surveys",
    "train",
]
