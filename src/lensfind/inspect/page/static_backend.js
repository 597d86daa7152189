"use strict";
// In place of backend.js where there is no server: pictures stand in the page, grades stay in this browser until they are saved as a table.

const data = JSON.parse(document.getElementById("data").textContent);

const backend = {
  shelf: `lensfind ${data.order} ${data.grader}`,
  grader: data.grader,
  rows: [],
  open() {
    try { this.rows = JSON.parse(localStorage.getItem(this.shelf) || "[]"); } catch { this.rows = []; }
    const save = Object.assign(document.createElement("button"), { id: "save", type: "button", textContent: "save grades" });
    save.addEventListener("click", () => this.save());
    document.querySelector("nav").append(save);
    document.getElementById("change-grader").hidden = true;
    document.getElementById("band").parentElement.hidden = true;
  },
  keep(row) {
    localStorage.setItem(this.shelf, JSON.stringify([...this.rows, row]));
    this.rows.push(row);
  },
  standing() {
    const undone = new Set(this.rows.map((row) => row.undoes).filter(Boolean)), last = new Map();
    for (const row of this.rows) {
      if (row.undoes || undone.has(row.uid)) continue;
      last.delete(row.slot);
      last.set(row.slot, row);
    }
    return [...last.values()];
  },
  grades() { return this.standing().map((row) => [row.slot, row.grade, row.kind, row.note, row.seconds]); },

  async state() {
    const { grader, title, order, scheme, showings } = data;
    return { grader, title, order, scheme, blind: true, count: showings.length, widest_field: 1, row: 0, grades: this.grades() };
  },
  async graded() { return { order: data.order, row: 0, all: true, grades: this.grades() }; },
  async item() { return {}; },
  async grade(said) { this.keep({ ...said, time: new Date().toISOString() }); },
  async undo({ uid }) {
    const last = this.standing().pop();
    if (!last) throw new Error("there is nothing to take back");
    this.keep({ uid, slot: last.slot, grade: "", kind: "", note: "", time: new Date().toISOString(), undoes: last.uid });
    return { slot: last.slot, row: 0, all: true, grades: this.grades() };
  },

  picture_address(order, slot, view) {
    const held = data.pictures[data.showings[slot][0]];
    const png = (view.residual && held.residual) || held[view.scaling] || held.asinh;
    return png ? "data:image/png;base64," + png : "";
  },
  async picture(order, slot, view) {
    const held = data.pictures[data.showings[slot][0]];
    if (!held.asinh) throw new Error(held.fault || "it cannot be read");
    return { address: this.picture_address(order, slot, view), scale: held.scale, north_up: held.north_up, width: held.width, colours: held.colours, bands: [] };
  },

  save() {
    const field = (text) => (/^[=+\-@#]|[",;\n\r\t|]|^\s|\s$/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text);
    const lines = ["time,grader,object,presentation,scheme,grade,kind,note,seconds,uid,undoes"];
    for (const row of this.rows) {
      const [object, presentation] = data.showings[row.slot];
      lines.push([row.time, field(data.grader), field(data.pictures[object].id), presentation, field(data.scheme.name), field(row.grade), field(row.kind),
        field(row.note), row.seconds === undefined ? "" : row.seconds.toFixed(3), row.uid, row.undoes || ""].join(","));
    }
    const address = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/csv" }));
    Object.assign(document.createElement("a"), { href: address, download: `grades-${data.grader}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  },
};
backend.open();
