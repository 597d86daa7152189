"use strict";
// What people do on the page, and that no grade is lost. `backend` (backend.js) stores grades and gives pictures.

// Grades are sent one after the other, and each is said to be stored only when the server says so.

const new_uid = () => [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// For as long as it takes to read: it lies over the page.
function say(text) {
  $("said").textContent = text;
  clearTimeout(page.saying);
  page.saying = setTimeout(() => { $("said").textContent = ""; }, 6000);
}

function give(grade) {
  if (!page.list.length) return;
  const slot = page.list[page.at];
  const seconds = Math.min((performance.now() - page.since) / 1000, 3600);
  const said = { grader: page.grader, order: page.state.order, slot, grade, kind: page.kind, note: $("note").value.trim(), seconds, uid: new_uid() };
  page.waiting.push(said);
  send();
  advance();
}

async function send() {
  if (page.sending) return;
  page.sending = true;
  while (page.waiting.length) {
    const said = page.waiting[0];
    try {
      await backend.grade(said);
      page.waiting.shift();
      keep_grade(said.slot, { grade: said.grade, kind: said.kind, note: said.note, seconds: said.seconds });
      $("trouble").hidden = page.waiting.length === 0 || $("trouble").hidden;
      say(`No. ${said.slot + 1}: ${said.grade}${said.kind ? ", " + said.kind : ""} stored`);
      gallery.redraw(said.slot);
      if (said.slot === page.list[page.at]) {
        press_buttons(page.grades.get(said.slot));
        name_picture();
      }
      show_progress();
    } catch (error) {
      const hopeless = error.status >= 400 && error.status < 500;
      trouble(`${page.waiting.length} grade(s) not stored: ${error.message}` + (hopeless ? "" : "; trying again"));
      if (hopeless) page.waiting.shift();
      else await new Promise((done) => setTimeout(done, 1500));
      continue;
    }
    $("trouble").hidden = true;
  }
  page.sending = false;
}

function trouble(text) {
  $("trouble").textContent = text;
  $("trouble").hidden = false;
}

const taken = (slot) => page.grades.has(slot) || page.waiting.some((said) => said.slot === slot);

// To the next picture without a grade, else to the next.
function advance() {
  let to = page.at + 1;
  while (to < page.list.length && taken(page.list[to])) to++;
  if (to >= page.list.length) to = page.list.findIndex((slot) => !taken(slot));
  if (to < 0) to = Math.min(page.at + 1, page.list.length - 1);
  go(to);
}

function go(place) {
  if (place < 0 || place >= page.list.length) return;
  page.at = place;
  gallery.place = place;
  if (!$("mosaic").hidden) {
    gallery.bring();
    gallery.soon();
  }
  show();
}

async function undo() {
  if (page.waiting.length) return say("wait: a grade is being stored");
  try {
    const answer = await backend.undo({ grader: page.grader, order: page.state.order, uid: new_uid() });
    take_answer(answer, answer.all);
    say(`No. ${answer.slot + 1}: the last grade is taken back`);
    const place = page.list.indexOf(answer.slot);
    if (place >= 0) go(place);
    gallery.redraw(answer.slot);
    show_progress();
  } catch (error) {
    say(error.message);
  }
}

function show_progress() {
  const done = page.grades.size, all = page.state.count;
  $("progress").max = all;
  $("progress").value = done;
  const seconds = page.recent.slice(-RECENT).sort((a, b) => a - b);
  const left = seconds.length ? ((all - done) * seconds[seconds.length >> 1]) / 60 : 0;
  const time = left >= 90 ? `${(left / 60).toFixed(1)} h` : `${Math.ceil(left)} min`;
  $("progress-text").textContent = `${done} of ${all}` + (done === all ? ", all done" : left > 0 ? `, about ${time} left` : "");
}

function set_view(change) {
  Object.assign(view, change);
  $("scaling").value = view.scaling;
  $("band").value = view.band;
  $("field").value = view.field;
  $("residual").value = view.residual;
  gallery.clear();
  gallery.soon();
  show_picture();
}

function light_filter() {
  const [c, b] = [$("contrast").value, $("brightness").value];
  return c === "100" && b === "100" ? "" : `brightness(${b}%) contrast(${c}%)`;
}

function set_light(contrast, brightness) {
  $("contrast").value = contrast;
  $("brightness").value = brightness;
  $("picture").style.filter = light_filter();
}

function set_mosaic(on) {
  $("mosaic").hidden = !on;
  $("single").hidden = on;
  $("toggle").firstChild.textContent = on ? "one by one " : "mosaic ";
  if (on) {
    gallery.place = page.at;
    gallery.soon();
    gallery.measure();
    gallery.bring();
    $("tiles").focus();
  }
}

async function copy_position() {
  if (page.facts?.ra === undefined) return say("no position is known");
  const text = `${page.facts.ra.toFixed(6)} ${page.facts.dec.toFixed(6)}`;
  await navigator.clipboard.writeText(text).then(() => say(`copied: ${text}`), () => say(`RA Dec: ${text}`));
}

function next_of(select) {
  return select.options[(select.selectedIndex + 1) % select.options.length].value;
}

function set_kind(kind) {
  page.kind = page.kind === kind ? "" : kind;
  press_buttons(page.grades.get(page.list[page.at]));
}

const commands = {
  n: ["write a note (Escape leaves it)", () => (set_mosaic(false), $("note").focus())],
  u: ["take the last grade back", undo],
  g: ["mosaic, or one by one", () => set_mosaic($("mosaic").hidden)],
  v: ["without the smooth galaxy, without the lens fit where there is one, and back", () => set_view({ residual: next_of($("residual")) })],
  t: ["other stretch", () => set_view({ scaling: next_of($("scaling")) })],
  l: ["single bands, and colours", () => set_view({ band: next_of($("band")) })],
  f: ["wider field, where there is one", () => page.state.widest_field > 1 && set_view({ field: Number(next_of($("field"))) })],
  "[": ["less contrast", () => set_light(Number($("contrast").value) - 20, $("brightness").value)],
  "]": ["more contrast", () => set_light(Number($("contrast").value) + 20, $("brightness").value)],
  o: ["contrast and brightness as they were", () => set_light(100, 100)],
  y: ["copy RA and Dec", copy_position],
  "?": ["these keys", () => $("help").showModal()],
};

function pressed(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || !page.state) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.target.matches("textarea, input:not([type=checkbox])")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const select = event.target.matches("select");
  if (select && event.key.startsWith("Arrow")) return;
  const named = (all) => all.find(({ key }) => key === event.key) || all.find(({ key }) => key === event.key.toLowerCase()); // also with caps lock
  const level = named(page.state.scheme.grades), kind = named(page.state.scheme.kinds), command = commands[event.key] || commands[event.key.toLowerCase()];
  if (level) give(level.grade);
  else if (kind) set_kind(kind.kind);
  else if (command) command[1]();
  else if (!$("mosaic").hidden && !select && gallery.moved(event.key)) { /* it moved */ }
  else if (!$("mosaic").hidden && event.key === "Enter" && event.target === $("tiles")) set_mosaic(false);
  else if ($("mosaic").hidden && event.key === "ArrowRight") go(page.at + 1);
  else if ($("mosaic").hidden && event.key === "ArrowLeft") go(page.at - 1);
  else return;
  event.preventDefault();
}

function make_buttons() {
  const button = (key, parts, data, act) => {
    const made = Object.assign(document.createElement("button"), { type: "button" });
    Object.assign(made.dataset, data);
    made.setAttribute("aria-keyshortcuts", key);
    made.append(...parts, Object.assign(document.createElement("kbd"), { textContent: key }));
    made.addEventListener("click", act);
    return made;
  };
  const text = (tag, content) => Object.assign(document.createElement(tag), { textContent: content });
  $("grades").replaceChildren(...page.state.scheme.grades.map((level) =>
    button(level.key, [text("strong", level.grade)], { grade: level.grade }, () => give(level.grade))));
  page.state.scheme.grades.forEach((level, i) => $("grades").children[i].append(text("span", level.meaning)));
  $("kinds").replaceChildren(...page.state.scheme.kinds.map(({ kind, key }) => button(key, [kind + " "], { kind }, () => set_kind(kind))));
  $("kinds-box").hidden = page.state.scheme.kinds.length === 0;
  $("field-label").hidden = page.state.widest_field === 1;
  if (!page.state.has_fit) $("residual").querySelector("[value=fit]")?.remove();
  $("scheme-title").textContent = page.state.scheme.title;
  const keys = [...page.state.scheme.grades.map((level) => [level.key, `grade ${level.grade}: ${level.meaning}`]),
    ...page.state.scheme.kinds.map(({ kind, key }) => [key, `kind: ${kind}`]), ["\u2190 \u2192", "back, next"],
    ...Object.entries(commands).map(([key, [what]]) => [key, what])];
  $("keys").replaceChildren(...keys.flatMap(([key, what]) => {
    const term = document.createElement("dt");
    term.append(text("kbd", key));
    return [term, text("dd", what)];
  }));
}

async function begin(grader) {
  page.state = await backend.state(grader);
  page.grader = page.state.grader;
  document.title = $("title").textContent = page.state.title || "Grading";
  $("grader").textContent = page.grader;
  Object.assign(page, { known: new Set(page.state.known), columns: null, names: new Map() });
  take_answer(page.state, true);
  make_buttons();
  choices();
  make_list(-1);
  const first = page.list.findIndex((slot) => !page.grades.has(slot));
  show_progress();
  go(first < 0 ? 0 : first);
}

// Grades of another tab, or another grader, come in.
async function look_again() {
  if (!page.state || document.hidden || page.waiting.length) return;
  const answer = await backend.graded(page.grader, page.row).catch((error) => {
    if (error.status === 409) trouble("The server has another list now: load the page again.");
    return null;
  });
  if (!answer || page.waiting.length) return;
  if (answer.order !== page.state.order) return trouble("The server has another list now: load the page again.");
  for (const slot of take_answer(answer, answer.all)) gallery.redraw(slot);
  show_progress();
}

function ask_name() {
  $("who-name").value = page.grader;
  $("who").showModal();
}

const gallery = new Gallery($("tiles"), {
  draw: draw_tile,
  chosen: (slot) => { page.at = page.list.indexOf(slot); show(); },
  opened: () => set_mosaic(false),
});

document.addEventListener("keydown", pressed);
$("filter").addEventListener("change", () => { $("value").value = ""; }); // it was for another filter
for (const id of ["filter", "sort", "value"]) $(id).addEventListener("change", () => change_list().catch((error) => trouble(error.message)));
for (const id of ["scaling", "band", "residual"]) $(id).addEventListener("change", () => set_view({ [id]: $(id).value }));
$("field").addEventListener("change", () => set_view({ field: Number($("field").value) }));
for (const id of ["contrast", "brightness"]) $(id).addEventListener("input", () => set_light($("contrast").value, $("brightness").value));
$("tile").addEventListener("input", () => gallery.resize(Number($("tile").value)));
$("toggle").addEventListener("click", commands.g[1]);
$("open-help").addEventListener("click", commands["?"][1]);
$("back").addEventListener("click", () => go(page.at - 1));
$("next").addEventListener("click", () => go(page.at + 1));
$("undo").addEventListener("click", undo);
$("copy").addEventListener("click", copy_position);
$("change-grader").addEventListener("click", ask_name);
$("frame").addEventListener("dblclick", () => set_light(100, 100));
$("frame").addEventListener("pointerdown", (event) => {
  const start = { x: event.clientX, y: event.clientY, contrast: Number($("contrast").value), brightness: Number($("brightness").value) };
  const moved = (to) => set_light(start.contrast + (to.clientX - start.x) / 2, start.brightness - (to.clientY - start.y) / 2);
  $("frame").setPointerCapture(event.pointerId);
  $("frame").addEventListener("pointermove", moved);
  for (const end of ["pointerup", "pointercancel"]) $("frame").addEventListener(end, () => $("frame").removeEventListener("pointermove", moved), { once: true });
});
$("who-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = $("who-name").value.trim();
  begin(name).then(() => { $("who").close(); history.replaceState(null, "", "?grader=" + encodeURIComponent(name)); }, (error) => trouble(error.message));
});
addEventListener("beforeunload", (event) => { if (page.waiting.length) event.preventDefault(); });
setInterval(look_again, 15000);

const asked = backend.grader || new URLSearchParams(location.search).get("grader");
if (asked) begin(asked).catch((error) => { trouble(error.message); ask_name(); });
else ask_name();
