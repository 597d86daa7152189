#!/usr/bin/env python3
"""How fast training goes beside other work, on one thread and on all.

    busy_training.py LENSFIND [--busy N] [--seconds S] [--rounds R] [--recipe NAME]

Starts N loops that do nothing but compute (default: twice the cores), and trains on 1,000 simulated cutouts for S seconds each, in turns: on one thread, on all
threads, and on all threads with OpenMP's own way of waiting (GOMP_SPINCOUNT=300000), which spins. Says images a second as JSON, the median of R rounds, and the
ratio to one thread. With --busy 0: what sleeping at barriers costs an idle machine.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

WAYS = {"one_thread": (1, {}), "all_threads": (os.cpu_count(), {}), "all_threads_spinning": (os.cpu_count(), {"GOMP_SPINCOUNT": "300000"})}


def images_a_second(program, recipe, folder, threads, more, seconds):
    """The median of the rates that the progress bar said."""
    out = folder / "model"
    shutil.rmtree(out, ignore_errors=True)
    words = [program, "train", "--recipe", recipe, "--data", folder / "set", "--out", out, "--threads", threads, "--set", "epochs=1000"]
    process = subprocess.Popen(list(map(str, words)), env=os.environ | more, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    end = time.monotonic() + seconds
    rates = []
    for line in process.stderr:
        if found := re.search(r"images, .* ([\d,.]+)/s,", line):
            rates.append(float(found[1].replace(",", "")))
        if time.monotonic() > end and rates:
            process.terminate()
            break
    process.communicate()
    if not rates:
        sys.exit("error: nothing was trained")
    return statistics.median(rates)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program")
    arguments.add_argument("--busy", type=int, default=2 * os.cpu_count())
    arguments.add_argument("--seconds", type=float, default=30)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--recipe", default="demo")
    read = arguments.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lensfind-busy-training-"))
    sizes = ["--lenses", "200", "--nonlenses", "800", "--test-lenses", "1", "--test-nonlenses", "1"]
    simulate = [read.program, "simulate", folder / "set", "--survey", "hsc", "--scaling", "minmax", "--quiet", *sizes]
    subprocess.run(simulate, check=True, stdout=subprocess.DEVNULL)
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(read.busy)]
    rates = {way: [] for way in WAYS}
    try:
        for _ in range(read.rounds):
            for way, (threads, more) in WAYS.items():
                rates[way].append(images_a_second(read.program, read.recipe, folder, threads, more, read.seconds))
    finally:
        for loop in loops:
            loop.kill()
        shutil.rmtree(folder)
    median = {way: statistics.median(of) for way, of in rates.items()}
    result = {way: {"images_a_second": round(median[way], 1), "to_one_thread": round(median[way] / median["one_thread"], 2)} for way in WAYS}
    print(json.dumps({"busy": read.busy, "threads": os.cpu_count(), "load": os.getloadavg()[0], **result}, indent=1))


if __name__ == "__main__":
    main()
