// The page: the address bar says what is asked and which recipe is open; all else follows from it.

import * as answers from "./answers.js";
import * as form from "./ask.js";
import * as opened from "./recipe.js";
import { about } from "./about.js";
import { address, asks, none, read, same } from "./question.js";
import { get, say } from "./dom.js";
import { kept } from "./uploads.js";
import { search } from "./server.js";
import { start } from "./start.js";

let asked = none(); // the question whose answers are shown
let found = null; // its answer
let turn = 0; // only the answer to the latest question is shown

function go(question) {
  if (!asks(question) && !asks(asked)) return say("Nothing asked: choose a photo, or type words.", true);
  const made = String(address(question));
  history.pushState({ upload: question.upload }, "", made ? `?${made}` : "/");
  return ask(question);
}

async function ask(question) {
  const own = ++turn;
  [asked, found] = [question, null];
  form.show(question);
  form.fold(true);
  document.body.classList.toggle("asked", asks(question));
  get("start").hidden = asks(question);
  get("doubts").textContent = "";
  document.title = `${question.words || (asks(question) ? "Search" : "Recipes and photos")} \u2013 SEJE`;
  if (!asks(question)) {
    answers.clear();
    return say("");
  }
  say("Searching \u2026");
  answers.wait();
  try {
    const answer = await answered(question);
    if (own === turn) show(answer);
  } catch (failed) {
    if (own !== turn) return;
    answers.clear();
    say(failed.message, true, failed.again ? () => ask(question) : null);
  }
}

async function answered(question) {
  const photo = question.upload ? await kept(question.upload) : null;
  if (question.upload && !photo) throw new Error("This photo is no longer here: choose it again.");
  const sent = address(question);
  sent.set("k", answers.MOST);
  return search(sent, photo);
}

function show(answer) {
  found = answer;
  answers.show(answer, (hit) => look(hit.id, hit.photo));
  get("doubts").textContent = answer.doubts.map((doubt) => doubt.reason).join("; ");
  const unknown = answer.unknown.length ? `Not known: ${answer.unknown.join(", ")}. ` : "";
  say(`${unknown}The nearest ${answer.recipes.length} recipes and ${answer.photos.length} photos: the longer the bar, the nearer.`);
}

// Open a recipe; back closes it.
async function look(id, photo) {
  if (!(await opened.open(id, photo, found, go)) || !id) return;
  const made = address(asked);
  made.set("open", id);
  history.pushState({ upload: asked.upload, photo, opened: true }, "", `?${made}`);
}

get("recipe").addEventListener("close", () => {
  if (!new URLSearchParams(location.search).has("open")) return;
  if (history.state?.opened) return history.back();
  history.replaceState(history.state, "", `?${address(asked)}`);
});

async function follow() {
  const question = read(location.search, history.state?.upload);
  if (!same(question, asked)) await ask(question);
  const open = new URLSearchParams(location.search).get("open");
  if (open) await opened.open(open, history.state?.photo, found, go);
  else opened.close();
}

form.start(go);
get("about").addEventListener("click", about);
addEventListener("popstate", follow);
document.querySelector("a.brand").addEventListener("click", (event) => {
  event.preventDefault();
  go(none());
});
for (const box of document.querySelectorAll("dialog")) {
  box.addEventListener("click", (event) => event.target === box && box.close()); // beside it
}
start(go);
follow();
