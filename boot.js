// Starts the chat. It is a file because the document's Content-Security-Policy allows no inline scripts.
import { restored, within } from "./keep.js";
import init from "./parlor-widget.js";

// The viewer is rarely needed, so it is loaded when it is first opened. If that fails, the next attempt loads it
// again.
globalThis.parlorSheet = (...content) =>
  import("./later/sheet.js").then(({ show }) => show(...content), () => {});

/** The longest wait for a language, milliseconds. After that, the chat starts in English. */
const LANGUAGE_TIMEOUT_MS = 3_000;

// The languages that have a file in `later/`. English is compiled into the WebAssembly.
const [language] = /^(de|es|fr)\b/.exec(navigator.language) ?? [];
if (language) {
  const file = `./later/${language}.js`;
  const sentences = (await within(LANGUAGE_TIMEOUT_MS, import(file)))?.default;
  if (sentences) {
    globalThis.parlorSentences = sentences;
    document.documentElement.lang = language;
  }
}
await restored;
init({ module_or_path: "parlor-widget_bg.wasm" });
