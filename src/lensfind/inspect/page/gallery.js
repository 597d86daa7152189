"use strict";
// A grid of any number of tiles of which only those in sight are in the document.

class Gallery {
  // `draw(tile, slot, with_picture)` fills a tile; `chosen(slot)` hears of each choice, `opened(slot)` of a double click or Enter.
  constructor(box, { draw, chosen, opened }) {
    Object.assign(this, { box, draw, chosen, opened, slots: [], place: 0, wanted: 136, side: 136, columns: 1, shown: new Map(), spare: [], waiting: 0, top: 0, flies: false, rest: 0 });
    this.inner = document.createElement("div");
    this.inner.className = "tiles-inner";
    box.append(this.inner);
    box.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => (this.measure(), this.render())).observe(box); // at once: it comes before the frame is painted, which would be empty
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
    this.wanted = side;
    this.measure();
    this.clear();
    this.bring();
    this.soon();
  }
  clear() {
    this.inner.replaceChildren();
    this.shown.clear();
    this.spare = [];
  }
  // As many columns as have about the wanted side; they fill the width.
  measure() {
    const width = this.box.clientWidth;
    if (!width) return;
    const columns = Math.max(1, Math.round(width / this.wanted)), side = Math.floor(width / columns);
    if (side === this.side && columns === this.columns) return;
    [this.columns, this.side] = [columns, side];
    this.clear();
    this.bring();
  }

  soon() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.render();
    });
  }
  // While the list flies past, tiles have no pictures: they come when it is nearly at rest.
  scrolled() {
    const top = this.box.scrollTop;
    this.flies = Math.abs(top - this.top) > this.side / 4;
    this.top = top;
    clearTimeout(this.rest);
    this.rest = setTimeout(() => {
      this.flies = false;
      this.soon();
    }, 80);
    this.soon();
  }
  render() {
    const height = this.box.clientHeight;
    if (height === 0) return;
    const columns = this.columns, top = this.box.scrollTop;
    const whole = Math.ceil(this.slots.length / columns) * this.side + "px";
    if (this.inner.style.height !== whole) this.inner.style.height = whole;
    const first = Math.max(0, Math.floor(top / this.side) - 1) * columns;
    const last = Math.min(this.slots.length, (Math.ceil((top + height) / this.side) + 1) * columns);
    for (const [place, tile] of this.shown) {
      if (place >= first && place < last && tile.columns === columns) continue;
      this.shown.delete(place);
      this.spare.push(tile);
    }
    for (let place = first; place < last; place++) {
      const tile = this.shown.get(place) || this.place_tile(place, columns);
      if (!tile.has_picture && !this.flies) this.fill(tile, place);
      const chosen = place === this.place;
      if (tile.chosen !== chosen) tile.setAttribute("aria-selected", (tile.chosen = chosen));
    }
    for (const tile of this.spare) if (!tile.hidden) tile.hidden = true;
    if (this.shown.has(this.place)) this.box.setAttribute("aria-activedescendant", "tile-" + this.place);
  }
  // A tile that went out of sight, or a new one.
  place_tile(place, columns) {
    let tile = this.spare.pop();
    if (!tile) {
      tile = document.createElement("div");
      tile.className = "tile";
      tile.setAttribute("role", "option");
      tile.style.width = tile.style.height = this.side - 6 + "px";
      this.inner.append(tile);
    }
    tile.hidden = false;
    tile.id = "tile-" + place;
    tile.dataset.place = place;
    tile.style.transform = `translate(${(place % columns) * this.side}px, ${Math.floor(place / columns) * this.side}px)`;
    tile.columns = columns;
    tile.has_picture = false;
    this.draw(tile, this.slots[place], false);
    this.shown.set(place, tile);
    return tile;
  }
  fill(tile, place) {
    tile.has_picture = true;
    this.draw(tile, this.slots[place], true);
  }
  redraw(slot) {
    for (const [place, tile] of this.shown) if (this.slots[place] === slot) this.draw(tile, slot, tile.has_picture);
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
