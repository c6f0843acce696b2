// `npm run determinism -- [--short] [--json]`: compiles the comparison of engines into .plasma/ and runs it there
// (tests/determinism/main.ts says what it does), so that every engine runs the same plain JavaScript.
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

process.chdir(resolve(import.meta.dirname, "../.."));
const out = ".plasma/determinism/compiled";
const tsc = spawnSync(
  process.execPath,
  ["node_modules/typescript/bin/tsc", "-p", "tests/determinism/tsconfig.json", "--outDir", out],
  { stdio: ["ignore", "inherit", "inherit"] },
);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);
await import(pathToFileURL(resolve(join(out, "tests/determinism/main.js"))).href);
