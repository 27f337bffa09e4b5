// Writes to localStorage and, a second time, to IndexedDB.
//
// A browser writes localStorage to the disk some seconds after `setItem` has returned: killed in
// between, it forgets what was written and the whole conversation. IndexedDB is on its way to the
// disk at once, but can only be read asynchronously. So each key goes to both, with a number that
// grows; before the chat starts, what is newer in IndexedDB is copied back to localStorage.
//
// No database is made before something is kept, and IndexedDB's failures change nothing for the chat.

const STORE = "kept";
/** Before the key of what it numbers. */
const NUMBER = "#";
/** A browser that does not answer by then starts without. */
const PATIENCE_MS = 500;
/** So long after it was used last the database is let go: what follows soon need not open it. */
const OPEN_MS = 1_000;

const answered = (request) =>
  new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = failed;
  });

let database;
let idle;

function letGo() {
  database?.then((open) => open.close()).catch(() => {});
  database = undefined;
}

// An open database would keep a page that is left from being kept.
addEventListener("pagehide", letGo);

function opened(mode) {
  const opening = indexedDB.open("parlor", 1);
  opening.onupgradeneeded = () =>
    mode === "readwrite" ? opening.result.createObjectStore(STORE) : opening.transaction.abort();
  return answered(opening);
}

/** Does this in one transaction. */
async function inStore(mode, work) {
  clearTimeout(idle);
  idle = setTimeout(letGo, OPEN_MS);
  database ??= opened(mode);
  try {
    const transaction = (await database).transaction(STORE, mode);
    const done = work(transaction.objectStore(STORE));
    transaction.commit?.();
    const result = await done;
    if (document.hidden) letGo();
    return result;
  } catch (error) {
    // Whatever is wrong with it, the next one opens anew.
    letGo();
    throw error;
  }
}

/** Keeps a text under a key. Throws where the device refuses. */
export function keep(key, text) {
  localStorage.setItem(key, text);
  const at = Math.max(Date.now(), 1 + Number(localStorage.getItem(NUMBER + key)));
  localStorage.setItem(NUMBER + key, at);
  inStore("readwrite", (store) => answered(store.put({ at, text }, key))).catch(() => {});
}

/** Keeps nothing under a key any more. */
export function forget(key) {
  localStorage.removeItem(key);
  localStorage.removeItem(NUMBER + key);
  inStore("readwrite", (store) => answered(store.delete(key))).catch(() => {});
}

async function restore() {
  const [keys, kept] = await inStore("readonly", (store) =>
    Promise.all([answered(store.getAllKeys()), answered(store.getAll())]),
  );
  kept.forEach(({ at, text }, index) => {
    const key = keys[index];
    if (at <= Number(localStorage.getItem(NUMBER + key))) return;
    localStorage.setItem(key, text);
    localStorage.setItem(NUMBER + key, at);
  });
}

/** What comes of it within so many milliseconds; nothing where it fails or is late. */
export const within = (ms, work) =>
  Promise.race([work.catch(() => {}), new Promise((late) => setTimeout(late, ms))]);

/** When the chat may start. */
export const restored = within(PATIENCE_MS, restore());
