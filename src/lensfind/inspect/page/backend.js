"use strict";
// Where grades go and pictures come from: the server that gave this page. The static page has another file in place of this one.

const backend = {
  async ask(path, options = {}) {
    const response = await fetch(path, { cache: "no-store", credentials: "omit", ...options });
    const body = await response.json().catch(() => ({ error: "the server's answer cannot be read" }));
    if (!response.ok) throw Object.assign(new Error(body.error || "the server refuses"), { status: response.status });
    return body;
  },
  say(path, body) {
    return this.ask(path, { method: "POST", headers: { "Content-Type": "application/json", "X-Lensfind": "1" }, body: JSON.stringify(body) });
  },
  state(grader) { return this.ask("api/state?grader=" + encodeURIComponent(grader)); },
  // What changed behind a row; `row` of the answer is the one to ask from next.
  graded(grader, after) { return this.ask(`api/graded?grader=${encodeURIComponent(grader)}&after=${after}`); },
  // Of sighted pages: ids of some slots, and logit, ra and dec of all.
  names(order, from, count) { return this.ask(`api/names?order=${order}&from=${from}&count=${count}`); },
  columns(order) { return this.ask("api/columns?order=" + order); },
  item(order, slot) { return this.ask(`api/item?order=${order}&slot=${slot}`); },
  grade(said) { return this.say("api/grade", said); },
  undo(said) { return this.say("api/undo", said); },

  picture_address(order, slot, view) {
    const band = view.band === "" ? "" : "&band=" + view.band;
    return `picture?order=${order}&slot=${slot}&scaling=${view.scaling}${band}${view.residual && "&residual=" + view.residual}&field=${view.field}`;
  },
  // The picture with what is known of it: {address, scale, north_up, bands, width, colours}.
  async picture(order, slot, view) {
    const address = this.picture_address(order, slot, view);
    const response = await fetch(address);
    if (!response.ok) throw new Error((await response.json().catch(() => ({}))).error || "no picture");
    const facts = JSON.parse(decodeURIComponent(response.headers.get("X-Lensfind-View") || "%7B%7D"));
    await response.arrayBuffer(); // then all of it is in the browser's cache, from where the image takes it; a blob's address costs 4 ms
    return { ...facts, address };
  },
};
