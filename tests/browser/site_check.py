#!/usr/bin/env python3
"""Opens the documentation site in headless Chromium, from the disk and without any network, and says what is wrong with it.

    site_check.py SITE [--screenshots DIR] [--page NAME...]        (SITE: build/docs/site; default: every page of it)

Looked at: messages on the console, requests beyond the site, what is wider than the window or overlaps its edge at 400, 800 and 1600 px,
pictures that do not load, and whether the search finds pages, commands and Python names. Exit status 0: all well; 1: faults, a line each;
77: no Chromium here.
"""
import argparse
import pathlib
import shutil
import sys
import time

from page_check import WIDTHS, Chromium, faults_said

# What is wider than the window. An element inside a box that scrolls sideways may be wide; the side bars of narrow pages wait beyond the edge.
OVERFLOW = """(() => {
  const faults = [];
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`the page is ${document.documentElement.scrollWidth} px wide`);
  const scrolls = (e) => e && e !== document.body && (["auto", "scroll"].includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
  const name = (e) => e.tagName.toLowerCase() + (e.className && typeof e.className === "string" ? "." + e.className.split(" ")[0] : "");
  for (const e of document.querySelectorAll("article *")) {
    const box = e.getBoundingClientRect();
    if (box.width > 0 && box.right > innerWidth + 1 && !scrolls(e.parentElement)) faults.push(`${name(e)} reaches to ${box.right.toFixed()}`);
  }
  for (const image of document.images) if (image.complete && image.naturalWidth === 0 && image.getAttribute("src")) faults.push(`${image.src} does not load`);
  return faults.slice(0, 5);
})()"""

FOUND = """[...document.querySelectorAll(".search li a, #search-results li a")].map((a) => a.getAttribute("href"))"""

#: Words that a reader looks for, and the page that must be among what is found first.
SEARCHES = {"prevalence": "concepts.html", "score_hats": "python_reference.html", "Slurm": "howto-slurm.html", "collapse": "candidates.html"}


def page_faults(browser, page, site, screenshots):
    faults = []
    for width in WIDTHS:
        browser.look(width, "light")
        browser.open(page.as_uri())
        faults += [f"{width} px: {fault}" for fault in browser.value(OVERFLOW) or []]
        faults += [f"{width} px: {fault}" for fault in faults_said(browser.events, site.as_uri())]
        if screenshots:
            browser.screenshot(screenshots / f"{page.stem}-{width}.png")
    return faults


def search_faults(browser, site):
    browser.look(800, "light")
    for words, wanted in SEARCHES.items():
        browser.open(f"{(site / 'search.html').as_uri()}?q={words}")
        until = time.monotonic() + 20
        while time.monotonic() < until and not (found := browser.value(FOUND)):
            time.sleep(0.2)
        names = [address.split("#")[0].split("?")[0].split("/")[-1] for address in found or []]
        if wanted not in names[:8]:
            yield f"search for {words}: {wanted} is not among the first found: {', '.join(names[:8]) or 'nothing'}"
        beyond = [event["params"]["request"]["url"] for event in browser.events if event["method"] == "Network.requestWillBeSent"
                  and not event["params"]["request"]["url"].startswith(("data:", site.as_uri()))]
        if beyond:
            yield f"search for {words}: asks {beyond[0]}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("site", type=pathlib.Path)
    arguments.add_argument("--screenshots", type=pathlib.Path)
    arguments.add_argument("--page", nargs="+", default=[])
    read = arguments.parse_args()
    site = read.site.resolve()
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
    if not program:
        print("no Chromium here: the site was not tried")
        return 77
    if read.screenshots:
        read.screenshots.mkdir(parents=True, exist_ok=True)
    pages = [site / f"{name}.html" for name in read.page] or [page for page in sorted(site.glob("*.html")) if page.name != "search.html"]
    browser = Chromium(program)
    wrong = []
    try:
        for page in pages:
            wrong += [f"{page.name}: {fault}" for fault in page_faults(browser, page, site, read.screenshots)]
        wrong += search_faults(browser, site)
    finally:
        browser.close()
    for fault in wrong:
        print(fault)
    if not wrong:
        print(f"{len(pages)} pages and {len(SEARCHES)} searches: all well")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
