// Prints what every fixture scenario comes to on the engine that runs this file: block hashes and gas as one
// JSON document. scripts/sameness.mjs runs it on several engines and compares. Needs dist/.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { loadScenario } from "../dist/cli/scenario/load-scenario.js";
import { runScenario } from "../dist/cli/scenario/run-scenario.js";
import { toHex } from "../dist/host/codec/hex.js";
import { keccak256 } from "../dist/host/codec/keccak.js";
import { memoryStore } from "../dist/host/environment/environment.js";

const FOLDER = "fixtures/scenarios";
const roots = {};
for (const file of readdirSync(FOLDER).sort()) {
  if (!file.endsWith(".json")) continue;
  const blocks = [];
  const loaded = await loadScenario(join(FOLDER, file));
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
    },
  });
  roots[file] = blocks;
}
process.stdout.write(`${JSON.stringify(roots, null, 2)}\n`);
// The shared worker threads would otherwise be waited for.
process.exit(0);
