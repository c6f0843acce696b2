// Proves that the fixture blocks come to the same roots, receipts, gas and bundles on several engines: this
// Node with its default tiers, with the baseline compiler alone and with the optimising one alone, and the
// Node versions given by --node (from the registry; Linux x64). The roots must also be the committed ones.
//   node scripts/sameness.mjs [--node 24] [--update]
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { installedNode, NODE_VERSIONS } from "./engines.mjs";

const GOLDEN = "fixtures/roots.json";

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function rootsOn(engine) {
  const run = spawnSync(engine.binary, [...engine.flags, "scripts/sameness-roots.mjs"], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (run.status !== 0) fail(`${engine.name} failed:\n${run.stderr}`);
  return run.stdout;
}

const args = process.argv.slice(2);
const majors = args.flatMap((arg, index) => (arg === "--node" ? [args[index + 1]] : []));
for (const major of majors) {
  if (NODE_VERSIONS[major] === undefined)
    fail(`--node takes ${Object.keys(NODE_VERSIONS)}, got ${major}`);
}
const here = { binary: process.execPath, version: process.version };
const engines = [
  { ...here, name: `Node ${here.version}, default tiers`, flags: [] },
  { ...here, name: `Node ${here.version}, --liftoff-only`, flags: ["--liftoff-only"] },
  { ...here, name: `Node ${here.version}, --no-liftoff`, flags: ["--no-liftoff"] },
  ...majors.map((major) => ({ name: `Node ${major}`, binary: installedNode(major), flags: [] })),
];

if (args.includes("--update")) writeFileSync(GOLDEN, rootsOn(engines[0]));
const golden = readFileSync(GOLDEN, "utf8");
let different = 0;
for (const engine of engines) {
  const same = rootsOn(engine) === golden;
  if (!same) different += 1;
  process.stdout.write(`${same ? "same     " : "DIFFERENT"}  ${engine.name}\n`);
}
const blocks = Object.values(JSON.parse(golden)).flat().length;
process.stdout.write(
  `${blocks} blocks on ${engines.length} engines, ${different} engines differ from ${GOLDEN}\n`,
);
process.exit(different === 0 ? 0 : 1);
