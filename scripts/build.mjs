// Builds everything a user runs: our AssemblyScript modules into byte modules, TypeScript, the project
// templates and the one-file verifier into dist/. The new dist/ takes the old one's place only when it is complete.
// `--check` rebuilds the byte modules and fails if a committed one differs (CI).
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { buildModules } from "./build-modules.mjs";
import { buildVerifier } from "./build-verifier.mjs";

const check = process.argv.includes("--check");
const next = `.plasma/dist.${process.pid}`;
const old = `.plasma/dist-old.${process.pid}`;

await buildModules({ check });
mkdirSync(".plasma", { recursive: true });
const tsc = spawnSync(
  "node",
  ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--outDir", next],
  { stdio: "inherit" },
);
if (tsc.status !== 0) {
  rmSync(next, { recursive: true, force: true });
  process.exit(tsc.status ?? 1);
}
if (existsSync("cli/templates"))
  cpSync("cli/templates", `${next}/cli/templates`, { recursive: true });
if (existsSync(`${next}/cli/main.js`)) chmodSync(`${next}/cli/main.js`, 0o755);
await buildVerifier({ folder: next });
if (existsSync("dist")) renameSync("dist", old);
renameSync(next, "dist");
rmSync(old, { recursive: true, force: true });
