// Builds every contract of fixtures/contracts into fixtures/contracts/build/: module, ABI, and a manifest of
// hashes. Tests and benchmarks read these; `--check` builds again and fails where a committed file
// differs. Runs on dist/, so `npm run build` comes first.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sources = join(root, "fixtures", "contracts");
const target = join(sources, "build");
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

const files = await buildAll();
if (process.argv.includes("--check")) {
  const committed = existsSync(target) ? readdirSync(target) : [];
  const wrong = [...new Set([...committed, ...files.keys()])].filter((name) => {
    const built = files.get(name);
    return !built || !committed.includes(name) || !built.equals(readFileSync(join(target, name)));
  });
  if (wrong.length > 0) {
    process.stderr.write(
      `fixtures/contracts/build is not what the sources build to: ${wrong.sort().join(", ")}\n` +
        "run: npm run build && node scripts/build-fixtures.mjs, and commit the result\n",
    );
    process.exit(1);
  }
  process.stdout.write(`${files.size - 1} fixture files are what their sources build to\n`);
} else {
  mkdirSync(target, { recursive: true });
  for (const [name, content] of files) writeFileSync(join(target, name), content);
  process.stdout.write(readFileSync(join(target, MANIFEST), "utf8"));
}
