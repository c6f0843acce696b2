// One fuzz process under watch: says how it ended (finished, crash, hang) and at which input. A hang is an
// input that computes for more than two seconds; on a busy machine the wall clock runs while others work,
// so the process's own CPU time counts, and the wall clock only far beyond it.
import { fork } from "node:child_process";
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";

const HANG_CPU_MS = 2_000;
const HANG_WALL_MS = 60_000;
const LOOK_MS = 100;
/** Linux counts CPU time in hundredths of a second. */
const TICK_MS = 10;

/** CPU time of a process, or undefined where the system does not tell. */
function cpuMs(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return undefined;
  }
}

/** The input that is running, or −1 while the process is still opening its state. */
function currentInput(file) {
  const bytes = new Uint8Array(8);
  const handle = openSync(file, "r");
  readSync(handle, bytes, 0, 8, 0);
  closeSync(handle);
  return new DataView(bytes.buffer).getFloat64(0) - 1;
}

/**
 * Runs inputs from `job.first` on. `hear` gets the worker's messages.
 * @returns {Promise<{ending: "finished" | "crash" | "hang", index: number, message: string}>}
 *   `index` is −1 where not even the first input was reached
 */
export function runWatched(job, hear) {
  writeFileSync(job.progressFile, new Uint8Array(8));
  const child = fork(new URL("./fuzz-process.mjs", import.meta.url), {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  let finished = false;
  let hang = false;
  let died;
  let current = { index: -2, cpu: 0, wall: 0 };
  const look = setInterval(() => {
    const index = currentInput(job.progressFile);
    const cpu = cpuMs(child.pid);
    const wall = Date.now();
    if (index !== current.index) current = { index, cpu, wall };
    const wallMs = wall - current.wall;
    const computed = cpu === undefined || current.cpu === undefined ? wallMs : cpu - current.cpu;
    if ((index < 0 || computed <= HANG_CPU_MS) && wallMs <= HANG_WALL_MS) return;
    hang = true;
    child.kill("SIGKILL");
  }, LOOK_MS);
  child.on("message", (message) => {
    if (message.kind === "finished") finished = true;
    else if (message.kind === "died") died = message.message;
    else hear(message);
  });
  child.send(job);
  return new Promise((resolve) => {
    child.on("close", (_code, signal) => {
      clearInterval(look);
      const ending = finished ? "finished" : hang ? "hang" : "crash";
      const message = died ?? `the process ended by ${signal ?? "itself"}`;
      resolve({ ending, index: currentInput(job.progressFile), message });
    });
  });
}
