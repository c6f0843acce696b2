// Builds everything a user runs: our AssemblyScript modules into byte modules, then TypeScript into dist/.
// `--check` rebuilds the byte modules and fails if a committed one differs (CI).
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, rmSync } from "node:fs";
import { buildModules } from "./build-modules.mjs";

const check = process.argv.includes("--check");
await buildModules({ check });
rmSync("dist", { recursive: true, force: true });
const tsc = spawnSync("node", ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], {
  stdio: "inherit",
});
if (tsc.status !== 0) process.exit(tsc.status ?? 1);
if (existsSync("dist/cli/main.js")) chmodSync("dist/cli/main.js", 0o755);
