// Builds every contract of fixtures/contracts into fixtures/contracts/build/: module, ABI, and a manifest of
// hashes; and the bundles of the scenarios that only transfer into fixtures/bundles/. Tests and benchmarks
// read these; `--check` builds again and fails where a committed file differs. Runs on dist/, so `npm run
// build` comes first.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sources = join(root, "fixtures", "contracts");
const target = join(sources, "build");
const bundles = join(root, "fixtures", "bundles");
/** Scenarios of which no block runs a contract. */
const PLAIN = ["transfers", "transfer-edges", "skipped"];
const MANIFEST = "manifest.json";

const sha256 = (data) => createHash("sha256").update(data).digest("hex");

/** Contract files as `counter.ts`, `kernels/fib.ts`. */
function contractFiles() {
  return readdirSync(sources, { recursive: true })
    .map((file) => String(file).replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts") && !file.startsWith("build/"))
    .sort();
}

/** @returns file name -> content of everything in build/ */
async function buildAll() {
  const { buildContract } = await import("../dist/host/contract/index.js");
  const files = new Map();
  const manifest = {};
  for (const entry of contractFiles()) {
    const { wasm, abiJson } = await buildContract({ entry, baseDir: sources });
    const name = entry.replace(/\.ts$/, "").replaceAll("/", "-");
    files.set(`${name}.wasm`, Buffer.from(wasm));
    files.set(`${name}.abi.json`, Buffer.from(`${abiJson}\n`));
    const source = sha256(readFileSync(join(sources, entry)));
    manifest[name] = { entry, bytes: wasm.length, source, wasm: sha256(wasm) };
  }
  files.set(MANIFEST, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
  return files;
}

/** @returns file name -> bundle of every block of the plain scenarios, without debug part */
async function buildBundles() {
  const { loadScenario } = await import("../dist/cli/scenario/load-scenario.js");
  const { runScenario } = await import("../dist/cli/scenario/run-scenario.js");
  const { memoryStore } = await import("../dist/host/environment/environment.js");
  const { decodeBundle, encodeBundle } = await import("../dist/host/chain/bundle.js");
  const files = new Map();
  for (const name of PLAIN) {
    let height = 0;
    const loaded = await loadScenario(join(root, "fixtures", "scenarios", `${name}.json`));
    const onBlock = ({ executed }) => {
      height += 1;
      const bundle = encodeBundle({ ...decodeBundle(executed.bundle), debug: [] });
      files.set(`${name}-${height}.bundle`, Buffer.from(bundle));
    };
    const { failed } = await runScenario(loaded, { store: memoryStore(), bundles: true, onBlock });
    if (failed > 0) throw new RangeError(`${name}: ${failed} expectations of the scenario failed`);
  }
  return files;
}

/** Paths of files in a folder that are not what was built. */
function differences(folder, files) {
  const committed = existsSync(folder) ? readdirSync(folder) : [];
  return [...new Set([...committed, ...files.keys()])].flatMap((name) => {
    const built = files.get(name);
    const path = join(folder, name);
    const same = built && committed.includes(name) && built.equals(readFileSync(path));
    return same ? [] : [path];
  });
}

const folders = [
  [target, await buildAll()],
  [bundles, await buildBundles()],
];
if (process.argv.includes("--check")) {
  const wrong = folders.flatMap(([folder, files]) => differences(folder, files));
  if (wrong.length > 0) {
    process.stderr.write(
      `these are not what their sources build to: ${wrong.sort().join(", ")}\n` +
        "run: npm run build && node scripts/build-fixtures.mjs, and commit the result\n",
    );
    process.exit(1);
  }
  const count = folders.reduce((sum, [, files]) => sum + files.size, 0);
  process.stdout.write(`${count} fixture files are what their sources build to\n`);
} else {
  for (const [folder, files] of folders) {
    mkdirSync(folder, { recursive: true });
    for (const [name, content] of files) writeFileSync(join(folder, name), content);
  }
  process.stdout.write(readFileSync(join(target, MANIFEST), "utf8"));
}
// The shared worker threads would otherwise be waited for.
process.exit(0);
