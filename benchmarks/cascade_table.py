"""What a cascade did beside its teacher alone on the same survey, as a row of a Markdown table.

cascade_table.py FOLDER PRECISION TEACHER_IMAGES_PER_SECOND CASCADE_IMAGES_PER_SECOND
"""
import csv
import json
import sys

folder, precision, alone, both = sys.argv[1:]
threshold = json.load(open(f"{folder}/cascade/model.json"))["cascade"]["threshold"]
labels = {row["id"]: row["label"] for row in csv.DictReader(open(f"{folder}/survey/train.csv"))}
teacher = {row["id"]: float(row["logit"]) for row in csv.DictReader(open(f"{folder}/alone.csv"))}
stage = {row["id"]: row["stage"] for row in csv.DictReader(open(f"{folder}/both.csv"))}
lenses = [name for name in stage if labels[name] == "1"]
found = [name for name in lenses if teacher[name] >= threshold]
lost = [name for name in found if stage[name] == "student"]
seen = sum(1 for name in stage if stage[name] == "teacher")
print(f"| {precision} | {alone} | {both} | **{float(both) / float(alone):.1f}** | {seen / len(stage):.4f} | "
          f"{len(lost)} of {len(found)} ({len(lenses)} lenses) |")
