// Elements that several pages use.

/** Makes an element. Attributes that begin with `on` are listeners; other functions and objects are properties. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (typeof value === "object") Object.assign(element[key], value);
    else if (value === true) element.setAttribute(key, "");
    else element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Says something at the bottom of the page, with an action such as undo. */
export function say(message, action) {
  const line = h("p", {}, message);
  if (action) {
    line.append(h("button", { type: "button", onclick: () => { line.remove(); action.body(); } }, action.name));
  }
  document.getElementById("messages").append(line);
  setTimeout(() => line.remove(), action ? 12000 : 6000);
}

/** Runs a body, and says what goes wrong. */
export async function attempt(body) {
  try {
    return await body();
  } catch (error) {
    say(error.message);
    return undefined;
  }
}

export function duration(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export function bytes(count) {
  if (count < 1e9) return `${(count / 1e6).toFixed(count < 1e7 ? 1 : 0)} MB`;
  return `${(count / 1e9).toFixed(1)} GB`;
}

/** The losses of a run as a chart, on a logarithmic scale. */
class LossChart extends HTMLElement {
  set steps(steps) {
    const [width, height, left, bottom] = [640, 220, 44, 22];
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("role", "img");
    const series = { total: "total", style: "style", content: "content" };
    const values = steps.flatMap((step) => Object.keys(series).map((key) => step[key])).filter((value) => value > 0);
    this.replaceChildren(svg);
    if (steps.length < 2 || values.length === 0) {
      svg.setAttribute("aria-label", "No losses yet");
      return;
    }
    const [low, high] = [Math.log10(Math.min(...values)), Math.log10(Math.max(...values))];
    const first = steps[0].iteration;
    const last = steps.at(-1).iteration;
    const x = (step) => left + ((step.iteration - first) / Math.max(1, last - first)) * (width - left - 8);
    const y = (value) =>
      8 + ((high - Math.log10(value)) / Math.max(1e-9, high - low)) * (height - bottom - 16);
    const add = (tag, attributes, text) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      if (text !== undefined) element.textContent = text;
      svg.append(element);
    };
    for (let power = Math.ceil(low); power <= high; power++) {
      const height = y(10 ** power);
      add("line", { x1: left, x2: width - 8, y1: height, y2: height, class: "grid" });
      add("text", { x: left - 6, y: height + 4, "text-anchor": "end" }, `1e${power}`);
    }
    add("text", { x: width - 8, y: height - 4, "text-anchor": "end" }, `iteration ${last}`);
    for (const key of Object.keys(series)) {
      const points = steps.filter((step) => step[key] > 0).map((step) => `${x(step).toFixed(1)},${y(step[key]).toFixed(1)}`);
      if (points.length > 1) add("polyline", { points: points.join(" "), class: `line ${key}` });
    }
    const end = steps.at(-1);
    svg.setAttribute(
      "aria-label",
      `Losses after iteration ${last}: total ${end.total.toPrecision(3)}, style ${end.style.toPrecision(3)}, ` +
        `content ${end.content.toPrecision(3)}`);
    this.append(h("p", { class: "legend" }, ...Object.keys(series).map((key) => h("span", { class: key }, key))));
  }
}
customElements.define("loss-chart", LossChart);

/** Two pictures on top of each other, with a slider between them. */
class CompareSlider extends HTMLElement {
  show(before, after) {
    const top = h("img", { src: after.src, alt: after.alt, class: "top" });
    const slider = h("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": "Where the two pictures meet" });
    const move = () => { top.style.clipPath = `inset(0 0 0 ${slider.value}%)`; };
    slider.addEventListener("input", move);
    const bottom = h("img", { src: before.src, alt: before.alt });
    // As large as fits, with the slider as wide as the pictures.
    bottom.addEventListener("load", () => {
      this.style.maxInlineSize = `calc(75dvh * ${bottom.naturalWidth / bottom.naturalHeight})`;
    });
    this.replaceChildren(h("div", { class: "pair" }, bottom, top), slider);
    move();
  }
}
customElements.define("compare-slider", CompareSlider);

/** Five stars. */
export function stars(job, onchange) {
  const group = h("fieldset", { class: "stars" }, h("legend", { class: "hidden" }, "Stars"));
  for (let count = 1; count <= 5; count++) {
    group.append(h("button", {
      type: "button", "aria-pressed": String(job.stars >= count),
      "aria-label": `${count} ${count === 1 ? "star" : "stars"}`,
      onclick: () => onchange(job.stars === count ? 0 : count),
    }, job.stars >= count ? "★" : "☆"));
  }
  return group;
}
