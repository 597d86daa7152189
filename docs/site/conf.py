"""The documentation site: Sphinx on the pages that docs/site/pages.py gathers. `scripts/docs site` makes it."""

import os

project = "lensfind"
author = "the lensfind authors"
copyright = author  # noqa: A001
version = release = os.environ["LENSFIND_DOCS_VERSION"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
source_suffix = {".md": "markdown"}
root_doc = "index"

smartquotes = False  # --out is an option
myst_enable_extensions = ["colon_fence", "dollarmath", "deflist"]
myst_heading_anchors = 4  # files.md#tables-...: links into pages
suppress_warnings = ["ref.python"]  # `bands` in a docstring is several classes'

napoleon_google_docstring = False
napoleon_numpy_docstring = True
napoleon_use_rtype = False
napoleon_use_ivar = True
autodoc_typehints = "none"  # the docstrings say types in words
autodoc_member_order = "bysource"
autodoc_mock_imports = ["sklearn"]

html_theme = "furo"
html_title = f"lensfind {version}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
pygments_style = "default"
