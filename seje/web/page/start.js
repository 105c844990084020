// What one can begin with: photos and dishes of the index, and what the model was trained on.

import { button, element, get, picture, say, written } from "./dom.js";
import { json } from "./server.js";
import { none } from "./question.js";

export async function start(go) {
  try {
    const [health, samples, model] = await Promise.all([json("/health"), json("/samples"), json("/model")]);
    offer(samples, go);
    get("trained").textContent = `${among(health)} ${trained(model)}`;
    const chosen = new URLSearchParams(location.search).get("category") || "";
    get("category").append(...health.categories.map((name) => element("option", name, { value: name })));
    get("category").value = chosen;
  } catch (failed) {
    say(failed.message, true, failed.again ? () => location.reload() : null);
  }
}

const many = (count, what) => `${count.toLocaleString("en")} ${what}`;
const among = (health) => `${many(health.recipes, "recipes")} and ${many(health.photos, "photos")} to search among.`;
const trained = (model) => `The model was trained on ${(model.trained_on || model.source).split(";")[0]}.`;

function offer(samples, go) {
  const photos = samples.photos.map(({ photo, title }) => {
    const made = button("", () => go({ ...none(), photo }), { ariaLabel: `Ask with this photo: ${title || "a dish"}` });
    made.append(picture(photo, 200));
    return element("li", "", {}, made);
  });
  get("sample-photos").replaceChildren(...photos);
  const questions = samples.questions.map((title) => {
    const made = written("button", title, { type: "button" });
    made.addEventListener("click", () => go({ ...none(), words: title }));
    return element("li", "", {}, made);
  });
  get("sample-questions").replaceChildren(...questions);
  get("sample-photos").closest("section").hidden = !photos.length;
  get("sample-questions").closest("section").hidden = !questions.length;
}
