// A question is one thing: a photo, words, ingredients, a recipe to be like, what to add and take away.
// The address bar holds it, all but an uploaded photo, whose key is in the entry of the history.

export const none = () => ({ words: "", ingredients: [], plus: [], minus: [], recipe: "", photo: "", upload: "", category: "" });

const SINGLE = { words: "q", recipe: "recipe", photo: "photo", category: "category" };
const MANY = { ingredients: "ingredient", plus: "plus", minus: "minus" };

export function read(search, upload) {
  const address = new URLSearchParams(search);
  const question = { ...none(), upload: upload || "" };
  for (const [part, name] of Object.entries(SINGLE)) question[part] = address.get(name) || "";
  for (const [part, name] of Object.entries(MANY)) question[part] = address.getAll(name).filter(Boolean);
  return question;
}

export function address(question) {
  const made = new URLSearchParams();
  for (const [part, name] of Object.entries(SINGLE)) if (question[part]) made.set(name, question[part]);
  for (const [part, name] of Object.entries(MANY)) for (const value of question[part]) made.append(name, value);
  return made;
}

export const asks = ({ category, ...parts }) => Object.values(parts).some((part) => part.length > 0);

export const same = (one, other) => one.upload === other.upload && String(address(one)) === String(address(other));

// The question without one of its parts: a list loses one value.
export function without(question, part, value) {
  const left = Array.isArray(question[part]) ? question[part].filter((one) => one !== value) : "";
  return { ...question, [part]: left };
}
