// Opens copies of a store whose pages are damaged in ways that the arguments choose, and says how each
// ended. LMDB may crash the process: the test that starts this one would hear of it. Runs the built engine.
// Arguments: store directory, scratch directory, "meta" | "both" | "zero", how many.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "../../dist/host/state/lmdb-store.js";

const [store, scratch, kind, count] = process.argv.slice(2);
const FILE = "state.lmdb";
const whole = readFileSync(join(store, FILE));
const pageSize = whole.readUInt32LE(48);
const pages = whole.length / pageSize;

/** The same numbers below `bound` in every run. */
function random(seed, bound) {
  let x = Math.imul(seed + 1, 0x9e3779b1);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  return ((x ^ (x >>> 13)) >>> 0) % bound;
}

function damagedCopy(i) {
  const bytes = Buffer.from(whole);
  const at = 16 + random(3 * i, 144);
  if (kind === "zero") bytes.fill(0, (i % pages) * pageSize, ((i % pages) + 1) * pageSize);
  if (kind === "meta") bytes[(i % 2) * pageSize + at] ^= 1 << random(3 * i + 1, 8);
  if (kind === "both") bytes[at] = bytes[pageSize + at] = random(3 * i + 2, 256);
  return bytes;
}

const ends = {};
for (let i = 0; i < Number(count); i++) {
  const copy = join(scratch, String(i));
  mkdirSync(copy);
  writeFileSync(join(copy, FILE), damagedCopy(i));
  let end = "opened";
  try {
    await (await openStore(copy)).close();
  } catch (error) {
    end = String(error.code ?? error);
  }
  ends[end] = (ends[end] ?? 0) + 1;
  rmSync(copy, { recursive: true });
}
process.stdout.write(JSON.stringify(ends));
process.exit(0);
