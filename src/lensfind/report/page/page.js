"use strict";

// Larger view of a cutout: the picture of its tile first, then the other stretches and the bands, which wait in the tile's <template>.
{
  const dialog = document.createElement("dialog");
  dialog.className = "larger";
  dialog.innerHTML = '<header><h2></h2><button type="button">Close</button></header><p></p><div class="views"></div>';
  const [heading, close, caption, views] = ["h2", "button", "p", ".views"].map((part) => dialog.querySelector(part));

  const open = (tile) => {
    const button = tile.querySelector("button");
    const first = document.createElement("figure");
    const name = document.createElement("figcaption");
    name.textContent = "asinh";
    first.append(button.querySelector(".picture").cloneNode(true), name);
    heading.textContent = button.dataset.name;
    caption.replaceChildren(...tile.querySelector("figcaption").cloneNode(true).childNodes);
    views.replaceChildren(first, tile.querySelector("template").content.cloneNode(true));
    dialog.showModal();
  };

  const tiles = document.querySelectorAll(".cutout:has(button)");
  if (tiles.length > 0) document.body.append(dialog);
  for (const tile of tiles) {
    tile.querySelector("button").setAttribute("aria-haspopup", "dialog");
    tile.querySelector("button").addEventListener("click", () => open(tile));
  }
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();  // the backdrop
  });
}

// What a survey would give at a threshold and a prevalence. The page carries, for a few hundred thresholds,
// [threshold, true positives, TPR, low, high, false positives, FPR, low, high]: rates are medians of Jeffreys' posteriors with their 95%
// intervals, never 0, so that no purity is ever claimed to be 1; all else is arithmetic.
const survey = {
  scaled: (rate, factor) => ({ value: rate.value * factor, low: rate.low * factor, high: rate.high * factor }),

  // Interval of a sum of two independent rates from the interval of each (MOVER: Zou & Donner 2008).
  sum(a, b) {
    const value = a.value + b.value;
    return { value, low: value - Math.hypot(a.value - a.low, b.value - b.low), high: value + Math.hypot(a.high - a.value, b.high - b.value) };
  },

  // Purity = odds / (1 + odds), odds = p TPR / ((1 - p) FPR): the same method for a ratio, in its logarithm (Donner & Zou 2012).
  purity(tpr, fpr, prevalence) {
    const prior = Math.log(prevalence / (1 - prevalence));
    const fraction = (odds) => 1 / (1 + Math.exp(-odds));
    const above = (rate) => Math.log(rate.high / rate.value);
    const below = (rate) => Math.log(rate.value / rate.low);  // infinite for a rate that may be 0
    const centre = prior + Math.log(tpr.value / fpr.value);
    return { value: fraction(centre), low: fraction(centre - Math.hypot(below(tpr), above(fpr))), high: fraction(centre + Math.hypot(above(tpr), below(fpr))) };
  },

  at(row, prevalence) {
    const [threshold, truePositives, tprValue, tprLow, tprHigh, falsePositives, fprValue, fprLow, fprHigh] = row;
    const tpr = { value: tprValue, low: tprLow, high: tprHigh };
    const fpr = { value: fprValue, low: fprLow, high: fprHigh };
    return {
      threshold, tpr, fpr, truePositives, falsePositives,
      purity: survey.purity(tpr, fpr, prevalence),
      candidates: survey.sum(survey.scaled(tpr, prevalence), survey.scaled(fpr, 1 - prevalence)),
    };
  },
};

const words = {
  amount(value) {
    if (!Number.isFinite(value)) return "-";
    const rounded = Number(value.toPrecision(3));
    return Math.abs(rounded) >= 1e-3 || rounded === 0 ? rounded.toLocaleString("en", { maximumSignificantDigits: 3 }) : rounded.toExponential(1);
  },
  percent: (fraction) => (fraction > 0 && fraction < 0.1 ? words.amount(100 * fraction) : (100 * fraction).toFixed(fraction < 1 && fraction > 0.9995 ? 2 : 1)) + "%",
  oneIn: (rate) => (rate > 0 ? "1 in " + words.amount(1 / rate) : "none seen"),
  range: (figure, say) => say(figure.low) + " to " + say(figure.high),
};

// The plot under the sliders: purity against the fraction of lenses found at the prevalence, and where the threshold stands on it.
function tradeOffPlot() {
  const size = { width: 560, height: 340, left: 68, right: 26, top: 12, bottom: 48 };
  let top = 1;  // of the purity axis
  const x = (fraction) => size.left + fraction * (size.width - size.left - size.right);
  const y = (purity) => size.height - size.bottom - Math.min(purity / top, 1) * (size.height - size.top - size.bottom);
  const make = (tag, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const svg = make("svg", { class: "trade", viewBox: `0 0 ${size.width} ${size.height}`, role: "img", "aria-label": "purity against fraction of lenses found" });
  const purityLabels = [];
  for (const fraction of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
    const label = make("text", { x: x(0) - 8, y: y(fraction) + 4, "text-anchor": "end" });
    purityLabels.push([fraction, label]);
    svg.append(
      make("line", { x1: x(0), x2: x(1), y1: y(fraction), y2: y(fraction), stroke: "var(--grid)" }),
      make("line", { x1: x(fraction), x2: x(fraction), y1: y(0), y2: y(1), stroke: "var(--grid)" }),
      label,
      make("text", { x: x(fraction), y: y(0) + 18, "text-anchor": "middle" }, 100 * fraction + "%"),
    );
  }
  svg.append(
    make("text", { x: x(0.5), y: size.height - 8, "text-anchor": "middle" }, "fraction of lenses found"),
    make("text", { x: 0, y: 0, "text-anchor": "middle", transform: `translate(14 ${y(0.5)}) rotate(-90)` }, "purity"),
  );
  const band = make("path", { fill: "var(--blue)", "fill-opacity": 0.18 });
  const line = make("path", { fill: "none", stroke: "var(--blue)", "stroke-width": 2.5 });
  const bar = make("path", { stroke: "var(--vermilion)", "stroke-width": 2, fill: "none" });
  const dot = make("circle", { r: 6, fill: "var(--vermilion)" });
  svg.append(band, line, bar, dot);

  // At a low prevalence all purities are small: the axis ends at the least of 100%, 50%, 20%, 10%, ... that holds those of a tenth of the lenses and more.
  const axisTop = (rows, current) => {
    const most = Math.max(current.purity.value, ...rows.filter((row) => row.tpr.value >= 0.1).map((row) => row.purity.value));
    let best = 1;
    for (let decade = 1; decade > 1e-9; decade /= 10) for (const step of [1, 0.5, 0.2]) if (step * decade >= most) best = step * decade;
    return best;
  };
  const path = (points) => "M" + points.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).join("L");
  const draw = (rows, current) => {
    top = axisTop(rows, current);
    for (const [fraction, label] of purityLabels) label.textContent = Number((100 * fraction * top).toPrecision(3)) + "%";
    line.setAttribute("d", path(rows.map((row) => [x(row.tpr.value), y(row.purity.value)])));
    const low = rows.map((row) => [x(row.tpr.value), y(row.purity.low)]);
    const high = rows.map((row) => [x(row.tpr.value), y(row.purity.high)]);
    band.setAttribute("d", path([...low, ...high.reverse()]) + "Z");
    const { tpr, purity } = current;
    dot.setAttribute("cx", x(tpr.value));
    dot.setAttribute("cy", y(purity.value));
    bar.setAttribute("d", path([[x(tpr.value), y(purity.low)], [x(tpr.value), y(purity.high)]]) + path([[x(tpr.low), y(purity.value)], [x(tpr.high), y(purity.value)]]));
  };
  return { svg, draw };
}

function explorer(place, models) {
  place.innerHTML = `
    <div class="controls">
      <label class="model">model <select></select></label>
      <label>threshold on the logit <output class="threshold"></output><input class="threshold" type="range" min="0" step="1"></label>
      <label>prevalence <output class="prevalence"></output><input class="prevalence" type="range" min="-6" max="-0.3" step="0.01" value="-3"></label>
      <label>objects in the survey <input class="objects" type="number" min="1" value="1000000"></label>
    </div>
    <div class="presets"></div>
    <dl class="answers"></dl>
    <div class="plot"></div>
    <p class="small note"></p>`;
  const find = (selector) => place.querySelector(selector);
  const [select, threshold, prevalence, objects] = ["select", "input.threshold", "input.prevalence", "input.objects"].map(find);
  const plot = tradeOffPlot();
  find(".plot").append(plot.svg);
  find(".model").hidden = models.length === 1;
  for (const model of models) select.append(new Option(model.name));

  const nearest = (rows, value) => rows.reduce((best, row, i) => (Math.abs(row[0] - value) < Math.abs(rows[best][0] - value) ? i : best), 0);
  const answer = (name, value, interval) => {
    const [box, term, definition, strong, small] = ["div", "dt", "dd", "span", "span"].map((tag) => document.createElement(tag));
    term.textContent = name;
    strong.className = "value";
    strong.textContent = value;
    small.className = "interval";
    small.textContent = interval;
    definition.append(strong, small);
    box.append(term, definition);
    return box;
  };

  const update = () => {
    const model = models[select.selectedIndex];
    const fraction = 10 ** Number(prevalence.value);
    const count = Math.max(1, Number(objects.value) || 1);
    const rows = model.rows.map((row) => survey.at(row, fraction));
    const now = rows[Number(threshold.value)];
    const lenses = survey.scaled(now.tpr, fraction * count);
    const candidates = survey.scaled(now.candidates, count);
    const none = now.falsePositives === 0;
    find("output.threshold").textContent = words.amount(now.threshold);
    find("output.prevalence").textContent = words.oneIn(fraction);
    find(".answers").replaceChildren(
      answer("purity: fraction of candidates that are lenses", words.percent(now.purity.value), words.range(now.purity, words.percent)),
      answer("candidates to look at", words.amount(candidates.value), words.range(candidates, words.amount)),
      answer("lenses found, of " + words.amount(fraction * count), words.amount(lenses.value), words.range(lenses, words.amount)),
      answer("lenses missed", words.amount(fraction * count - lenses.value), words.range({ low: fraction * count - lenses.high, high: fraction * count - lenses.low }, words.amount)),
      answer("fraction of lenses found", words.percent(now.truePositives / model.lenses), words.range(now.tpr, words.percent)),
      answer("non-lenses let through", words.oneIn(now.falsePositives / model.nonlenses),
        none ? "fewer than " + words.oneIn(now.fpr.high) : words.oneIn(now.fpr.high) + " to " + words.oneIn(now.fpr.low)),
    );
    find(".note").textContent = now.falsePositives < 3
      ? `At this threshold ${now.falsePositives} of ${model.nonlenses.toLocaleString("en")} non-lenses are candidates: too few to know the rate of false positives well.`
      : `At this threshold ${now.falsePositives.toLocaleString("en")} of ${model.nonlenses.toLocaleString("en")} non-lenses are candidates.`;
    plot.draw(rows, now);
  };

  const choose = () => {
    const model = models[select.selectedIndex];
    threshold.max = model.rows.length - 1;
    // A slider to the right means a stricter threshold, as on the axis of the score histogram.
    const go = (value) => { threshold.value = nearest(model.rows, value); update(); };
    find(".presets").replaceChildren(...model.points.map((point) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "threshold " + point.name;
      button.addEventListener("click", () => go(point.threshold));
      return button;
    }));
    const start = model.points.find((point) => point.name === "f1") ?? model.points[0];
    if (start) go(start.threshold);
    else { threshold.value = Math.floor(model.rows.length / 2); update(); }
  };

  select.addEventListener("change", choose);
  for (const input of [threshold, prevalence, objects]) input.addEventListener("input", update);
  place.hidden = false;
  choose();
}

{
  const place = document.getElementById("explorer");
  const data = document.getElementById("explorer-data");
  const models = data ? JSON.parse(data.textContent).filter((model) => model.rows.length > 0) : [];
  if (place && models.length > 0) explorer(place, models);
}
