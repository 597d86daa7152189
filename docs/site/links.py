#!/usr/bin/env python3
"""Looks at every link and picture of the site: each leads to a file and, behind a #, to a heading that is there.   links.py SITE"""

from __future__ import annotations

import html.parser
import pathlib
import sys
import urllib.parse


class Page(html.parser.HTMLParser):
    """Names of a page's places, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.places: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if value is None:
                continue
            if name == "id" or (name == "name" and tag == "a"):
                self.places.add(value)
            elif name in ("href", "src"):
                self.links.append(value)


def read(path: pathlib.Path) -> Page:
    page = Page()
    page.feed(path.read_text(errors="replace"))
    return page


def faults(site: pathlib.Path) -> list[str]:
    # Doxygen's own pages are its business; what leads there is ours.
    pages = {path: read(path) for path in site.rglob("*.html") if path.relative_to(site).parts[0] != "api"}
    found = []
    for path, page in pages.items():
        for link in page.links:
            address = urllib.parse.urlsplit(link)
            if address.scheme or address.netloc:
                continue
            target = path if not address.path else (path.parent / urllib.parse.unquote(address.path)).resolve()
            if not target.exists():
                found.append(f"{path.relative_to(site)}: {link}: no such file")
            elif address.fragment and target in pages and urllib.parse.unquote(address.fragment) not in pages[target].places:
                found.append(f"{path.relative_to(site)}: {link}: no such place on that page")
    return found


def main() -> None:
    site = pathlib.Path(sys.argv[1]).resolve()
    if not (site / "index.html").exists():
        sys.exit(f"docs: {site} holds no site: scripts/docs site makes it")
    found = sorted(set(faults(site)))
    for fault in found:
        print(f"docs: {fault}", file=sys.stderr)
    if found:
        sys.exit(1)
    print(f"docs: the links of {len(list(site.rglob('*.html')))} pages lead somewhere")


if __name__ == "__main__":
    main()
