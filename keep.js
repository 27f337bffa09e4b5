// Stores data in localStorage and, a second time, in IndexedDB.
//
// A browser writes localStorage to the disk some seconds after `setItem` has returned. If it is killed
// in between, the data is lost, and the conversation with it. A browser starts to write IndexedDB to
// the disk at once, but a script can only read it asynchronously. So each value is stored in both, with
// a version number. Before the chat starts, values that are newer in IndexedDB are copied to
// localStorage.
//
// The database is created when the first value is stored. If IndexedDB fails, the chat works without it.

const STORE = "kept";
/** The prefix of the key under which localStorage has a value's version number. */
const VERSION = "#";
/** The longest wait for IndexedDB before the chat starts, milliseconds. */
const RESTORE_TIMEOUT_MS = 500;
/** The database is closed so long after its last use, milliseconds, so that frequent writes do not reopen it. */
const CLOSE_AFTER_MS = 1_000;

const result = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = reject;
  });

let database;
let closing;

function closeDatabase() {
  database?.then((opened) => opened.close()).catch(() => {});
  database = undefined;
}

// A document with an open database cannot enter the back/forward cache.
addEventListener("pagehide", closeDatabase);

function openDatabase(mode) {
  const opening = indexedDB.open("parlor", 1);
  opening.onupgradeneeded = () =>
    mode === "readwrite" ? opening.result.createObjectStore(STORE) : opening.transaction.abort();
  return result(opening);
}

/** Runs `work` in one transaction. */
async function inTransaction(mode, work) {
  clearTimeout(closing);
  closing = setTimeout(closeDatabase, CLOSE_AFTER_MS);
  database ??= openDatabase(mode);
  try {
    const transaction = (await database).transaction(STORE, mode);
    const done = work(transaction.objectStore(STORE));
    transaction.commit?.();
    const value = await done;
    if (document.hidden) closeDatabase();
    return value;
  } catch (error) {
    // The next transaction opens the database again.
    closeDatabase();
    throw error;
  }
}

/** Stores a text under a key. Throws if localStorage refuses. */
export function keep(key, text) {
  localStorage.setItem(key, text);
  const version = Math.max(Date.now(), 1 + Number(localStorage.getItem(VERSION + key)));
  localStorage.setItem(VERSION + key, version);
  inTransaction("readwrite", (store) => result(store.put({ at: version, text }, key))).catch(() => {});
}

let forgotten = Promise.resolve();

/** Removes a key. */
export function forget(key) {
  localStorage.removeItem(key);
  localStorage.removeItem(VERSION + key);
  const gone = inTransaction("readwrite", (store) => result(store.delete(key))).catch(() => {});
  forgotten = Promise.all([forgotten, gone]);
}

/** Resolves when the removed keys are gone from IndexedDB too: a document that ended before would leave them there. */
export const settled = () => within(RESTORE_TIMEOUT_MS, forgotten);

/** Values that come later must not replace what the chat has read: it would not know of them. */
let hasStarted = false;

async function restore() {
  const [keys, values] = await inTransaction("readonly", (store) =>
    Promise.all([result(store.getAllKeys()), result(store.getAll())]),
  );
  if (hasStarted) return;
  values.forEach(({ at: version, text }, index) => {
    const key = keys[index];
    if (version <= Number(localStorage.getItem(VERSION + key))) return;
    localStorage.setItem(key, text);
    localStorage.setItem(VERSION + key, version);
  });
}

/** The result of a promise; `undefined` if it fails, or takes longer than `ms` milliseconds. */
export const within = (ms, work) =>
  Promise.race([work.catch(() => {}), new Promise((resolve) => setTimeout(resolve, ms))]);

/** Resolves when the chat may start. Never rejects. */
export const restored = within(RESTORE_TIMEOUT_MS, restore()).then(() => (hasStarted = true));
