"use strict";
// A grid of any number of tiles of which only those in sight are in the document.

class Gallery {
  // `draw(tile, slot)` fills a tile; `chosen(slot)` hears of each choice, `opened(slot)` of a double click or Enter.
  constructor(box, { draw, chosen, opened }) {
    Object.assign(this, { box, draw, chosen, opened, slots: [], place: 0, side: 136, shown: new Map(), waiting: 0 });
    this.inner = document.createElement("div");
    this.inner.className = "tiles-inner";
    box.append(this.inner);
    box.addEventListener("scroll", () => this.soon());
    new ResizeObserver(() => this.soon()).observe(box);
    box.addEventListener("click", (event) => this.at(event, (place) => this.choose(place)));
    box.addEventListener("dblclick", (event) => this.at(event, (place) => this.opened(this.slots[place])));
  }

  at(event, act) {
    const tile = event.target.closest(".tile");
    if (tile) act(Number(tile.dataset.place));
  }
  show(slots) {
    this.slots = slots;
    this.place = Math.min(this.place, Math.max(0, slots.length - 1));
    this.clear();
    this.soon();
  }
  resize(side) {
    this.side = side;
    this.clear();
    this.bring();
    this.soon();
  }
  clear() {
    this.inner.replaceChildren();
    this.shown.clear();
  }
  get columns() { return Math.max(1, Math.floor(this.box.clientWidth / this.side)); }

  soon() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.render();
    });
  }
  render() {
    if (this.box.clientHeight === 0) return;
    const columns = this.columns;
    this.inner.style.height = Math.ceil(this.slots.length / columns) * this.side + "px";
    const first = Math.max(0, Math.floor(this.box.scrollTop / this.side) - 1) * columns;
    const last = Math.min(this.slots.length, (Math.ceil((this.box.scrollTop + this.box.clientHeight) / this.side) + 1) * columns);
    for (const [place, tile] of this.shown) {
      if (place >= first && place < last) continue;
      tile.remove();
      this.shown.delete(place);
    }
    for (let place = first; place < last; place++) {
      let tile = this.shown.get(place);
      if (!tile) {
        tile = document.createElement("div");
        tile.className = "tile";
        tile.id = "tile-" + place;
        tile.dataset.place = place;
        tile.setAttribute("role", "option");
        this.draw(tile, this.slots[place]);
        this.inner.append(tile);
        this.shown.set(place, tile);
      }
      tile.style.width = tile.style.height = this.side - 6 + "px";
      tile.style.transform = `translate(${(place % columns) * this.side}px, ${Math.floor(place / columns) * this.side}px)`;
      tile.setAttribute("aria-selected", place === this.place);
    }
    if (this.shown.has(this.place)) this.box.setAttribute("aria-activedescendant", "tile-" + this.place);
  }
  redraw(slot) {
    for (const [place, tile] of this.shown) if (this.slots[place] === slot) this.draw(tile, slot);
  }
  choose(place) {
    if (place < 0 || place >= this.slots.length) return;
    this.place = place;
    this.bring();
    this.soon();
    this.chosen(this.slots[place]);
  }
  // Scrolls so that the chosen tile is in sight.
  bring() {
    const top = Math.floor(this.place / this.columns) * this.side;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    else if (top + this.side > this.box.scrollTop + this.box.clientHeight) this.box.scrollTop = top + this.side - this.box.clientHeight;
  }
  // Whether the key moved the choice.
  moved(key) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns };
    const page = Math.max(1, Math.floor(this.box.clientHeight / this.side)) * this.columns;
    const to = { Home: 0, End: this.slots.length - 1, PageUp: Math.max(0, this.place - page), PageDown: Math.min(this.slots.length - 1, this.place + page) };
    if (key in steps) this.choose(this.place + steps[key]);
    else if (key in to) this.choose(to[key]);
    else return false;
    return true;
  }
}
