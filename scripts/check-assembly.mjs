// Type-checks every AssemblyScript entry with asc itself (tsc cannot check AssemblyScript), each with the
// features that it is built with.
import { spawnSync } from "node:child_process";
import { modules } from "./build-modules.mjs";

const checks = [...modules, { entry: "assembly/index.ts", flags: [] }];
for (const { entry, flags } of checks) {
  const asc = ["node_modules/assemblyscript/bin/asc.js", entry, "--config", "none", "--noEmit"];
  const run = spawnSync("node", [...asc, "--runtime", "stub", ...flags], { stdio: "inherit" });
  if (run.status !== 0) process.exit(run.status ?? 1);
}
process.stdout.write(`asc accepts ${checks.map(({ entry }) => entry).join(", ")}\n`);
