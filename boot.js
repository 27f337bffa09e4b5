// Starts the chat. A file of its own, since the document's policy has no room for inline scripts.
import { restored } from "./keep.js";
import init from "./parlor-widget.js";

await restored;
init({ module_or_path: "parlor-widget_bg.wasm" });
