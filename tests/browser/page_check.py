#!/usr/bin/env python3
"""Opens pages in headless Chromium as a reader would and says what is wrong with them.

    page_check.py PAGE.html... [--screenshots DIR] [--survey EXPECTED.json]

Looked at: messages on the console, requests to anywhere, what is cut off or overlaps the edge at 400, 800 and 1600 px in light and dark,
the sliders of a report, the larger view of a cutout, and printing. With --survey also what the sliders' arithmetic gives: EXPECTED.json
is a list of {"point", "prevalence", "purity", "candidates"}, both {"value", "low", "high"}, as evaluation.json has them. Exit status 0: all well; 1: faults, a line each; 77: no Chromium here.
Nothing but Python's standard library: the DevTools protocol goes through Chromium's --remote-debugging-pipe.
"""
import argparse
import base64
import json
import os
import pathlib
import select
import shutil
import sys
import tempfile
import time

WIDTHS = (400, 800, 1600)
PATIENCE_S = 120

# What is wider than the window, and texts that their own box cuts off. An element inside a box that scrolls sideways may be wide.
OVERFLOW = """(() => {
  const faults = [];
  const page = document.documentElement;
  if (page.scrollWidth > innerWidth) faults.push(`the page is ${page.scrollWidth} px wide`);
  const name = (e) => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + (typeof e.className === "string" && e.className ? "." + e.className : "");
  for (const e of document.querySelectorAll("body *")) {
    const box = e.getBoundingClientRect();
    if (box.width === 0 || e.closest("dialog:not([open])")) continue;
    if (box.right > innerWidth + 1 || box.left < -1) faults.push(`${name(e)} reaches from ${box.left.toFixed()} to ${box.right.toFixed()}`);
    const style = getComputedStyle(e);
    if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && style.overflowX !== "visible" && style.overflowX !== "auto")
      faults.push(`${name(e)} cuts off ${e.scrollWidth - e.clientWidth} px of its text`);
  }
  for (const svg of document.querySelectorAll("svg")) {
    const frame = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      if (box.width > 0 && (box.left < frame.left - 2 || box.right > frame.right + 2 || box.top < frame.top - 2 || box.bottom > frame.bottom + 2))
        faults.push(`the text "${text.textContent.trim()}" leaves its figure`);
    }
  }
  return faults.slice(0, 10);
})()"""

# Every slider in turn to both ends: each move must change the numbers, and no number may be NaN or empty.
SLIDERS = """(() => {
  const place = document.getElementById("explorer");
  if (!place) return null;
  const faults = [];
  const said = () => place.querySelector(".answers").innerText + place.querySelector(".controls").innerText;
  const moved = (input, value) => {
    const before = said();
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    const after = said();
    if (after === before) faults.push(`${input.className} at ${value} changes no number`);
    if (/NaN|undefined|Infinity/.test(after)) faults.push(`${input.className} at ${value}: ${after}`);
  };
  for (const input of place.querySelectorAll("input[type=range]")) {
    const start = input.value;
    for (const end of [input.min, input.max, start]) if (input.value !== end) moved(input, end);
  }
  moved(place.querySelector("input.objects"), "1000000000");
  moved(place.querySelector("input.objects"), "1000000");
  for (const button of place.querySelectorAll(".presets button")) {
    button.click();
    if (/NaN|undefined|Infinity/.test(said())) faults.push(`${button.textContent}: ${said()}`);
  }
  return faults;
})()"""

# The sliders' arithmetic at the thresholds that the page names, of 10^6 objects. Values are those of the table (rates come with six digits);
# intervals come by another method than those expected, so a fifth of their width is let pass.
SURVEY = """((expected) => {
  const models = JSON.parse(document.getElementById("explorer-data").textContent);
  const faults = [];
  for (const wanted of expected) {
    const point = models[0].points.find((point) => point.name === wanted.point);
    const row = models[0].rows.find((row) => row[0] === point.threshold);
    const got = survey.at(row, wanted.prevalence);
    for (const [name, figure] of [["purity", got.purity], ["candidates", survey.scaled(got.candidates, 1e6)]]) {
      const wide = wanted[name].high - wanted[name].low;
      for (const [end, slack] of [["value", 2e-5 * wanted[name].value], ["low", 0.2 * wide], ["high", 0.2 * wide]])
        if (!(Math.abs(figure[end] - wanted[name][end]) <= slack))
          faults.push(`${name} (${end}) at ${wanted.point}, prevalence ${wanted.prevalence}: ${figure[end]}, expected ${wanted[name][end]}`);
    }
  }
  return faults;
})"""

# A click on a cutout: other stretches that load, nothing cut off, and it closes again.
LARGER_VIEW = """(async () => {
  const buttons = [...document.querySelectorAll(".cutout button")].filter((b) => b.offsetParent);
  if (buttons.length === 0) return null;
  const faults = [];
  for (const button of [buttons[0], buttons[buttons.length - 1]]) {
    button.click();
    const dialog = document.querySelector("dialog[open]");
    if (!dialog) { faults.push("a click on a cutout opens nothing"); continue; }
    const views = [...dialog.querySelectorAll(".views img")];
    await Promise.all(views.map((image) => image.decode().catch(() => faults.push("a view of a cutout does not load"))));
    if (views.length < 3) faults.push(`a cutout has ${views.length} views`);
    if (dialog.scrollWidth > dialog.clientWidth + 1) faults.push("the larger view is cut off");
    dialog.querySelector("button").click();
    if (dialog.open) faults.push("the larger view does not close");
  }
  return faults;
})()"""


class Chromium:
    """A headless browser and one blank page in it."""

    def __init__(self, program):
        self.profile = tempfile.mkdtemp(prefix="lensfind-page-check-")
        to_browser, self.commands = os.pipe()
        self.answers, from_browser = os.pipe()
        high = [os.dup2(fd, 50 + i) for i, fd in enumerate((to_browser, from_browser))]  # clear of 3 and 4, where Chromium looks
        nowhere = os.open(os.devnull, os.O_RDWR)
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                 "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-pipe", "about:blank",
                 "--user-data-dir=" + self.profile]
        actions = [(os.POSIX_SPAWN_DUP2, nowhere, 1), (os.POSIX_SPAWN_DUP2, nowhere, 2), (os.POSIX_SPAWN_DUP2, high[0], 3),
                   (os.POSIX_SPAWN_DUP2, high[1], 4)]
        self.process = os.posix_spawn(program, [program, *flags], os.environ, file_actions=actions)
        for fd in (to_browser, from_browser, nowhere, *high):
            os.close(fd)
        self.number, self.unread, self.events, self.session = 0, b"", [], None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(domain + ".enable")

    def close(self):
        try:
            self.session = None
            self.ask("Browser.close")
        except (TimeoutError, BrokenPipeError, EOFError):
            os.kill(self.process, 9)
        os.waitpid(self.process, 0)
        shutil.rmtree(self.profile, ignore_errors=True)

    def message(self, until):
        """The next message of the browser."""
        while b"\0" not in self.unread:
            if not select.select([self.answers], [], [], max(0, until - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            block = os.read(self.answers, 1 << 20)
            if not block:
                raise EOFError("the browser ended")
            self.unread += block
        text, self.unread = self.unread.split(b"\0", 1)
        return json.loads(text)

    def ask(self, method, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.commands, json.dumps(request).encode() + b"\0")
        until = time.monotonic() + PATIENCE_S
        while True:
            answer = self.message(until)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, url):
        self.events.clear()
        self.ask("Page.navigate", url=url)
        until = time.monotonic() + PATIENCE_S
        while not any(event["method"] == "Page.loadEventFired" and event.get("sessionId") == self.session for event in self.events):
            self.events.append(self.message(until))

    def look(self, width, scheme):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 700)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def value(self, script):
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            return [answer["exceptionDetails"].get("exception", {}).get("description", answer["exceptionDetails"]["text"])]
        return answer["result"].get("value")

    def screenshot(self, path):
        height = self.value("document.documentElement.scrollHeight")
        size = self.ask("Page.getLayoutMetrics")["cssLayoutViewport"]["clientWidth"]
        clip = {"x": 0, "y": 0, "width": size, "height": min(height, 16000), "scale": 1}
        picture = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(picture["data"]))


def faults_said(events, url):
    """What the page wrote to the console and asked of the network."""
    for event in events:
        said = event.get("params", {})
        if event["method"] == "Runtime.exceptionThrown":
            yield "an exception: " + said["exceptionDetails"].get("exception", {}).get("description", said["exceptionDetails"]["text"])
        elif event["method"] == "Runtime.consoleAPICalled":
            yield "a console message: " + str([argument.get("value") for argument in said["args"]])
        elif event["method"] == "Log.entryAdded" and said["entry"]["level"] in ("warning", "error"):
            yield "a log entry: " + said["entry"]["text"]
        elif event["method"] == "Network.requestWillBeSent" and not said["request"]["url"].startswith(("data:", url)):
            yield "a request: " + said["request"]["url"]


def check(browser, page, screenshots, expected):
    faults = []
    url = page.resolve().as_uri()
    for scheme in ("light", "dark"):
        for width in WIDTHS:
            browser.look(width, scheme)
            browser.open(url)
            where = f"{width} px, {scheme}: "
            for script in (OVERFLOW, SLIDERS, LARGER_VIEW):
                faults += [where + fault for fault in browser.value(script) or []]
            faults += [where + fault for fault in faults_said(browser.events, url)]
            if screenshots:
                browser.screenshot(screenshots / f"{page.parent.name}-{page.stem}-{width}-{scheme}.png")
    if expected:
        faults += browser.value(f"{SURVEY}({json.dumps(expected)})")
    printed = base64.b64decode(browser.ask("Page.printToPDF", printBackground=True)["data"])
    if not printed.startswith(b"%PDF-"):
        faults.append("it does not print")
    if screenshots:
        (screenshots / f"{page.parent.name}-{page.stem}.pdf").write_bytes(printed)
    return faults


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("pages", nargs="+", type=pathlib.Path)
    arguments.add_argument("--screenshots", type=pathlib.Path)
    arguments.add_argument("--survey", type=pathlib.Path)
    read = arguments.parse_args()
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
    if not program:
        print("no Chromium here: the pages were not tried")
        return 77
    if read.screenshots:
        read.screenshots.mkdir(parents=True, exist_ok=True)
    expected = json.loads(read.survey.read_text()) if read.survey else []
    if missing := [str(page) for page in read.pages if not page.is_file()]:
        print(f"error: no page is there: {', '.join(missing)}")
        return 2
    browser = Chromium(program)
    wrong = 0
    try:
        for page in read.pages:
            faults = check(browser, page, read.screenshots, expected)
            wrong += len(faults)
            for fault in faults:
                print(f"{page}: {fault}")
            if not faults:
                print(f"{page}: all well")
    finally:
        browser.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
