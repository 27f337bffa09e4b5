// Sizes of the files named on the command line, as JSON: plain, gzip 9, brotli 11.
import { readFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const best = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
const sizes = process.argv.slice(2).map((file) => {
  const content = readFileSync(file);
  return [
    content.length,
    gzipSync(content, { level: 9 }).length,
    brotliCompressSync(content, best).length,
  ];
});
console.log(JSON.stringify(sizes));
