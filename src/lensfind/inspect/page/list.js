"use strict";
// What the page knows, and which pictures it shows in which order.

const $ = (id) => document.getElementById(id);

const page = { grader: "", state: null, grades: new Map(), others: new Map(), list: [], at: 0, kind: "", since: 0, waiting: [], sending: false };

const level_of = (grade) => page.state.scheme.grades.find((level) => level.grade === grade);
const value_of = (slot) => (page.grades.has(slot) ? level_of(page.grades.get(slot).grade)?.value : undefined);

function spread_of(slot) {
  const values = [...(page.others.get(slot) || []).map(([, grade]) => level_of(grade)?.value), value_of(slot)].filter((v) => v !== undefined);
  return values.length < 2 ? -1 : Math.max(...values) - Math.min(...values);
}

function choices() {
  const filters = [["all", "all"], ["open", "not yet graded"], ["graded", "graded"], ["noted", "with a note"]];
  for (const level of page.state.scheme.grades) filters.push(["=" + level.grade, "graded " + level.grade]);
  for (const { kind } of page.state.scheme.kinds) filters.push(["+" + kind, kind]);
  const sorts = [["order", page.state.blind ? "my order" : "score"], ["grade", "grade"]];
  if (!page.state.blind) {
    filters.push(["known", "known"], ["apart", "graders disagree"]);
    for (const grader of new Set([...page.others.values()].flat().map(([who]) => who))) filters.push(["@" + grader, "graded by " + grader]);
    sorts.push(["position", "right ascension"], ["apart", "disagreement"]);
  }
  const fill = (select, options) => {
    const before = select.value;
    select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
    select.value = options.some(([value]) => value === before) ? before : options[0][0];
  };
  fill($("filter"), filters);
  fill($("sort"), sorts);
}

function passes(slot, filter) {
  const grade = page.grades.get(slot);
  if (filter === "open") return !grade;
  if (filter === "graded") return !!grade;
  if (filter === "noted") return !!grade?.note;
  if (filter === "known") return page.state.known.includes(slot);
  if (filter === "apart") return spread_of(slot) > 0;
  if (filter[0] === "=") return grade?.grade === filter.slice(1);
  if (filter[0] === "+") return grade?.kind === filter.slice(1);
  if (filter[0] === "@") return (page.others.get(slot) || []).some(([who]) => who === filter.slice(1));
  return true;
}

function make_list(keep) {
  const filter = $("filter").value, sort = $("sort").value;
  page.list = [];
  for (let slot = 0; slot < page.state.count; slot++) if (passes(slot, filter)) page.list.push(slot);
  const key = { grade: (slot) => value_of(slot) ?? -Infinity, apart: spread_of, position: (slot) => -(page.state.positions?.[slot]?.[0] ?? 999) }[sort];
  if (key) {
    const keys = new Map(page.list.map((slot) => [slot, key(slot)]));
    page.list.sort((a, b) => keys.get(b) - keys.get(a) || a - b);
  }
  const place = page.list.indexOf(keep);
  page.at = place >= 0 ? place : 0;
  gallery.show(page.list);
}
