#!/usr/bin/env python3
"""Grades in headless Chromium as people do, on the page that `lensfind inspect` serves, and says what is wrong.

    grading_check.py LENSFIND [--screenshots DIR]

50 grades by keyboard, undo, reload, filters, notes, two graders at once, a kill and a restart, the static page; a script in an id and in a
note; the pages that `grades merge` leaves; what is cut off at 400, 700, 1000 and 1600 px in light and dark; contrast of texts (WCAG 2 AA); names
of all controls for screen readers, also as Chromium's accessibility tree has them; dragging; that a server which is asked to end does so without fault.
Exit status 0: all well; 1: faults, a line each; 77: no Chromium here. Nothing but Python's standard library.
"""
import argparse
import array
import collections
import csv
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from looks import faults_of_looks, faults_of_page, faults_of_tiles, faults_of_tree
from page_check import Chromium
from tab import Served, Tab

OBJECTS = 80
SCRIPT = "<img src=x onerror=document.title='hacked'>"


def write_stack(path):
    """(OBJECTS, 3, 24, 24) float32: a blob each, of another width, and a ring around every fourth."""
    values = array.array("f")
    for number in range(OBJECTS):
        for band in range(3):
            for row in range(24):
                for column in range(24):
                    square = (row - 11.5) ** 2 + (column - 11.5) ** 2
                    ring = 40 if number % 4 == 0 and 36 < square < 64 else 0
                    values.append(100 * 2.718 ** (-square / (8 + number % 7)) + ring * (3 - band) / 3 + (row * 31 + column * 17 + number * 7) % 5)
    head = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, 3, 24, 24), }" % OBJECTS
    head += " " * (63 - (len(head) + 10) % 64) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode() + values.tobytes())


class Check:
    def __init__(self, program, screenshots):
        self.program, self.screenshots, self.faults = program, screenshots, []
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lensfind-grading-check-"))
        write_stack(self.folder / "survey.npy")
        rows = ["id,logit,ra,dec,note"] + [f"survey.npy#{i},{(i * 37) % OBJECTS},{150 + i / 100},{2 + i / 100},\"{SCRIPT}\"" for i in range(OBJECTS)]
        (self.folder / "s.csv").write_text("\n".join(rows) + "\n")

    def expect(self, holds, what):
        if not holds:
            self.faults.append(what)

    def serve(self, *more, grades="g.sqlite"):
        return Served(self.program, self.folder / "s.csv", "--images", self.folder / "survey.npy", "--grades", self.folder / grades, "--title", SCRIPT, *more)

    def rows(self, grades="g.sqlite"):
        out = self.folder / "merged"
        shutil.rmtree(out, ignore_errors=True)
        subprocess.run([self.program, "grades", "merge", self.folder / grades, "--out", out, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        return (out / "grades.csv").read_text().splitlines()[1:]

    def grade_fifty(self, tab, served):
        tab.open(served.of("anna"))
        for number in range(50):
            tab.key("abcx"[number % 4])
        tab.until("page.grades.size === 50 && page.waiting.length === 0")
        self.expect(tab.value("page.at") == 50, "after 50 grades another picture than the 51st is shown")
        tab.key("u")
        tab.until("page.grades.size === 49")
        self.expect(tab.value("page.list[page.at]") == 49, "undo does not go back to its picture")
        tab.key("1")
        tab.key("n")
        self.ask_text(tab, "a note " + SCRIPT)
        tab.key("Escape")
        tab.key("b")
        tab.until("page.grades.size === 50 && page.grades.get(49).note.startsWith('a note')")
        self.expect(tab.value("page.grades.get(49).kind") == "ring", "the kind was not stored")
        tab.open(served.of("anna"))
        self.expect(tab.value("page.grades.size") == 50 and tab.value("page.at") == 50, "after loading again it does not go on at the 51st")

    @staticmethod
    def ask_text(tab, text):
        tab.ask("Input.insertText", text=text)

    def filter_and_go(self, tab):
        shown = "(() => { $('filter').value = '=A'; $('filter').dispatchEvent(new Event('change')); return page.list.length; })()"
        self.expect(tab.value(shown) == 13, f"the filter of A shows {tab.value('page.list.length')} of 13")
        self.expect(tab.value(shown.replace("=A", "open")) == tab.value("page.state.count - 50"), "the filter of open ones counts wrongly")
        tab.value(shown.replace("=A", "all"))
        before = tab.value("page.at")
        tab.key("ArrowLeft")
        self.expect(tab.becomes(f"page.at === {before - 1}"), "the left arrow does not go back")
        tab.key("ArrowRight")
        self.expect(tab.becomes(f"page.at === {before}"), "the right arrow does not go on")
        for key, condition in (("v", "view.residual === 'smooth'"), ("t", "view.scaling === 'sqrt'"), ("l", "view.band === '0'"), ("]", "$('picture').style.filter.includes('120%')")):
            tab.key(key)
            self.expect(tab.becomes(condition), f"the key {key} does not change the view")
            tab.until("$('picture').complete && $('picture').naturalWidth === 24")
        tab.value("set_view({ residual: '', scaling: 'asinh', band: '' }), set_light(100, 100)")
        tab.key("g")
        tab.until("document.querySelectorAll('.tile img').length > 10")
        place = tab.value("gallery.place")
        tab.key("ArrowRight")
        self.expect(tab.becomes(f"gallery.place === {place + 1}"), "arrows do not choose in the mosaic")
        tab.key("g")

    def screen_reader(self, tab):
        """50 pictures are graded; the 50th, which is shown, is a ring and a B."""
        tab.value("go(49)")
        tab.until("$('picture').complete")
        levels = tab.value("page.state.scheme.grades")
        self.faults += faults_of_tree(tab, lambda nodes: faults_of_page(nodes, levels, SCRIPT))
        tab.key("g")
        tab.until("document.querySelectorAll('.tile').length > 10")
        self.faults += faults_of_tree(tab, faults_of_tiles)
        tab.key("g")

    def drag(self, tab):
        """40 px to the right are 20% more contrast, 20 px down 10% less brightness; a double click takes both back."""
        x, y = tab.value("(() => { const box = $('frame').getBoundingClientRect(); return [box.x + 50, box.y + 50]; })()")
        tab.ask("Input.dispatchMouseEvent", type="mousePressed", x=x, y=y, button="left", buttons=1, clickCount=1)
        for step in (10, 20):
            tab.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x + 2 * step, y=y + step, button="left", buttons=1)
        tab.ask("Input.dispatchMouseEvent", type="mouseReleased", x=x + 40, y=y + 20, button="left", clickCount=1)
        light = "[$('contrast').value, $('brightness').value, $('picture').style.filter].join()"
        self.expect(tab.becomes(light + " === '120,90,brightness(90%) contrast(120%)'"), f"dragging gives {tab.value(light)}")
        for click in (1, 2):
            tab.ask("Input.dispatchMouseEvent", type="mousePressed", x=x, y=y, button="left", buttons=1, clickCount=click)
            tab.ask("Input.dispatchMouseEvent", type="mouseReleased", x=x, y=y, button="left", clickCount=click)
        self.expect(tab.becomes("$('picture').style.filter === ''"), "a double click does not take contrast and brightness back")

    def two_graders(self, browser, tab, served):
        other = Tab(browser)
        other.open(served.of("ben"))
        for _ in range(20):
            other.key("x")
            tab.key("a")
        other.until("page.grades.size === 20 && page.waiting.length === 0")
        tab.until("page.waiting.length === 0")
        served.end(signal.SIGKILL)
        rows = self.rows()
        self.expect(sum(",ben," in row for row in rows) == 20, "grades of the second grader are missing")
        self.expect(sum(",anna," in row for row in rows) == tab.value("page.grades.size"), "the page says another number of grades than the file")
        other.key("x")
        other.until("!$('trouble').hidden")
        self.expect("not stored" in other.value("$('trouble').textContent"), "a grade that cannot be stored is not said")
        self.expect(other.value("page.grades.size") == 20, "a grade counts as stored that is not")

    def looks(self, tab, served, name):
        for scheme in ("light", "dark"):
            for width in (400, 700, 1000, 1600):
                self.browser.session = tab.session
                self.browser.look(width, scheme)
                tab.open(served.of("anna"))
                for part in ("single", "residual", "mosaic", "help"):
                    if part == "residual":
                        tab.value("set_view({ residual: 'smooth' })")
                        tab.until("$('picture').src.includes('residual=smooth') && $('picture').complete")
                    if part == "mosaic":
                        tab.value("set_view({ residual: '' }), set_mosaic(true)")
                        tab.until("document.querySelectorAll('.tile img').length > 4 && [...document.querySelectorAll('.tile img')].every((image) => image.hidden || image.complete)")
                    if part == "help":
                        tab.value("set_mosaic(false), $('help').showModal()")
                    where = f"{name}, {part}, {width} px, {scheme}: "
                    self.faults += [where + fault for fault in faults_of_looks(tab)]
                    if self.screenshots:
                        time.sleep(0.4)
                        self.browser.session = tab.session
                        self.browser.screenshot(self.screenshots / f"{name}-{part}-{width}-{scheme}.png")
        self.browser.look(1200, "light")

    def sighted_lists(self, tab, served):
        """Filters and orders that only sighted pages have; logits are (37 i) mod 80, positions 150 + i / 100 and 2 + i / 100 degrees."""
        tab.open(served.of("anna"))
        shown = """(async (filter, value, sort) => { $("filter").value = filter; $("value").value = value; $("sort").value = sort; await change_list();
          return page.list.length; })"""
        self.expect(tab.value(shown + "('score', '70', 'order')") == 10, "the filter of scores from 70 on does not show ten")
        self.expect(tab.value(shown + "('near', '150.4 2.4 0.03', 'order')") == 5, "near 150.4, 2.4 within .03 degrees there are five")
        self.expect(tab.value(shown + "('score', 'high', 'order')") == OBJECTS and "takes numbers" in tab.value("$('said').textContent"), "what is no number is not said")
        tab.value(shown + "('all', '', 'position')")
        ra = "backend.columns(page.state.order).then((all) => page.list.slice(0, 3).map((slot) => all.ra[slot]))"
        self.expect(tab.value(ra) == [150, 150.01, 150.02], f"the order by right ascension begins with {tab.value(ra)}")
        self.sorted_by_grades(tab, shown)
        tab.value(shown + "('all', '', 'order'), set_mosaic(true)")
        tab.until("[...document.querySelectorAll('.tile .tag')].filter((tag) => tag.textContent.startsWith('survey.npy#')).length > 10")
        tab.value("set_mosaic(false)")

    def sorted_by_grades(self, tab, shown):
        """By what the file of grades says of whom."""
        held = {}
        for row in csv.DictReader(["time,grader,object,presentation,scheme,grade,kind,note,seconds,uid,undoes", *self.rows()]):
            if row["presentation"] == "0":
                held.setdefault(row["grader"], {})[row["object"]] = row["grade"]
        anna, ben, value = held["anna"], held["ben"], {"A": 3, "B": 2, "C": 1, "X": 0}
        given = collections.Counter(anna.values())
        for grade, count in given.items():
            self.expect(tab.value(shown + f"('={grade}', '', 'order')") == count, f"graded {grade} are not the {count} that are")
        tab.value(shown + "('all', '', 'grade')")
        first = "page.list.slice(0, %d).every((slot) => page.grades.get(slot)?.grade === 'A')" % given["A"]
        self.expect(tab.value(first), "the order by grade does not begin with A")
        self.expect(tab.value(shown + "('@ben', '', '@ben')") == len(ben) == 20, "what ben graded is not shown")
        self.expect(tab.value(shown + "('@ben', 'x', '@ben')") == 20 and tab.value(shown + "('@ben', 'A', '@ben')") == 0, "the other's grades are not filtered by grade")
        apart = [abs(value[anna[name]] - value[ben[name]]) for name in anna.keys() & ben.keys()]
        self.expect(tab.value(shown + "('apart', '', 'apart')") == sum(spread > 0 for spread in apart), "where graders disagree is not shown")
        self.expect(tab.value("page.list.map(spread_of)") == sorted((spread for spread in apart if spread), reverse=True), "the order by disagreement is another")

    def merged_pages(self, tab):
        """controls.html and disagreements.html of two graders who saw 20 controls."""
        lines = ["id,grade,grader,role,truth,theta_e_arcsec,arc_snr,ra,dec"]
        for who in ("anna", "ben"):
            for number in range(20):
                lens = number % 2
                lines.append(f"c{number},{'ABXC'[(number + len(who)) % 4] if lens else 'X'},{who},painted,{lens},{0.7 + number / 10 if lens else ''},{number if lens else ''},,")
            lines += [f"survey.npy#{number},{'AXBC'[(number * len(who)) % 4]},{who},,,,,{150 + number / 100},2" for number in range(12)]
        (self.folder / "two.csv").write_text("\n".join(lines) + "\n")
        subprocess.run([self.program, "grades", "merge", self.folder / "two.csv", "--out", self.folder / "pages", "--images", self.folder / "survey.npy", "--quiet"],
                       check=True, stdout=subprocess.DEVNULL)
        for name in ("controls", "disagreements"):
            for scheme in ("light", "dark"):
                for width in (400, 900, 1600):
                    self.browser.session = tab.session
                    self.browser.look(width, scheme)
                    self.browser.open((self.folder / "pages" / f"{name}.html").as_uri())
                    self.faults += [f"{name}.html, {width} px, {scheme}: {fault}" for fault in faults_of_looks(tab)]
                    if self.screenshots:
                        self.browser.screenshot(self.screenshots / f"{name}-{width}-{scheme}.png")
        self.browser.look(1200, "light")

    def static_page(self, tab):
        html = self.folder / "cara.html"
        subprocess.run([self.program, "inspect", self.folder / "s.csv", "--images", self.folder / "survey.npy", "--grades", self.folder / "still.sqlite", "--grader", "cara",
                        "--static", html, "--top", "20", "--quiet"], check=True, stdout=subprocess.DEVNULL)
        tab.open(html.as_uri())
        for number, key in enumerate("abx", 1):
            tab.key(key)
            tab.until(f"page.grades.size === {number} && !page.waiting.length")
        tab.key("u")
        tab.until("page.grades.size === 2")
        self.expect(tab.value("page.grades.get(0)?.grade") == "A", "the static page keeps another grade")
        saved = tab.value("""new Promise((done) => { const make = URL.createObjectURL; URL.createObjectURL = (blob) => { blob.text().then(done); return make(blob); };
          HTMLAnchorElement.prototype.click = () => {}; $('save').click(); })""")
        (self.folder / "saved.csv").write_text(saved)
        self.expect(len(self.rows("saved.csv")) == 2, "what the static page saves is not read back")

    def said(self, events):
        for event in events:
            said = event.get("params", {})
            if event["method"] == "Runtime.exceptionThrown":
                yield "an exception: " + said["exceptionDetails"].get("exception", {}).get("description", said["exceptionDetails"]["text"])
            elif event["method"] == "Log.entryAdded" and said["entry"]["level"] == "error" and "ERR_CONNECTION" not in said["entry"]["text"]:
                yield "a log entry: " + said["entry"]["text"] + " " + said["entry"].get("url", "")

    def run(self, chromium):
        self.browser = browser = Chromium(chromium)
        served = self.serve()
        try:
            tab = Tab(browser)
            self.grade_fifty(tab, served)
            self.filter_and_go(tab)
            self.screen_reader(tab)
            self.drag(tab)
            self.looks(tab, served, "blind")
            self.faults += self.said(browser.events)
            self.two_graders(browser, tab, served)
            served = self.serve()
            tab.open(served.of("ben"))
            self.expect(tab.value("page.grades.size") == 20, "after a kill and a restart grades are missing")
            self.expect(served.end() == 0, "inspect does not end well when asked to")
            served = self.serve("--sighted", grades="g.sqlite")
            self.looks(tab, served, "sighted")
            self.expect(tab.value("document.title") == SCRIPT, "a script in the title ran, or it is not shown as it is")
            self.expect(tab.becomes("document.querySelectorAll('#facts td').length > 0"), "columns are not shown")
            self.expect(tab.becomes("document.querySelectorAll('#links a').length === 4"), "links by coordinates are missing")
            self.sighted_lists(tab, served)
            self.faults += self.said(browser.events)
            self.expect(served.end() == 0, "inspect does not end well when asked to")
            self.merged_pages(tab)
            self.static_page(tab)
        finally:
            served.end(signal.SIGKILL)
            browser.close()
            shutil.rmtree(self.folder, ignore_errors=True)
        return self.faults


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program")
    arguments.add_argument("--screenshots", type=pathlib.Path)
    read = arguments.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
    if not chromium:
        print("no Chromium here: the grading page was not tried")
        return 77
    if read.screenshots:
        read.screenshots.mkdir(parents=True, exist_ok=True)
    try:
        faults = Check(read.program, read.screenshots).run(chromium)
    except TimeoutError as error:
        faults = [str(error)]
    for fault in faults:
        print(fault)
    if not faults:
        print("all well")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
