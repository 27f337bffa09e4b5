// Takes out of a document's WebAssembly what its page never asks for, and out of wasm-bindgen's glue
// what the WebAssembly no longer asks for, then gives what passes between the two short names.
// Then the functions are put into an order that compresses well.
// In place: FOLDER/NAME.js and FOLDER/NAME_bg.wasm, which fit one another before and after.
//
// A dependency may export classes that nobody here constructs, and each side alone must believe that
// the other needs them. So both are read as one graph: pieces of the glue, the entries of its import
// object, the exports of the WebAssembly. What the glue's `init` does not reach goes.
//
// The glue is read by its shape, not parsed: what stands at the left margin opens a statement, and
// the import object holds one function per entry. Must stay true: a shape that is not known is an
// error, never a guess.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { order } from "./order.mjs";

const [folder, name] = process.argv.slice(2);
const gluePath = join(folder, `${name}.js`);
const wasmPath = join(folder, `${name}_bg.wasm`);
const importsFrom = `./${name}_bg.js`;

/** What the page calls. It must not use what `init` answers, which is all exports. */
const ROOT = "__wbg_init";
const EXPORTS = /^export \{ initSync, __wbg_init as default \};$/;
const IMPORTS = "__wbg_get_imports";

/** Once for what the page does not ask for, once for what that alone had asked for. */
const ROUNDS = 2;
const SHRINK = ["-Oz", "--low-memory-unused"];
/** The last time thoroughly: twice every block is laid out anew, which alone makes it larger, and shrunk. */
const ANEW = ["--flatten", "--rereloop", "-Oz"];
const THOROUGHLY = [...ANEW, ...ANEW, ...SHRINK];
const SHORTEN = "--minify-imports-and-exports-and-modules";

function fail(why) {
  throw new Error(`${gluePath} is not what wasm-bindgen wrote so far: ${why}`);
}

/** The glue in pieces: what it declares, and the entries of its import object by themselves. */
function read(glue) {
  const statements = [];
  for (const line of glue.split("\n")) {
    if (/^[^\s})]/.test(line)) statements.push([line]);
    else if (statements.length > 0) statements.at(-1).push(line);
    else if (line !== "") fail(`it begins with \`${line}\``);
  }
  const last = statements.pop() ?? [];
  if (!EXPORTS.test(last.join("\n").trim())) fail("it does not end with its exports");

  const pieces = [];
  const known = new Map();
  for (const lines of statements) {
    const names = declared(lines[0]);
    const text = lines.join("\n").replace(/^export /, "");
    if (names.length > 0) {
      const piece = { names, text, entries: [], dropped: false };
      pieces.push(piece);
      for (const one of names) known.set(one, piece);
    } else {
      // Something done at once belongs to the first thing it is done to.
      const owner = words(text).map((word) => known.get(word)).find(Boolean);
      if (!owner) fail(`nothing is declared for \`${lines[0]}\``);
      owner.text += `\n${text}`;
    }
  }
  const imports = known.get(IMPORTS) ?? fail(`no ${IMPORTS}`);
  splitImports(imports);
  known.get(ROOT) ?? fail(`no ${ROOT}`);
  return { pieces, known, imports };
}

function declared(line) {
  const one = /^(?:export )?(?:class|(?:async )?function|const) (\w+)/.exec(line);
  if (one) return [one[1]];
  const some = /^let ([\w, ]+?)(?: = .*)?;$/.exec(line);
  return some ? some[1].split(", ") : [];
}

/** Leaves in the piece what stands around the entries. */
function splitImports(piece) {
  const head = "const import0 = {\n        __proto__: null,\n";
  const tail = "\n    };\n    return {\n        __proto__: null,\n";
  const from = piece.text.indexOf(head) + head.length;
  const to = piece.text.indexOf(tail);
  if (from < head.length || to < from) fail("its import object looks different");
  if (piece.text.split(importsFrom).length !== 2) fail(`it does not name ${importsFrom} once`);
  for (const line of piece.text.slice(from, to).split("\n")) {
    const opening = /^ {8}(\w+): (function\(.*)$/.exec(line);
    if (opening) piece.entries.push({ name: opening[1], text: opening[2] });
    else if (/^ {8}(\}|\s)/.test(line)) piece.entries.at(-1).text += `\n${line}`;
    else fail(`\`${line}\` among its imports`);
  }
  piece.head = piece.text.slice(0, from);
  piece.tail = piece.text.slice(to);
  piece.text = piece.head + piece.tail;
}

const words = (text) => text.match(/[A-Za-z_$][\w$]*/g) ?? [];
const asked = (text) => [...text.matchAll(/\bwasm\.([A-Za-z_$][\w$]*)/g)].map((found) => found[1]);

/** The glue as wasm-metadce wants to see it; it adds the WebAssembly's own insides. */
function graph({ pieces, known, imports }) {
  const nodes = [];
  const exports = new Set();
  const reaches = (text) => {
    const found = new Set();
    for (const word of words(text)) if (known.has(word)) found.add(`glue ${known.get(word).names[0]}`);
    for (const one of asked(text)) {
      exports.add(one);
      found.add(`export ${one}`);
    }
    return [...found];
  };
  for (const { names, text, dropped } of pieces) {
    if (dropped) continue;
    nodes.push({ name: `glue ${names[0]}`, reaches: reaches(text), root: names.includes(ROOT) });
  }
  for (const { name: entry, text } of imports.entries) {
    nodes.push({ name: `import ${entry}`, reaches: reaches(text), import: [importsFrom, entry] });
  }
  for (const one of exports) nodes.push({ name: `export ${one}`, export: one });
  return nodes.map((node) => (node.root ? node : { ...node, root: undefined }));
}

/** Takes from the glue what wasm-metadce calls unused. */
function drop({ pieces, imports }, report) {
  const unused = new Set([...report.matchAll(/^unused: (.*)$/gm)].map((found) => found[1]));
  for (const piece of pieces) piece.dropped ||= unused.has(`glue ${piece.names[0]}`);
  imports.entries = imports.entries.filter((entry) => !unused.has(`import ${entry.name}`));
}

/** The glue again, under the names that wasm-opt chose, and the module's, which it chose too. */
function write({ pieces, imports }, mapping, module) {
  const entry = new Map(mapping.imports.map(([, long, short]) => [long, short]));
  const exported = new Map(mapping.exports);
  imports.text = imports.head + imports.entries
    .filter(({ name: long }) => entry.has(long))
    .map(({ name: long, text }) => `        ${JSON.stringify(entry.get(long))}: ${text}`)
    .join("\n") + imports.tail;
  const found = new Set(imports.entries.map(({ name: long }) => long));
  for (const long of entry.keys()) if (!found.has(long)) fail(`nothing answers the import ${long}`);
  const glue = pieces.filter((piece) => !piece.dropped).map((piece) => piece.text).join("\n");
  return `${glue}\nexport { ${ROOT} as default };\n`
    .replace(JSON.stringify(importsFrom), JSON.stringify(module))
    .replace(/\bwasm\.([A-Za-z_$][\w$]*)/g, (_, long) => {
      if (!exported.has(long)) fail(`it asks for ${long}, which the WebAssembly does not export`);
      return `wasm.${exported.get(long)}`;
    });
}

/** What the WebAssembly, as it is now, calls the module that it imports all from. */
function imported() {
  const found = WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(wasmPath)));
  const modules = new Set(found.map(({ module }) => module));
  if (modules.size !== 1) fail(`the WebAssembly imports from ${[...modules].join(" and ")}`);
  return [...modules][0];
}

const run = (program, ...words) =>
  execFileSync(program, words, { encoding: "utf8", maxBuffer: 2 ** 30 });

const glue = read(readFileSync(gluePath, "utf8"));
const scratch = mkdtempSync(join(tmpdir(), "parlor-prune-"));
try {
  const graphPath = join(scratch, "graph.json");
  let mapping = "";
  for (let round = 1; round <= ROUNDS; round++) {
    writeFileSync(graphPath, JSON.stringify(graph(glue)));
    drop(glue, run("wasm-metadce", wasmPath, "--graph-file", graphPath, "-o", wasmPath));
    const passes = round < ROUNDS ? SHRINK : [...THOROUGHLY, SHORTEN];
    mapping = run("wasm-opt", ...passes, wasmPath, "-o", wasmPath);
  }
  order(wasmPath, join(scratch, "ordered.wat"), run);
  writeFileSync(gluePath, write(glue, JSON.parse(mapping), imported()));
} finally {
  rmSync(scratch, { recursive: true });
}
