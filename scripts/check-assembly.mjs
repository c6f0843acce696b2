// Type-checks every AssemblyScript entry with asc itself (tsc cannot check AssemblyScript).
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { modules } from "./build-modules.mjs";

const entries = [...modules.map((module) => module.entry), "assembly/index.ts"].filter(existsSync);
for (const entry of entries) {
  const run = spawnSync(
    "node",
    ["node_modules/assemblyscript/bin/asc.js", entry, "--noEmit", "--runtime", "stub"],
    {
      stdio: "inherit",
    },
  );
  if (run.status !== 0) process.exit(run.status ?? 1);
}
process.stdout.write(`asc accepts ${entries.join(", ")}\n`);
