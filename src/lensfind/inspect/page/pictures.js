"use strict";
// One picture with all that is said of it, and the tiles of the mosaic.

const PREFETCHED = 12, KEPT = 80, LOOKED_AT = 500;

const view = { scaling: "asinh", band: "", residual: "", field: 1 };
const pictures = new Map(); // address -> promise of a picture, the one used last at the end

// A picture with an element that shows it at once: it is loaded and decoded beforehand.
async function loaded(slot) {
  const shown = await backend.picture(page.state.order, slot, { ...view });
  const image = Object.assign(new Image(), { id: "picture", alt: `picture ${slot + 1}`, draggable: false, src: shown.address });
  await image.decode();
  return { ...shown, image };
}

function picture(slot) {
  const address = backend.picture_address(page.state.order, slot, view);
  let wanted = pictures.get(address);
  pictures.delete(address);
  if (!wanted) {
    wanted = loaded(slot);
    wanted.catch(() => pictures.delete(address));
  }
  pictures.set(address, wanted);
  for (const old of pictures.keys()) {
    if (pictures.size <= KEPT) break;
    pictures.delete(old);
  }
  return wanted;
}

function draw_scale(shown) {
  const known = shown.scale > 0;
  $("scale").hidden = !known;
  $("compass").hidden = !shown.north_up;
  if (!known) return;
  const across = shown.scale * shown.width;
  const length = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120].filter((arcsec) => arcsec <= across / 3).pop() || 0.1;
  $("scale").style.width = (100 * length) / across + "%";
  $("scale").firstElementChild.textContent = length + "\u2033";
}

function show() {
  const slot = page.list[page.at];
  const grade = page.grades.get(slot);
  page.kind = grade?.kind || "";
  page.facts = {};
  page.since = performance.now();
  $("note").value = grade?.note || "";
  press_buttons(grade);
  name_picture();
  $("place").textContent = page.list.length ? `No. ${slot + 1}` + (page.list.length < page.state.count ? ` (${page.at + 1} of ${page.list.length} shown)` : "") : "nothing to show";
  for (const id of ["name", "position", "links", "facts"]) $(id).replaceChildren();
  if (page.list.length) show_facts(slot);
  return show_picture().then(() => (page.since = performance.now()));
}

// What a screen reader says of the picture.
function name_picture() {
  const slot = page.list[page.at], grade = page.grades.get(slot);
  const said = grade ? `graded ${grade.grade}${grade.kind ? ", " + grade.kind : ""}` : "not graded";
  $("frame").setAttribute("aria-label", slot === undefined ? "no picture" : `picture ${slot + 1}, ${said}; brackets or dragging change the contrast`);
}

function put_picture(image) {
  if ($("picture") === image) return;
  image.style.filter = light_filter();
  $("picture").replaceWith(image);
}

async function show_picture() {
  const slot = page.list[page.at];
  $("colours").textContent = "";
  const none = () => put_picture(Object.assign(new Image(), { id: "picture", alt: "" }));
  if (slot === undefined) return none();
  try {
    const shown = await picture(slot);
    if (slot !== page.list[page.at]) return;
    put_picture(shown.image);
    draw_scale(shown);
    $("colours").textContent = shown.colours + (shown.north_up ? "" : " Turned as in the file.");
    fill_bands(shown.bands);
  } catch (error) {
    none();
    $("colours").textContent = "No picture: " + error.message;
  }
  prefetch();
}

// The pictures that come next: those without a grade, where advance() goes, and the one that an arrow shows.
function prefetch() {
  let left = PREFETCHED;
  for (let place = page.at + 1; place < Math.min(page.list.length, page.at + LOOKED_AT) && left > 0; place++) {
    if (place > page.at + 1 && taken(page.list[place])) continue;
    picture(page.list[place]).catch(() => {});
    left--;
  }
}

function fill_bands(bands) {
  const select = $("band");
  if (select.options.length === bands.length + 1) return;
  select.replaceChildren(new Option("colours", ""), ...bands.map((band, i) => new Option(band, i)));
  select.value = view.band;
}

const link = (address, text) => Object.assign(document.createElement("a"), { href: address, textContent: text, target: "_blank", rel: "noopener noreferrer" });

async function show_facts(slot) {
  const facts = await backend.item(page.state.order, slot).catch(() => ({}));
  if (slot !== page.list[page.at]) return;
  page.facts = facts;
  $("name").textContent = [facts.id, facts.name, facts.known ? "known lens" : ""].filter(Boolean).join(" · ");
  if (facts.ra !== undefined) {
    const [ra, dec] = [facts.ra.toFixed(6), facts.dec.toFixed(6)];
    $("position").textContent = `RA ${ra}, Dec ${dec}`;
    $("links").replaceChildren(
      link(`https://www.legacysurvey.org/viewer?ra=${ra}&dec=${dec}&zoom=16&layer=ls-dr10`, "Legacy Surveys"),
      link(`https://aladin.cds.unistra.fr/AladinLite/?target=${ra}%20${dec}&fov=0.02`, "Aladin Lite"),
      link(`https://simbad.cds.unistra.fr/simbad/sim-coo?Coord=${ra}%20${dec}&Radius=10&Radius.unit=arcsec`, "SIMBAD"),
      link(`https://ned.ipac.caltech.edu/conesearch?coordinates=${ra}d%20${dec}d&radius=0.17&search_type=Near%20Position%20Search`, "NED"),
    );
  }
  const rows = [...(facts.columns || [])];
  if (facts.logit !== undefined && facts.logit !== null) rows.unshift(["logit", facts.logit.toFixed(2)]);
  for (const [who, grade] of page.others.get(slot) || []) rows.unshift([`graded by ${who}`, grade]);
  const table = document.createElement("table");
  for (const [name, value] of rows) {
    const row = table.insertRow();
    row.append(Object.assign(document.createElement("th"), { textContent: name, scope: "row" }));
    row.insertCell().textContent = value;
  }
  $("facts").replaceChildren(table);
}

function press_buttons(grade) {
  for (const button of $("grades").children) button.setAttribute("aria-pressed", button.dataset.grade === grade?.grade);
  for (const button of $("kinds").children) button.setAttribute("aria-pressed", button.dataset.kind === page.kind);
}

// What stands in a tile; its picture comes only `with_picture`, so that a list flies past without it.
function draw_tile(tile, slot, with_picture) {
  if (!tile.firstChild) {
    tile.append(Object.assign(document.createElement("img"), { alt: "", decoding: "async", draggable: false }),
      Object.assign(document.createElement("span"), { className: "badge" }), Object.assign(document.createElement("span"), { className: "tag" }));
  }
  const [image, badge, tag] = tile.children;
  const address = with_picture ? backend.picture_address(page.state.order, slot, view) : "";
  if (image.dataset.address !== address) {
    image.dataset.address = address;
    image.hidden = !address;
    if (address) image.src = address;
    else image.removeAttribute("src");
  }
  const grade = page.grades.get(slot);
  badge.textContent = grade?.grade || "";
  badge.hidden = !grade;
  tag.textContent = [page.known.has(slot) ? "known lens" : "", name_of(slot, () => gallery.redraw(slot)), grade?.kind].filter(Boolean).join(" \u00b7 ");
  tile.setAttribute("aria-label", `picture ${slot + 1}, ${grade ? "graded " + grade.grade : "not graded"}`);
}
