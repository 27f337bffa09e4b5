// Blanks the places in the sources that a document's WebAssembly carries for its panics: a file's
// name, and a line and column each. A browser has no standard error, so nothing ever prints them;
// they would tell strangers how the builder's machine names its folders, and weigh more than a
// kilobyte.
//
// Nothing moves and no pointer changes. Only two things are overwritten with zeros: text that is a
// path of a Rust source, and the two numbers behind a pointer to one (std's `panic::Location`).
import { readFileSync, writeFileSync } from "node:fs";

const [file] = process.argv.slice(2);
const wasm = readFileSync(file);

const PATHS =
  /(?:\/rustc\/[0-9a-f]{40}\/library|\/rust\/deps|\/[\w.\/-]+\/registry\/src\/[\w.-]+|crates|src)\/[\w.\/-]+?\.rs\0/g;

const DATA_SECTION = 11;
const LOCATION_BYTES = 16;

let at = 8;
function number() {
  let value = 0;
  for (let shift = 1; ; shift *= 128) {
    const byte = wasm[at++];
    value += (byte & 127) * shift;
    if (byte < 128) return value;
  }
}

/** The parts of the memory that the file fills: where in the file, and where in memory. */
function segments() {
  while (at < wasm.length) {
    const section = wasm[at++];
    const end = number() + at;
    if (section !== DATA_SECTION) {
      at = end;
      continue;
    }
    return Array.from({ length: number() }, () => {
      const [active, constant] = [wasm[at++], wasm[at++]];
      const address = number();
      if (active !== 0 || constant !== 0x41 || wasm[at++] !== 0x0b) {
        throw new Error(`${file}: a piece of data is of a kind that was not met so far`);
      }
      const length = number();
      at += length;
      return { start: at - length, end: at, address };
    });
  }
  return [];
}

const lengths = new Map();
const found = segments();
for (const { start, end, address } of found) {
  for (const path of wasm.toString("latin1", start, end).matchAll(PATHS)) {
    lengths.set(address + path.index, path[0].length - 1);
    wasm.fill(0, start + path.index, start + path.index + path[0].length);
  }
}
let places = 0;
for (const { start, end, address } of found) {
  const aligned = start + ((4 - (address % 4)) % 4);
  for (let place = aligned; place + LOCATION_BYTES <= end; place += 4) {
    if (lengths.get(wasm.readUInt32LE(place)) !== wasm.readUInt32LE(place + 4)) continue;
    wasm.fill(0, place + 8, place + LOCATION_BYTES);
    places++;
  }
}
if (places === 0) throw new Error(`${file}: no places of panics; has their shape changed?`);
writeFileSync(file, wasm);
