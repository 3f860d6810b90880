// The fields of settings, and the settings that vary from job to job.

import { h } from "./elements.js";

const isNumber = (setting) => setting.kind === "number" || setting.kind === "integer";

/** A value as a job takes it; undefined for an empty field. */
export function parse(setting, text) {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  return isNumber(setting) && !Number.isNaN(Number(trimmed)) ? Number(trimmed) : trimmed;
}

/** A field with its help. `onchange` receives the value. */
export function field(setting, value, onchange) {
  const id = `setting-${setting.key}`;
  const changed = (event) => onchange(parse(setting, event.target.value));
  const list = setting.suggestions && h("datalist", { id: `${id}-list` },
    ...setting.suggestions.map(({ value, label }) => h("option", { value }, label)));
  const control = setting.kind === "choice"
    ? h("select", { id, "aria-describedby": `${id}-help`, onchange: changed },
      h("option", { value: "" }, setting.standard ? `${setting.standard} (default)` : "default"),
      ...setting.choices.map((choice) => h("option", { value: choice, selected: choice === value }, choice)))
    : h("input", {
      id, "aria-describedby": `${id}-help`, oninput: changed, value: value ?? "",
      placeholder: setting.standard || "automatic", list: list ? `${id}-list` : null,
      type: isNumber(setting) ? "number" : "text", step: setting.kind === "number" ? "any" : 1, min: 0,
    });
  return h("div", { class: "field" }, h("label", { for: id }, setting.label), control, list,
    h("p", { class: "hint", id: `${id}-help` }, setting.help));
}

/** Two settings that take several values each, so that every combination is painted. */
export function variation(settings, vary, onchange) {
  const axes = [0, 1].map((index) => {
    const chosen = vary[index] ?? { key: "", values: [] };
    const found = () => settings.find((setting) => setting.key === select.value);
    const changed = () => {
      const setting = found();
      const texts = setting ? values.value.split(",") : [];
      vary[index] = {
        key: select.value,
        values: texts.map((text) => parse(setting, text)).filter((value) => value !== undefined),
      };
      values.disabled = !setting;
      hint.textContent = setting?.choices ? setting.choices.join(", ") : "";
      onchange();
    };
    const select = h("select", { id: `vary-${index}`, onchange: changed }, h("option", { value: "" }, "nothing"),
      ...settings.map((setting) => h("option", { value: setting.key, selected: setting.key === chosen.key }, setting.label)));
    const values = h("input", {
      type: "text", id: `vary-${index}-values`, value: chosen.values.join(", "), oninput: changed,
      disabled: chosen.key === "", placeholder: "such as 0.5, 1, 2",
    });
    const hint = h("p", { class: "hint" }, "");
    return h("div", { class: "axis" },
      h("div", { class: "field" }, h("label", { for: select.id }, index === 0 ? "Vary" : "And vary"), select),
      h("div", { class: "field" }, h("label", { for: values.id }, "Values, with commas"), values, hint));
  });
  return h("details", { open: vary.some(({ values }) => values.length > 0) }, h("summary", {}, "Try several values"), ...axes);
}
