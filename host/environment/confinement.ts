// Keeps a process on some of the computer's cores, where the system has a command for that.
import { spawnSync } from "node:child_process";

let found: boolean | undefined;

/** Whether `confinedTo` keeps anything anywhere: `taskset` of util-linux is there and works. */
export function canConfine(): boolean {
  found ??= spawnSync("taskset", ["-c", "0", "true"], { stdio: "ignore" }).status === 0;
  return found;
}

/** What to put before a command so that it runs on these cores only; nothing where that cannot be. */
export function confinedTo(cores: readonly number[] | undefined): readonly string[] {
  return cores === undefined || !canConfine() ? [] : ["taskset", "-c", cores.join(",")];
}
