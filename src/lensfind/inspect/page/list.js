"use strict";
// What the page knows, and which pictures it shows in which order.

const $ = (id) => document.getElementById(id);

const page = {
  grader: "", state: null, row: 0, grades: new Map(), others: new Map(), known: new Set(), columns: null, names: new Map(), recent: [],
  list: [], at: 0, kind: "", since: 0, waiting: [], sending: false, saying: 0,
};

const RECENT = 101; // grades whose times say how long the rest will take
const NAMES = 200;  // ids that are asked for at a time

const level_of = (grade) => page.state.scheme.grades.find((level) => level.grade === grade);
const value_of = (slot) => (page.grades.has(slot) ? level_of(page.grades.get(slot).grade)?.value : undefined);

function spread_of(slot) {
  const values = [...(page.others.get(slot)?.values() || [])].map((grade) => level_of(grade)?.value).concat(value_of(slot)).filter((v) => v !== undefined);
  return values.length < 2 ? -1 : Math.max(...values) - Math.min(...values);
}

// The grade holds now; an empty one: none does.
function keep_grade(slot, said) {
  if (!said.grade) return page.grades.delete(slot);
  page.grades.set(slot, said);
  if (said.seconds > 0) page.recent.push(said.seconds);
  if (page.recent.length > 2 * RECENT) page.recent.splice(0, page.recent.length - RECENT);
}

// What the server says of grades: everything, or what changed. Returns the slots.
function take_answer(answer, everything) {
  if (everything) [page.grades, page.others, page.recent] = [new Map(), new Map(), []];
  for (const [slot, grade, kind, note, seconds] of answer.grades) keep_grade(slot, { grade, kind, note, seconds });
  for (const [slot, who, grade] of answer.others || []) {
    const said = page.others.get(slot) || new Map();
    if (grade) said.set(who, grade);
    else said.delete(who);
    page.others.set(slot, said);
  }
  page.row = answer.row;
  return [...answer.grades, ...(answer.others || [])].map(([slot]) => slot);
}

// An id where it is known; else it is asked for, and `then` is called when it came.
function name_of(slot, then) {
  if (page.state.blind) return "";
  const place = Math.floor(slot / NAMES);
  const names = page.names.get(place);
  if (Array.isArray(names)) return names[slot - place * NAMES] || "";
  const asked = names || backend.names(page.state.order, place * NAMES, NAMES).then((answer) => page.names.set(place, answer.ids), () => page.names.delete(place));
  if (!names) page.names.set(place, asked);
  asked.then(then);
  return "";
}

function choices() {
  const filters = [["all", "all"], ["open", "not yet graded"], ["graded", "graded"], ["noted", "with a note"]];
  for (const level of page.state.scheme.grades) filters.push(["=" + level.grade, "graded " + level.grade]);
  for (const { kind } of page.state.scheme.kinds) filters.push(["+" + kind, kind]);
  const sorts = [["order", page.state.blind ? "my order" : "score"], ["grade", "grade"]];
  if (!page.state.blind) {
    filters.push(["known", "known"], ["apart", "graders disagree"], ["score", "score from ..."], ["near", "near RA, Dec ..."]);
    for (const grader of new Set([...page.others.values()].flatMap((said) => [...said.keys()]))) {
      filters.push(["@" + grader, "graded by " + grader]);
      sorts.push(["@" + grader, "grade by " + grader]);
    }
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

// Degrees on the sky between a slot and a place; infinite where its position is not known.
function degrees_from(slot, [ra, dec]) {
  if ((page.columns?.ra[slot] ?? null) === null) return Infinity;
  const rad = Math.PI / 180, [a, b] = [page.columns.dec[slot] * rad, dec * rad];
  const sines = Math.sin((a - b) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(((page.columns.ra[slot] - ra) * rad) / 2) ** 2;
  return (2 * Math.asin(Math.min(1, Math.sqrt(sines)))) / rad;
}

// What the field beside the filter takes, where it takes anything.
function asks(filter) {
  if (filter[0] === "@") return "which grade; empty: any";
  return { score: "logit, as 2.5", near: "RA Dec, degrees, and radius" }[filter] || "";
}
const asked_numbers = () => $("value").value.split(/[\s,;]+/).filter(Boolean).map(Number);

function passer(filter) {
  const numbers = asked_numbers().filter(Number.isFinite), grade = $("value").value.trim().toLowerCase();
  if (filter === "open") return (slot) => !page.grades.has(slot);
  if (filter === "graded") return (slot) => page.grades.has(slot);
  if (filter === "noted") return (slot) => !!page.grades.get(slot)?.note;
  if (filter === "known") return (slot) => page.known.has(slot);
  if (filter === "apart") return (slot) => spread_of(slot) > 0;
  if (filter === "score") return (slot) => !(numbers.length >= 1) || (page.columns?.logit[slot] ?? -Infinity) >= numbers[0];
  if (filter === "near") return (slot) => !(numbers.length >= 2) || degrees_from(slot, numbers) <= (numbers[2] ?? 0.1);
  if (filter[0] === "=") return (slot) => page.grades.get(slot)?.grade === filter.slice(1);
  if (filter[0] === "+") return (slot) => page.grades.get(slot)?.kind === filter.slice(1);
  if (filter[0] === "@") {
    return (slot) => {
      const said = page.others.get(slot)?.get(filter.slice(1));
      return !!said && (!grade || said.toLowerCase() === grade);
    };
  }
  return () => true;
}

function sort_key(sort) {
  if (sort === "grade") return (slot) => value_of(slot) ?? -Infinity;
  if (sort === "apart") return spread_of;
  if (sort === "position") return (slot) => -(page.columns?.ra[slot] ?? 999);
  if (sort[0] === "@") return (slot) => level_of(page.others.get(slot)?.get(sort.slice(1)))?.value ?? -Infinity;
  return null;
}

function make_list(keep) {
  const passes = passer($("filter").value), key = sort_key($("sort").value);
  page.list = [];
  for (let slot = 0; slot < page.state.count; slot++) if (passes(slot)) page.list.push(slot);
  if (key) {
    const keys = new Map(page.list.map((slot) => [slot, key(slot)]));
    page.list.sort((a, b) => keys.get(b) - keys.get(a) || a - b);
  }
  const place = page.list.indexOf(keep);
  page.at = place >= 0 ? place : 0;
  gallery.show(page.list);
}

// What filters and sorts need comes first.
async function change_list() {
  const filter = $("filter").value, sort = $("sort").value;
  const asked = asks(filter), of_columns = filter === "score" || filter === "near";
  $("value").hidden = !asked;
  $("value").placeholder = asked;
  if (of_columns && asked_numbers().some(Number.isNaN)) say(`the filter takes numbers: ${asked}`);
  if (!page.columns && (of_columns || sort === "position")) page.columns = await backend.columns(page.state.order);
  choices();
  make_list(page.list[page.at]);
  await show();
}
