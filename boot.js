// Starts the chat. A file of its own, since the document's policy has no room for inline scripts.
import init from "./parlor-widget.js";

init({ module_or_path: "parlor-widget_bg.wasm" });
