"""Writes docs/results.md from what scripts/results left.   results_page.py RESULTS PAGE VERSION"""
import csv
import pathlib
import platform
import re
import shutil
import sys

results, page, version = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3].strip()

NOT_RUN = "<!-- not run by the tests: days of training; scripts/results runs it -->"
FIGURES = [("average_precision", "average precision"), ("auc", "AUC"), ("f1", "F1"), ("tpr_at_fpr_1e-2", "TPR at FPR 1e-2"),
           ("tpr_at_fpr_1e-3", "TPR at FPR 1e-3")]
SYSTEMS = [("ResNet-18", "study-resnet18", "lensfind"), ("EfficientNet-B1", "study-efficientnet-b1", "lensfind-efficientnet-b1"),
           ("EfficientNet-B2", "study-efficientnet-b2", "lensfind-efficientnet-b2"),
           ("MobileViTv2-100", "study-mobilevitv2", "lensfind-mobilevitv2"), ("ensemble B1 + B2", "study-b1-b2", "lensfind-b1-b2")]


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def mean_and_spread(row, figure):
    mean, std = row[figure + "_mean"], row[figure + "_std"]
    if not mean:
        return "–"
    return f"{float(mean):.3f} ± {float(std):.3f}" if std else f"{float(mean):.3f}"


def with_interval(row, figure):
    return f"{float(row[figure]):.3f} ({float(row[figure + '_low']):.3f}–{float(row[figure + '_high']):.3f})" if row[figure] else "–"


def difference(table, figure, first, second):
    for row in table:
        if row["figure"] != figure or {row["first"], row["second"]} != {first, second}:
            continue
        value, low, high = (float(row[key]) for key in ("difference", "low", "high"))
        if row["first"] != first:
            value, low, high = 0 - value, 0 - high, 0 - low
        bold = "**" if low > 0 or high < 0 else ""
        return f"{bold}{value:+.3f}{bold} ({low:+.3f} to {high:+.3f})"
    raise SystemExit(f"{first} and {second} were not compared")


def table(head, lines):
    out = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(out + ["| " + " | ".join(line) + " |" for line in lines]) + "\n"


def wrapped(words, width, joint):
    """Lines of at most `width` characters where the words allow it, each but the last ended by `joint`."""
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return joint.join(lines)


def command(name):
    text = (results / (name + ".command")).read_text().strip().replace(str(results), "build/results")
    return "```sh\n" + wrapped(re.split(r"(?<!\\) ", text), 115, " \\\n  ") + f"\n```\n\n{NOT_RUN}\n"


def prose(text):
    return "\n\n".join(wrapped(paragraph.split(), 120, "\n") for paragraph in text.split("\n\n")) + "\n"


def picture(name, figure, words):
    image = page.parent / "images" / f"results-{name}.svg"
    image.parent.mkdir(exist_ok=True)
    shutil.copy(results / name / "figures" / f"{figure}.svg", image)
    return f"![{words}](images/{image.name})\n"


def setting():
    with open(results / "set" / "truth.csv", newline="") as file:
        count = {}
        for row in csv.DictReader(file):
            key = row["split"], row["label"]
            count[key] = count.get(key, 0) + 1
    processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    return prose(f"Simulated HSC cutouts (`--survey hsc --scaling minmax --seed 1`): {count['train', '1']} lenses and {count['train', '0']} non-lenses "
                 f"to train on, {count['test', '1']} and {count['test', '0']} to test. Networks begin from random weights. lensfind {version}; "
                 f"{processor}.\n\n`scripts/results` makes the set, trains with the same seeds and commands, and writes this page.\n\n"
                 "[Networks](networks.md#which-network-finds-more) compares networks at equal training.")


def resnet18():
    folder = results / "resnet18"
    lines = [[row["recipe"], row["seeds"]] + [mean_and_spread(row, key) for key, _ in FIGURES] for row in rows(folder / "recipes.csv")]
    differences = rows(folder / "differences.csv")
    text = table(["recipe", "seeds"] + [title for _, title in FIGURES], lines)
    text += "\nOurs minus the study's, of the means, with 95% intervals over test samples and seeds (bold: 0 is outside):\n"
    kept = [(key, title) for key, title in FIGURES if any(row["figure"] == key for row in differences)]
    return text + "\n" + table([title for _, title in kept], [[difference(differences, key, "lensfind", "study-resnet18") for key, _ in kept]])


def ablations():
    return one_thing_changed(results / "ablations", [("average_precision", "average precision")], "auc")


def augmentations():
    compared = [("average_precision", "average precision"), ("tpr_at_fpr_1e-2", "TPR at FPR 1e-2")]
    return one_thing_changed(results / "augmentations", compared, "auc")


def one_thing_changed(folder, compared, beside):
    """A line a recipe: the figures that are compared, each with what it gains on `lensfind`, and one more beside them."""
    differences = rows(folder / "differences.csv")
    lines = []
    for row in rows(folder / "recipes.csv"):
        name = row["recipe"]
        line = [name, row["seeds"]]
        for key, _ in compared:
            line += [mean_and_spread(row, key), "–" if name == "lensfind" else difference(differences, key, name, "lensfind")]
        lines.append(line + [mean_and_spread(row, beside)])
    head = [words for _, title in compared for words in (title, "minus lensfind")]
    return table(["recipe", "seeds"] + head + [dict(FIGURES)[beside]], lines)


def systems():
    folder = results / "systems"
    table_of = {row["model"]: row for row in rows(folder / "table.csv")}
    differences = rows(folder / "differences.csv")
    lines = []
    for title, study, ours in SYSTEMS:
        lines.append([title] + [with_interval(table_of[name], key) for key in ("average_precision", "auc") for name in (study, ours)]
                     + [difference(differences, "average_precision", ours, study)])
    return table(["system", "average precision: study", "ours", "AUC: study", "ours", "average precision, ours minus study"], lines)


# (title, folder of the results, its table, (figure, caption), words)
parts = [
    ("ResNet-18: the study's recipe and ours", "resnet18", resnet18,
     ("roc", "ROC curves of the first seed of either recipe, false-positive rate on a logarithmic axis"),
     "Mean ± standard deviation of single seeds. `f1` is the threshold that each model's own validation split chose."),
    ("What each ingredient adds", "ablations", ablations, None,
     "Each line is `lensfind` with one thing changed, on ResNet-18. A negative difference is what the ingredient is worth."),
    ("Augmentations", "augmentations", augmentations, None,
     "Each line is `lensfind`, which rotates, flips and shifts already, with one [augmentation](recipes.md#augmentation) more, on `resnet18_half`. "
     "`mixup` mixes every cutout, the others change half of them."),
    ("The five systems", "systems", systems, ("comparison", "AUC, F1, precision and recall of all systems with both recipes"),
     "One seed each, with 95% intervals over test samples; they do not hold the spread between seeds. The set has a tenth of the study's samples, so "
     "the study's recipe takes a tenth of the steps at the same small rate. Large networks that begin from random weights bear that worst."),
]
text = "# Results: the published study's recipe and ours\n\n" + setting()
for title, name, make, figure, words in parts:
    if (results / name / "differences.csv").exists():
        text += f"\n## {title}\n\n{prose(words)}\n{make()}\n"
        if figure:
            text += picture(name, *figure) + "\n"
        text += command(name)
page.write_text(text)
print(f"{page}: written")
