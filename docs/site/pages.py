#!/usr/bin/env python3
"""Gathers the pages of the documentation site: docs/*.md and those of the root with their links made good, and references that are generated.

    pages.py OUT PROGRAM [--api]      OUT: a new folder; PROGRAM: the built `lensfind`, whose commands are described; --api: Doxygen's pages
                                      will lie in the site's folder api
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable

ROOT = pathlib.Path(__file__).resolve().parents[2]

#: Pages beside docs/*.md, and where they lie on the site.
OTHERS = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "src/lensfind/README.md": "source_map.md",
    "benchmarks/README.md": "benchmarks.md",
}

#: The table of contents: a heading, and its pages in order.
CONTENTS = {
    "Begin": ["installing", "tutorial", "concepts", "gallery"],
    "How to": [
        "adapting",
        "howto-network",
        "howto-bands",
        "howto-threshold",
        "howto-slurm",
        "howto-ray",
        "howto-pipeline",
        "howto-publish",
    ],
    "Use it": [
        "python",
        "files",
        "models",
        "surveys",
        "painting",
        "scene",
        "recipes",
        "networks",
        "training",
        "pretraining",
        "evaluation",
        "combine",
    ],
    "At survey scale": ["scale", "candidates", "grading"],
    "Judge it": ["statistics", "results", "realism", "populations", "performance", "benchmarks"],
    "Reference": ["commands", "python_reference", "cpp_reference"],
    "Change it": ["contributing", "source_map", "library", "architecture", "rendering", "changelog"],
}

#: What pages say of blocks that python/tests/test_pages.py does not run.
NOT_RUN = re.compile(r"<!-- not run by the tests: (.*?) -->")
LINK = re.compile(r"(\]\()([^)\s]+)(\))")


def site_path(target: pathlib.Path) -> str | None:
    """Where a file of the project lies on the site; None: it is no page, and is shown as a file."""
    name = target.relative_to(ROOT).as_posix()
    if name in OTHERS:
        return OTHERS[name]
    return target.name if target.parent == ROOT / "docs" and target.suffix == ".md" else None


def rewritten(text: str, page: pathlib.Path, out: pathlib.Path) -> str:
    """A page's text with links that lead to the site's pages, and to copies of other files."""

    def link(match: re.Match[str]) -> str:
        address, _, anchor = match.group(2).partition("#")
        if not address or re.match(r"[a-z]+:", address):
            return match.group(0)
        target = (page.parent / address).resolve()
        if not target.exists():
            sys.exit(f"docs: {page.relative_to(ROOT)}: {address}: there is no such file")
        place = site_path(target)
        if place is None:
            place = "files/" + target.relative_to(ROOT).as_posix()
            if target.is_file():
                (out / place).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(target, out / place)
        return match.group(1) + place + ("#" + anchor if anchor else "") + match.group(3)

    return outside_code(text, lambda part: NOT_RUN.sub(r"*Not run by the tests: \1.*", LINK.sub(link, part)))


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """Changes what stands outside fenced code."""
    parts = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if part.startswith("```") else change(part) for part in parts)


def help_of(program: str, *words: str) -> dict:
    said = subprocess.run([program, *words, "--help", "--json"], capture_output=True, text=True, check=True)
    return json.loads(said.stdout)


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def command_section(program: str, name: str, summary: str, level: int) -> str:
    told = help_of(program, *name.split())
    text = f"{'#' * level} {name}\n\n{told['about'] or summary}\n\n"
    for part in told.get("parts", []):
        text += command_section(program, f"{name} {part['name']}", part["summary"], level + 1)
    if told.get("arguments"):
        text += "| argument | what it is |\n|---|---|\n"
        text += "".join(f"| `{one['name']}{'...' if one['many'] else ''}` | {cell(one['help'])} |\n" for one in told["arguments"]) + "\n"
    if told.get("options"):
        text += "| option | what it does |\n|---|---|\n"
        for one in told["options"]:
            value = " " + one["value"] if one["value"] else ""
            text += f"| `{one['flag']}{cell(value)}` | {cell(one['help'])}{' **Required.**' if one['required'] else ''} |\n"
        text += "\n"
    return text + (f"```text\n{told['footer']}\n```\n\n" if told.get("footer") else "")


def commands_page(program: str) -> str:
    said = help_of(program)
    text = "# Commands\n\nEvery command with all that it takes, as `lensfind COMMAND --help` says it.\n\n"
    return text + "".join(command_section(program, one["name"], one["summary"], 2) for one in said["commands"])


def python_page() -> str:
    """Every public name, in the order of the package."""
    init = (ROOT / "python/lensfind/__init__.py").read_text()
    names = [name for name in re.findall(r'^    "([A-Za-z]\w*)",$', init, re.MULTILINE)]
    text = "# Python names\n\nEverything that `import lensfind as lf` has. [The page on Python](python.md) shows how it is used.\n\n"
    for name in sorted(set(names) - {"score_hats"}, key=str.lower):  # which stands below, with its module
        kind = "autoclass" if name[0].isupper() else "autofunction"
        members = ":members:\n" if kind == "autoclass" else ""
        text += f"```{{eval-rst}}\n.. {kind}:: lensfind.{name}\n   {members}```\n\n".replace("   ```", "```")
    for module in ("sklearn", "dask", "ray", "hats"):
        text += f"## lensfind.{module}\n\n```{{eval-rst}}\n.. automodule:: lensfind.{module}\n   :members:\n```\n\n"
    return text


def cpp_page(api: str) -> str:
    """Where Doxygen's pages are: beside the site's, once they are made."""
    where = f'<a href="{api}">every header and name</a>, by Doxygen.' if api else "`scripts/docs api site` adds its pages; it needs Doxygen."
    return (
        f"# C++ names\n\nEverything that the public headers of the libraries have: {where}\n\n"
        "[The page on the libraries](library.md) shows how they are used, and [the source map](source_map.md) which room has what.\n"
    )


def contents(pages: list[str]) -> str:
    named = [name for names in CONTENTS.values() for name in names]
    left = sorted(set(pages) - set(named) - {"index"})
    if left:
        sys.exit(f"docs: these pages stand in no part of the contents (docs/site/pages.py): {', '.join(left)}")
    text = ""
    for heading, names in CONTENTS.items():
        text += f"\n```{{toctree}}\n:hidden:\n:caption: {heading}\n\n" + "\n".join(names) + "\n```\n"
    return text


def main() -> None:
    out, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    out.mkdir(parents=True)
    pages = {path: path.name for path in sorted((ROOT / "docs").glob("*.md"))} | {ROOT / name: place for name, place in OTHERS.items()}
    for page, place in pages.items():
        (out / place).write_text(rewritten(page.read_text(), page, out))
    (out / "commands.md").write_text(commands_page(os.path.abspath(program)))
    (out / "python_reference.md").write_text(python_page())
    (out / "cpp_reference.md").write_text(cpp_page("api/index.html" if "--api" in sys.argv[3:] else ""))
    with open(out / "index.md", "a") as index:
        index.write(contents([path.stem for path in out.glob("*.md")]))
    print(f"docs: {len(list(out.glob('*.md')))} pages")


if __name__ == "__main__":
    main()
