"""The measurements of score.sh (a JSON object a line) as a Markdown table: medians of images/s, and of ratios of neighbouring runs
(NAME_fraction is one that the program took itself).

score_table.py MEASUREMENTS
"""
import json
import statistics
import sys
from collections import defaultdict

measured = defaultdict(lambda: defaultdict(list))
for line in open(sys.argv[1]):
    if not line.startswith("{"):  # what a library of the peer prints
        continue
    row = json.loads(line)
    for key, value in row.items():
        measured[row["network"], row["precision"]][key].append(value)

print("| network | | PyTorch | lensfind, files | ratio | FITS | stack | engine alone | files / engine | FITS / engine | stack / engine | first score, ms |")
print("|" + "---|" * 12)
for (network, precision), of in measured.items():
    median = {key: statistics.median(of[key]) for key in ("peer", "files", "fits", "stack", "engine")}
    fraction = {key: statistics.median(of[f"{key}_fraction"]) for key in ("files", "fits", "stack")}
    ratio = statistics.median(a / b for a, b in zip(of["files"], of["peer"]))
    print(f"| {network} | {precision} | {median['peer']:.0f} | {median['files']:.0f} | **{ratio:.2f}** | {median['fits']:.0f} | {median['stack']:.0f} | "
          f"{median['engine']:.0f} | {fraction['files']:.2f} | {fraction['fits']:.2f} | {fraction['stack']:.2f} | "
          f"{of['cached'][0]} ({of['fresh'][0]} uncached) |")
