// Random numbers that can be had again. The seed is printed; `PARLOR_SEED` sets it.
const SEED = Number(process.env.PARLOR_SEED ?? Math.floor(Math.random() * 2 ** 32)) >>> 0;

/**
 * A sequence of numbers from 0 to 1 (1 excluded) that is the same for the same seed and name, in
 * whatever order the sequences of a test are used. The generator is mulberry32.
 */
export function random(name: string): () => number {
  let state = SEED;
  for (const c of name) state = Math.imul(state ^ (c.codePointAt(0) ?? 0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function printSeed(): void {
  console.log(`PARLOR_SEED=${SEED}`);
}
