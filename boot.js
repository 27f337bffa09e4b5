// Starts the chat. A file of its own, since the document's policy has no room for inline scripts.
import { restored, within } from "./keep.js";
import init from "./parlor-widget.js";

// What is rarely wanted is fetched when it first is; what cannot be fetched is asked for again.
globalThis.parlorSheet = (...what) =>
  import("./later/sheet.js").then(({ show }) => show(...what), () => {});

/** A language that is late is English: the chat does not wait for it longer, milliseconds. */
const PATIENCE_MS = 3_000;

// The languages that there are files of in `later/`. English is inside.
const [language] = /^(de|es|fr)\b/.exec(navigator.language) ?? [];
if (language) {
  const file = `./later/${language}.js`;
  const words = (await within(PATIENCE_MS, import(file)))?.default;
  if (words) {
    globalThis.parlorWords = words;
    document.documentElement.lang = language;
  }
}
await restored;
init({ module_or_path: "parlor-widget_bg.wasm" });
