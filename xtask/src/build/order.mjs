// Puts the functions of a WebAssembly beside those that are most like them: of the same signature,
// the same locals, the same beginning. What a compressor has just seen it finds again cheaply, and
// the order means nothing to a browser; it is worth two percent of what a visitor loads.
import { readFileSync, writeFileSync } from "node:fs";

/** What the compiler may use, and all browsers of the last years have. */
const FEATURES = [
  "--enable-bulk-memory",
  "--enable-multivalue",
  "--enable-mutable-globals",
  "--enable-nontrapping-float-to-int",
  "--enable-reference-types",
  "--enable-sign-ext",
];
const FUNCTION = " (func ";
const END = " )";

/** In place; `text` is a path for what is between. The functions must have no names. */
export function order(wasm, text, run) {
  run("wasm-dis", ...FEATURES, wasm, "-o", text);
  const { before, functions, after } = read(readFileSync(text, "utf8"));
  const sorted = functions
    .map((lines) => ({ lines, key: key(lines) }))
    .sort((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)))
    .flatMap(({ lines }) => lines);
  writeFileSync(text, [...before, ...sorted, ...after].join("\n"));
  run("wasm-as", ...FEATURES, text, "-o", wasm);
}

/** The module as text, line by line: its functions, and what stands around them. */
function read(text) {
  const before = [];
  const functions = [];
  const after = [];
  let open = false;
  for (const line of text.split("\n")) {
    if (open) functions.at(-1).push(line);
    else if (line.startsWith(FUNCTION)) functions.push([line]);
    else (functions.length > 0 ? after : before).push(line);
    open = open ? line !== END : line.startsWith(FUNCTION) && !isWhole(line);
  }
  if (open || functions.length === 0) throw new Error("the WebAssembly's text looks different");
  return { before, functions, after };
}

const isWhole = (line) => line.split("(").length === line.split(")").length;

/** Signature, locals, and what it does, without the names of anything. */
const key = (lines) => lines.join(" ").replace(/\$[^\s()]+/g, "").replace(/\s+/g, " ");
