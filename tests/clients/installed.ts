// Where `cargo xtask clients` puts what others wrote.
import { createRequire } from "node:module";
import { join } from "node:path";

const folder = process.env.PARLOR_CLIENTS;
if (!folder) throw new Error("PARLOR_CLIENTS names no folder: run `cargo xtask clients`");

export const CLIENTS: string = folder;
export const require = createRequire(join(folder, "package.json"));
