// What the model is: its card, its licence, where more is told.

import { button, element, get, say } from "./dom.js";
import { json } from "./server.js";

export async function about() {
  try {
    fill(await json("/model"));
    get("model").showModal();
  } catch (failed) {
    say(failed.message, true, failed.again ? about : null);
  }
}

function fill(model) {
  const title = element("h2", "About", { id: "model-title" });
  const top = element("div", "", { className: "dialog-top" }, title, button("Close", () => get("model").close()));
  const lines = [
    "SEJE finds recipes by a photo and photos by a recipe: it embeds both in one space, where near is alike.",
    `The model was trained on ${model.trained_on || model.source}`,
    `Licence of the model's weights: ${model.licence || "not stated"}. Licence of the code: Apache-2.0. Fingerprint: ${model.fingerprint}.`,
  ];
  const inside = element("div", "", { className: "inside" }, top, ...lines.map((line) => element("p", line)));
  const card = model.card.replace(/^---\n.*?\n---\n/s, "").trim();
  if (card) inside.append(element("h3", "Model card"), element("pre", card, { tabIndex: 0 }));
  get("model").replaceChildren(inside);
}
