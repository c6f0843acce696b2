// Type-checks with asc (tsc cannot check AssemblyScript) the one entry that no build compiles whole: the contract
// SDK. The engine's own modules are compiled, and so checked, by scripts/build.mjs: whenever their sources changed,
// and always under --check.
import { spawnSync } from "node:child_process";

const ENTRY = "assembly/index.ts";
const asc = ["node_modules/assemblyscript/bin/asc.js", ENTRY, "--config", "none", "--noEmit"];
const run = spawnSync("node", [...asc, "--runtime", "stub"], { stdio: "inherit" });
if (run.status !== 0) process.exit(run.status ?? 1);
process.stdout.write(`asc accepts ${ENTRY}\n`);
