#!/usr/bin/env python3
"""Walks through docs/grading.md as two people at once and takes its pictures.

    grading_walk.py LENSFIND OUT --scores S.csv --truth T.csv --images INPUT... [--controls DIR [--control-truth T.csv]] [--more WORD...] [--top K]

Two simulated graders of different skill grade in two tabs of headless Chromium, blind and by keys: each sees a picture, knows by a sighted
page what it is (T.csv: id,label; controls by their truth.csv), and errs by chance. In the middle: a grade is taken back, a page is loaded
again, the server is killed (-9) and started again. Then `grades merge` and `grades export` in all formats. Leaves in OUT grades, tables and
PNG pictures: mosaic, single, residual, controls, disagreements. Exit status 0: nothing was lost; 1: faults, a line each.
"""
import argparse
import base64
import collections
import csv
import hashlib
import json
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request

from tab import Served, Tab
from page_check import Chromium

FORMATS = ("csv", "fits", "vot", "ecsv", "parquet", "tex")
# Chances of the grades A, B, C, X to a plain lens, to a faint one, and to what is none.
SKILLS = {"anna": ((0.80, 0.14, 0.04, 0.02), (0.35, 0.30, 0.20, 0.15), (0.01, 0.03, 0.11, 0.85)),
          "ben": ((0.55, 0.25, 0.12, 0.08), (0.15, 0.25, 0.30, 0.30), (0.04, 0.10, 0.21, 0.65))}
PLAIN_SNR = 40


def get(link, path):
    return urllib.request.urlopen(link.split("?")[0] + path, timeout=60).read()


class Walk:
    def __init__(self, read):
        self.read, self.faults, self.random = read, [], random.Random(7)
        shutil.rmtree(read.out, ignore_errors=True)
        read.out.mkdir(parents=True)
        self.grades = read.out / "g.sqlite"
        self.labels = {row["id"]: int(row["label"]) for row in csv.DictReader(read.truth.open())}
        self.snr = {}
        if read.controls:
            for row in csv.DictReader(read.control_truth.open()):
                self.labels[row["id"]] = int(row["label"])
                ratios = [float(value) for name, value in row.items() if name.startswith("arc_snr") and value]
                self.snr[row["id"]] = max(ratios, default=0)

    def words(self, grades, *more):
        words = [self.read.scores, "--images", *self.read.images, "--grades", grades, "--grader", "anna", "--title", "Candidates", *self.read.more]
        words += ["--top", self.read.top] if self.read.top else []
        words += ["--controls", self.read.controls, "--truth", self.read.control_truth] if self.read.controls else []
        return [*words, *more]

    def expect(self, holds, what):
        if not holds:
            self.faults.append(what)

    def look_at_all(self):
        """What each picture shows, by its bytes: from a sighted page. Pictures that two objects share are nobody's."""
        served = Served(self.read.program, *self.words(self.read.out / "sighted.sqlite", "--sighted"))
        self.ids = {}
        try:
            state = json.loads(get(served.link, "api/state?grader=eye"))
            for slot in range(state["count"]):
                at = f"order={state['order']}&slot={slot}"
                self.ids[hashlib.sha1(get(served.link, "picture?" + at)).hexdigest()] = json.loads(get(served.link, "api/item?" + at))["id"]
        finally:
            served.end()

    def grade(self, tab, who, served, count):
        order = tab.value("page.state.order")
        for _ in range(count):
            tab.until("!page.waiting.length && $('picture').complete && $('picture').naturalWidth > 0")
            slot = tab.value("page.list[page.at]")
            shown = self.ids[hashlib.sha1(get(served.link, f"picture?order={order}&slot={slot}")).hexdigest()]
            plain, faint, none = SKILLS[who]
            chances = none if not self.labels[shown] else plain if self.snr.get(shown, 1e3) >= PLAIN_SNR else faint
            grade = self.random.choices("abcx", chances)[0]
            if grade in "cx" and self.random.random() < 0.3:
                tab.key("4")  # a spiral
            tab.key(grade)
        tab.until("!page.waiting.length")

    def held(self, tab):
        return sorted(tab.value("[...page.grades].map(([slot, said]) => [slot, said.grade])"))

    def picture(self, tab, name, width=900, height=620):
        self.browser.session = tab.session
        self.browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.browser.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
        tab.ask("Page.bringToFront")
        time.sleep(0.8)
        shot = tab.ask("Page.captureScreenshot", format="png", clip={"x": 0, "y": 0, "width": width, "height": height, "scale": 1})
        (self.read.out / f"grading-{name}.png").write_bytes(base64.b64decode(shot["data"]))

    def walk(self):
        self.look_at_all()
        served = Served(self.read.program, *self.words(self.grades))
        self.browser = Chromium(next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))))
        try:
            tabs = {}
            for who in SKILLS:
                tabs[who] = Tab(self.browser)
                tabs[who].open(served.of(who))
            count = {who: tab.value("page.state.count") for who, tab in tabs.items()}
            half = min(count.values()) // 2
            for start in range(0, half, 10):  # both at once, by turns of ten
                for who, tab in tabs.items():
                    tab.ask("Page.bringToFront")
                    self.grade(tab, who, served, min(10, half - start))
            anna = tabs["anna"]
            anna.ask("Page.bringToFront")
            before = self.held(anna)
            anna.key("u")
            anna.until(f"page.grades.size === {len(before) - 1}")
            anna.key("b")
            anna.until(f"page.grades.size === {len(before)}")
            self.expect(anna.value("page.at") == len(before), "after taking back and grading again it does not go on")
            held = {who: self.held(tab) for who, tab in tabs.items()}
            served.end(signal.SIGKILL)
            served = Served(self.read.program, *self.words(self.grades))
            for who, tab in tabs.items():
                tab.open(served.of(who))
                self.expect(self.held(tab) == held[who], f"after a kill {who} has other grades")
            self.take_page_pictures(anna, served)
            for who, tab in tabs.items():
                tab.ask("Page.bringToFront")
                self.grade(tab, who, served, count[who] - len(held[who]))
                self.expect(tab.value("page.grades.size") == count[who], f"{who} has not graded all")
            self.expect(served.end() == 0, "inspect does not end well")
            self.merge_and_export(anna)
        finally:
            served.end(signal.SIGKILL)
            self.browser.close()

    def finest_lens(self, served, tab):
        """The slot of the control whose arcs stand out most, of those graded A; without controls the first A."""
        order, graded = tab.value("page.state.order"), [slot for slot, grade in self.held(tab) if grade == "A"]
        ids = {slot: self.ids[hashlib.sha1(get(served.link, f"picture?order={order}&slot={slot}")).hexdigest()] for slot in graded}
        return max(graded, key=lambda slot: self.snr.get(ids[slot], 0))

    def take_page_pictures(self, tab, served):
        tab.value(f"go(page.list.indexOf({self.finest_lens(served, tab)}))")
        self.picture(tab, "single", 900, 720)
        tab.value("set_view({ residual: 'smooth' })")
        self.picture(tab, "residual", 900, 720)
        tab.value("set_view({ residual: '' }), set_mosaic(true), gallery.resize(120), gallery.choose(3), $('tiles').scrollTop = 0")
        tab.until("document.querySelectorAll('.tile img').length > 20 && [...document.querySelectorAll('.tile img')].every((image) => image.complete)")
        self.picture(tab, "mosaic", 900, 520)
        tab.value("set_mosaic(false), go(page.list.findIndex((slot) => !page.grades.has(slot)))")

    def merge_and_export(self, tab):
        merged = self.read.out / "merged"
        images = self.read.images
        said = subprocess.run([self.read.program, "grades", "merge", self.grades, "--images", *map(str, images), "--out", merged, *self.read.merge_more],
                              capture_output=True, text=True)
        print(said.stdout + said.stderr)
        self.expect(said.returncode == 0, "merge: " + said.stderr)
        for ending in FORMATS:
            said = subprocess.run([self.read.program, "grades", "export", self.grades, "--out", self.read.out / f"candidates.{ending}"], capture_output=True, text=True)
            if "built without Parquet" in said.stderr:
                print(said.stderr)
                continue
            self.expect(said.returncode == 0, f"export to {ending}: {said.stderr}")
        rows = list(csv.DictReader((merged / "grades.csv").open()))
        print(collections.Counter(row["grader"] for row in rows))
        for name, height in (("controls", 900), ("disagreements", 620)):
            tab.browser.session = tab.session
            tab.browser.open((merged / f"{name}.html").resolve().as_uri())
            self.picture(tab, name, 900, height)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program")
    arguments.add_argument("out", type=pathlib.Path)
    arguments.add_argument("--scores", type=pathlib.Path, required=True)
    arguments.add_argument("--truth", type=pathlib.Path, required=True)
    arguments.add_argument("--images", type=pathlib.Path, nargs="+", required=True)
    arguments.add_argument("--controls", type=pathlib.Path)
    arguments.add_argument("--control-truth", type=pathlib.Path, help="default: truth.csv of the controls")
    arguments.add_argument("--top")
    arguments.add_argument("--more", nargs=argparse.REMAINDER, default=[], help="words for inspect")
    read = arguments.parse_args()
    if read.controls and not read.control_truth:
        read.control_truth = read.controls / "truth.csv"
    # What is said of the pictures, `merge` takes too: each of these words has a value behind it.
    read.merge_more = [word for i, word in enumerate(read.more) if any(re.match("--(catalogue|band|size|pattern)$", at) for at in read.more[max(0, i - 1):i + 1])]
    walk = Walk(read)
    walk.walk()
    for fault in walk.faults:
        print(fault)
    print("nothing was lost" if not walk.faults else f"{len(walk.faults)} faults")
    return 1 if walk.faults else 0


if __name__ == "__main__":
    sys.exit(main())
