"""The measurements of score.sh (a JSON object a line) as a Markdown table: medians of images/s, and of ratios of neighbouring runs.

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
    ratio = {key: statistics.median(a / b for a, b in zip(of[key[0]], of[key[1]])) for key in (("files", "peer"), ("files", "engine"), ("fits", "engine"), ("stack", "engine"))}
    print(f"| {network} | {precision} | {median['peer']:.0f} | {median['files']:.0f} | **{ratio['files', 'peer']:.2f}** | {median['fits']:.0f} | {median['stack']:.0f} | "
          f"{median['engine']:.0f} | {ratio['files', 'engine']:.2f} | {ratio['fits', 'engine']:.2f} | {ratio['stack', 'engine']:.2f} | {of['cached'][0]} ({of['fresh'][0]} uncached) |")
