// Making elements. All that comes from data is set as text, never as HTML.

export const get = (id) => document.getElementById(id);

export function element(tag, text = "", properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

// A text in any script, in its own direction.
export const written = (tag, text, properties = {}) => element(tag, text, { dir: "auto", ...properties });

export const button = (text, click, properties = {}) => {
  const made = element("button", text, { type: "button", ...properties });
  made.addEventListener("click", click);
  return made;
};

export const photoAt = (name, size) => `/photos/${encodeURIComponent(name)}?size=${size}`;

// A photo as sharp as the screen shows it: `side` is its shorter side in CSS pixels.
export const picture = (name, side, alt = "") =>
  element("img", "", { loading: "lazy", decoding: "async", alt, srcset: `${photoAt(name, 2 * side)} 2x`, src: photoAt(name, side) });

export function say(text, wrong = false, retry = null) {
  get("status").textContent = text;
  get("status").className = wrong ? "error" : "";
  get("retry").hidden = !retry;
  get("retry").onclick = retry;
}
