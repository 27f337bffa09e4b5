// Starts the chat. A file of its own, since the document's policy has no room for inline scripts.
import init from "./parlor-widget.js";

// What is rarely wanted is fetched when it first is; what cannot be fetched is asked for again.
globalThis.parlorSheet = (...what) =>
  import("./later/sheet.js").then(({ show }) => show(...what), () => {});

init({ module_or_path: "parlor-widget_bg.wasm" });
