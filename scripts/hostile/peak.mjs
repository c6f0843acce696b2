// Loaded before the command (`node --import`): writes the process's CPU time and greatest resident memory
// to PEAK_FILE when it exits. VmHWM rather than maxRSS, which a child inherits from the process before it.
import { readFileSync, writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

function peakKibibytes() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))[1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}

if (isMainThread) {
  process.on("exit", () => {
    const { user, system } = process.cpuUsage();
    const facts = { cpuMs: (user + system) / 1000, peakMebibytes: peakKibibytes() / 1024 };
    writeFileSync(process.env.PEAK_FILE, JSON.stringify(facts));
  });
}
