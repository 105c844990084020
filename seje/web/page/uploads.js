// Photos that were chosen here, so that back and reload find them again. They stay in this browser.

const KEPT = 20;
const here = new Map(); // also where the browser keeps nothing, as in some private windows

const database = new Promise((resolve, reject) => {
  const asked = indexedDB.open("seje", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("photos");
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});
database.catch(() => {});

async function run(mode, work) {
  const photos = (await database).transaction("photos", mode).objectStore("photos");
  const asked = work(photos);
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

export async function keep(photo) {
  const key = `${Date.now()}-${Math.random().toString(36).slice(2)}`; // keys sort by age
  here.set(key, photo);
  try {
    await run("readwrite", (photos) => photos.put(photo, key));
    for (const old of (await run("readonly", (photos) => photos.getAllKeys())).slice(0, -KEPT)) {
      await run("readwrite", (photos) => photos.delete(old));
    }
  } catch { /* it is kept as long as the page is open */ }
  return key;
}

export async function kept(key) {
  if (here.has(key)) return here.get(key);
  try {
    return (await run("readonly", (photos) => photos.get(key))) || null;
  } catch {
    return null;
  }
}
