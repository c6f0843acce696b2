// Runs every fixture scenario as a node does, with the worker thread and the native add-ons, on the engine that
// runs this file: block hashes, roots, gas and bundle hashes as one JSON document. With a folder as argument
// it keeps the bundles there, for engines that only replay. Needs dist/.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadScenario } from "../../dist/cli/scenario/load-scenario.js";
import { runScenario } from "../../dist/cli/scenario/run-scenario.js";
import { toHex } from "../../dist/host/codec/hex.js";
import { keccak256 } from "../../dist/host/codec/keccak.js";
import { memoryStore } from "../../dist/host/environment/environment.js";

const SCENARIOS = "fixtures/scenarios";
const folder = process.argv[2];
if (folder !== undefined) mkdirSync(folder, { recursive: true });
const roots = {};
for (const file of readdirSync(SCENARIOS).sort()) {
  if (!file.endsWith(".json")) continue;
  const blocks = [];
  const loaded = await loadScenario(join(SCENARIOS, file));
  await runScenario(loaded, {
    store: memoryStore(),
    bundles: true,
    onBlock: ({ executed }) => {
      blocks.push({
        block: executed.blockHash,
        stateRoot: executed.stateRoot,
        gasUsed: String(executed.gasUsed),
        bundle: toHex(keccak256(executed.bundle)),
      });
      if (folder === undefined) return;
      const name = `${file.replace(/\.json$/, "")}-${executed.height}.bundle`;
      writeFileSync(join(folder, name), executed.bundle);
    },
  });
  roots[file] = blocks;
}
process.stdout.write(`${JSON.stringify(roots, null, 2)}\n`);
// The shared worker threads would otherwise be waited for.
process.exit(0);
