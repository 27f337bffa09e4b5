// Starts the page. A file of its own, for the page's policy has no room for inline scripts.
import init from "./parlor-console.js";

await init({ module_or_path: new URL("./parlor-console_bg.wasm", import.meta.url) });
