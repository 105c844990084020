"use strict";

const get = (id) => document.getElementById(id);
let photo = null; // the Blob that is asked with; null while words are
let turn = 0; // only the answer to the latest question is shown

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  return Object.assign(made, attributes);
}

function say(text, wrong = false) {
  get("status").textContent = text;
  get("status").className = wrong ? "error" : "";
}

const lines = (id) => get(id).value.split("\n").map((line) => line.trim()).filter(Boolean);

async function ask() {
  const recipe = { title: get("words").value.trim(), ingredients: lines("ingredients"), instructions: lines("instructions") };
  if (!photo && !recipe.title && !recipe.ingredients.length && !recipe.instructions.length) {
    return say("Nothing asked: choose a photo, or type words.", true);
  }
  const own = ++turn;
  const address = new URLSearchParams({ k: 10 });
  if (get("category").value) address.set("category", get("category").value);
  say("Searching ...");
  try {
    const answer = photo
      ? await fetch(`/search/photo?${address}`, { method: "POST", body: photo, headers: { "content-type": photo.type || "image/jpeg" } })
      : await fetch(`/search/text?${address}`, { method: "POST", body: JSON.stringify(recipe), headers: { "content-type": "application/json" } });
    const found = await answer.json();
    if (own !== turn) return;
    show("recipes", found.recipes || []);
    show("photos", found.photos || []);
    get("doubts").textContent = (found.doubts || []).map((doubt) => doubt.reason).join("; ");
    if (!answer.ok) return say(found.detail, true);
    const unknown = found.unknown.length ? `not known: ${found.unknown.join(", ")}; ` : "";
    say(`${unknown}${found.recipes.length} recipes and ${found.photos.length} photos found`);
  } catch (error) {
    if (own === turn) say("The server cannot be reached.", true);
  }
}

function show(side, hits) {
  get(side).replaceChildren(...hits.map((hit, rank) => card(side, hit, rank)));
}

function card(side, hit, rank) {
  const button = element("button", "", { type: "button", className: "hit" });
  button.dataset.id = hit.id || "";
  button.dataset.photo = hit.photo || "";
  if (hit.photo) button.append(element("img", "", { src: `/photos/${encodeURIComponent(hit.photo)}`, alt: "", loading: "lazy" }));
  else if (side === "recipes") button.append(element("span"));
  const text = element("span");
  text.append(element("strong", `${rank + 1}. ${hit.title}`), element("small", hit.score.toFixed(3), { className: "score" }));
  if (side === "recipes") text.append(element("small", hit.terms.join(", ")));
  button.append(text);
  button.addEventListener("click", () => (side === "photos" ? askWith(hit.photo) : open(hit.id)));
  const item = element("li");
  item.append(button);
  return item;
}

async function askWith(name) {
  const answer = await fetch(`/photos/${encodeURIComponent(name)}`);
  if (!answer.ok) return say("This photo is no longer there.", true);
  take(await answer.blob());
  scrollTo({ top: 0 });
}

async function open(id) {
  const answer = await fetch(`/recipes/${encodeURIComponent(id)}`);
  if (!answer.ok) return say("This recipe is no longer there.", true);
  const recipe = await answer.json();
  const box = get("recipe");
  const list = (tag, of) => {
    const made = element(tag);
    made.style.listStyle = tag === "ol" ? "decimal" : "disc";
    made.append(...of.map((line) => marked("li", line, recipe.terms)));
    made.className = "lines";
    return made;
  };
  const search = element("button", "Search from this recipe", { type: "button" });
  search.addEventListener("click", () => {
    box.close();
    get("words").value = recipe.title;
    get("ingredients").value = recipe.ingredients.join("\n");
    get("instructions").value = recipe.instructions.join("\n");
    forget();
    ask();
  });
  const close = element("button", "Close", { type: "button" });
  close.addEventListener("click", () => box.close());
  const row = element("div", "", { className: "row" });
  row.append(search, close);
  const title = marked("h2", recipe.title, recipe.terms);
  title.id = "recipe-title";
  box.replaceChildren(title, row, element("p", `Category: ${recipe.category}`), list("ul", recipe.ingredients), list("ol", recipe.instructions));
  box.showModal();
  box.scrollTop = 0;
  search.focus({ preventScroll: true });
}

// The key terms of a text, in <mark>: longest first, and as a plural too.
function marked(tag, text, terms) {
  const made = element(tag);
  const names = [...terms].sort((a, b) => b.length - a.length).map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (!names.length) return element(tag, text);
  const pattern = new RegExp(`(?<![\\p{L}])(?:${names.join("|")})(?:e?s|d|ed)?(?![\\p{L}])`, "giu");
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    made.append(text.slice(end, match.index), element("mark", match[0]));
    end = match.index + match[0].length;
  }
  made.append(text.slice(end));
  return made;
}

function take(blob) {
  forget();
  photo = blob;
  get("asked").src = URL.createObjectURL(blob);
  get("asked").hidden = false;
  ask();
}

function forget() {
  if (get("asked").src) URL.revokeObjectURL(get("asked").src);
  get("asked").removeAttribute("src");
  get("asked").hidden = true;
  photo = null;
}

get("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
for (const id of ["words", "ingredients", "instructions"]) {
  get(id).addEventListener("input", () => {
    forget();
    get("photo").value = "";
  });
}
get("category").addEventListener("change", () => get("recipes").children.length && ask());
get("photo").addEventListener("change", () => get("photo").files.length && take(get("photo").files[0]));
for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    get("drop").classList.toggle("over", over);
    if (name === "drop" && event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
  });
}
document.addEventListener("paste", (event) => {
  const file = [...event.clipboardData.files].find((one) => one.type.startsWith("image/"));
  if (file) take(file);
});

fetch("/health").then((answer) => answer.json()).then((health) => {
  get("category").append(...health.categories.map((name) => element("option", name, { value: name })));
  say(`${health.recipes} recipes and ${health.photos} photos to search among`);
});
