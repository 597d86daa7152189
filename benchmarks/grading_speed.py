#!/usr/bin/env python3
"""How quick the grading page is with many candidates, in headless Chromium.

    grading_speed.py LENSFIND [--candidates N] [--sighted] [--graded N]

Makes N candidates (100 names of one stack of N / 100 images, 3 x 64 x 64 float32), starts `lensfind inspect`, opens its page and says as JSON:
  start_s, start_cpu_s   until the server prints its link: by the clock, and computing
  opens_ms               from asking for the page until the first picture is seen
  state_bytes            the answer with which the page begins
  next_ms                from a grading key until the next picture is painted: median, 95% and the longest of 100, a key each 300 ms; and how long the page's
                         thread computes a picture, with all that it prefetches
  next_on_screen_ms      the same of 100 keys that come through the browser, until the picture stands on the screen, as Chromium says (Element Timing)
  scroll_*               of the mosaic at 20 px a frame (read) and at 2,000 px a frame (flung): frames a second, and how long its thread
                         computes a frame
  server_mb, server_cpu_s, page_mb
Other work on the machine lengthens what the clock says, not what is computed. Nothing but Python's standard library and Chromium.
"""

import argparse
import array
import json
import os
import pathlib
import shutil
import sqlite3

import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "browser"))
from tab import Served, Tab  # noqa: E402
from page_check import Chromium  # noqa: E402

STACKS = 100

NEXT = """(count, pause) => new Promise(async (done) => {
  const times = [];
  const wait = (ms) => new Promise((then) => setTimeout(then, ms));
  const painted = () => new Promise((then) => requestAnimationFrame(() => { const channel = new MessageChannel(); channel.port1.onmessage = then; channel.port2.postMessage(0); }));
  await wait(1500);
  for (let i = 0; i < count; i++) {
    const before = document.getElementById("picture").src;
    const start = performance.now();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "abcx"[i % 4], bubbles: true }));
    while (document.getElementById("picture").src === before || !document.getElementById("picture").complete) await wait(0);
    await painted();
    times.push(performance.now() - start);
    await wait(pause);
  }
  done(times);
})"""  # noqa: E501

# Each picture says when it stood on the screen (Element Timing), after the key that was pressed last.
WATCH = """(() => {
  globalThis.shown = [];
  let pressed = 0;
  addEventListener("keydown", (event) => { pressed = event.timeStamp; }, true);
  const put = put_picture;
  put_picture = (image) => { image.setAttribute("elementtiming", "picture"); put(image); };
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) shown.push(entry.renderTime - pressed); }).observe({ type: "element" });
})()"""

SCROLL = """(step, frames) => new Promise((done) => {
  const box = document.getElementById("tiles"), times = [];
  let last = 0;
  box.scrollTop = 20000;
  const go = (now) => {
    if (last) times.push(now - last);
    last = now;
    if (times.length >= frames) return done(times);
    box.scrollTop += step;
    requestAnimationFrame(go);
  };
  requestAnimationFrame(go);
})"""


def write_candidates(folder, count):
    each = count // STACKS
    side, bands = 64, 3
    images = folder / "images"
    images.mkdir()
    head = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d, %d, %d), }" % (each, bands, side, side)
    head += " " * (63 - (len(head) + 10) % 64) + "\n"
    first = images / "s00.npy"
    with first.open("wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode())
        noise = [((k * 7919) % 2003) / 200 for k in range(4096)]
        for number in range(each):
            width = 10 + number % 17
            values = array.array("f")
            for band in range(bands):
                for row in range(side):
                    y = (row - 31.5) ** 2
                    values.extend(
                        100 / (1 + (y + (column - 31.5) ** 2) / width) + noise[(row * 64 + column * 3 + number * 31 + band) % 4096]
                        for column in range(side)
                    )
            file.write(values.tobytes())
            if number == 199 and each > 200:  # the rest repeats: making it is no part of what is measured
                size = bands * side * side * 4
                break
    if each > 200:
        body = first.read_bytes()[-200 * size :]
        with first.open("ab") as file:
            for start in range(200, each, 200):
                file.write(body[: size * min(200, each - start)])
    for stack in range(1, STACKS):
        os.link(first, images / f"s{stack:02}.npy")
    with (folder / "scores.csv").open("w") as table:
        table.write("id,logit,probability,ra,dec,mag\n")
        for i in range(each * STACKS):
            table.write(
                f"s{i // each:02}.npy#{i % each},{((i * 7919) % 100003) / 5000 - 10:.4f},0.5,{(i * 0.0036) % 360:.6f},{(i % 1000) * 0.05 - 25:.6f},20.5\n"
            )


def fill_grades(grades, folder, count):
    base = sqlite3.connect(grades)
    ids = [line.split(",")[0] for line in (folder / "scores.csv").read_text().splitlines()[1 : count + 1]]
    rows = [(f"{i:024x}", "2026-01-01T00:00:00.000Z", "anna", name, 0, "abcx", "ABCX"[i % 4], "", "", 2.0 + i % 5, "") for i, name in enumerate(ids)]
    base.executemany(
        "INSERT INTO grades(uid,time,grader,object,presentation,scheme,grade,kind,note,seconds,undoes) VALUES(?,?,?,?,?,?,?,?,?,?,?)", rows
    )
    base.commit()
    base.close()


def cpu_s(process):
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(process):
    return int(next(line for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def part(values, fraction):
    return sorted(values)[min(len(values) - 1, int(fraction * len(values)))]


def page_metrics(tab):
    return {one["name"]: one["value"] for one in tab.ask("Performance.getMetrics")["metrics"]}


def scroll(tab, step, frames=180):
    before = page_metrics(tab)
    times = tab.value(f"({SCROLL})({step}, {frames})")
    after = page_metrics(tab)
    return {
        "frames_per_s": round(1000 / (sum(times) / len(times)), 1),
        "page_computes_ms_a_frame": round(1000 * (after["TaskDuration"] - before["TaskDuration"]) / frames, 2),
        "of_it_script_ms": round(1000 * (after["ScriptDuration"] - before["ScriptDuration"]) / frames, 2),
    }


def on_screen(tab):
    tab.value(WATCH)
    for number in range(100):
        tab.key("abcx"[number % 4])
        time.sleep(0.3)
    times = tab.value("shown")
    return {"median": round(part(times, 0.5), 1), "p95": round(part(times, 0.95), 1), "longest": round(max(times), 1), "pictures": len(times)}


def measure(read, folder):
    write_candidates(folder, read.candidates)
    words = [folder / "scores.csv", "--images", folder / "images", "--grades", folder / "g.sqlite", "--grader", "anna"] + (
        ["--sighted"] if read.sighted else []
    )
    if read.graded:
        Served(read.program, *words).end()
        fill_grades(folder / "g.sqlite", folder, read.graded)
    begin = time.monotonic()
    served = Served(read.program, *words)
    result = {
        "candidates": read.candidates,
        "graded": read.graded,
        "sighted": read.sighted,
        "load": os.getloadavg()[0],
        "start_s": round(time.monotonic() - begin, 2),
        "start_cpu_s": round(cpu_s(served.process.pid), 2),
    }
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
    browser = Chromium(chromium)
    try:
        tab = Tab(browser)
        tab.ask("Performance.enable", timeDomain="threadTicks")
        begin = time.monotonic()
        tab.open(served.of("anna"))
        result["opens_ms"] = round(1000 * (time.monotonic() - begin))
        result["state_bytes"] = tab.value("fetch('api/state?grader=anna').then((answer) => answer.text()).then((text) => text.length)")
        before = page_metrics(tab)
        times = tab.value(f"({NEXT})(100, 300)")
        computed = 1000 * (page_metrics(tab)["TaskDuration"] - before["TaskDuration"]) / 100
        result["next_ms"] = {
            "page_computes": round(computed, 2),
            "median": round(part(times, 0.5), 1),
            "p95": round(part(times, 0.95), 1),
            "longest": round(max(times), 1),
        }
        result["next_on_screen_ms"] = on_screen(tab)
        tab.value("set_mosaic(true)")
        tab.until("document.querySelectorAll('.tile img').length > 10")
        time.sleep(1)
        result["scroll_read"] = scroll(tab, 20)
        result["scroll_flung"] = scroll(tab, 2000)
        result["page_mb"] = round(page_metrics(tab)["JSHeapUsedSize"] / 1e6, 1)
        result["server_mb"] = round(memory_mb(served.process.pid), 1)
        result["server_cpu_s"] = round(cpu_s(served.process.pid), 2)
    finally:
        browser.close()
        served.end()
    return result


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program")
    arguments.add_argument("--candidates", type=int, default=100000)
    arguments.add_argument("--graded", type=int, default=0)
    arguments.add_argument("--sighted", action="store_true")
    read = arguments.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lensfind-grading-speed-"))
    try:
        print(json.dumps(measure(read, folder), indent=1))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
