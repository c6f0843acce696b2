// How much memory a process holds that nobody else could use: what Wasm memories, typed arrays, heaps and stacks of
// all its threads take together. Pages of mapped files are left out where the system tells them apart (Linux): the
// system takes those back when it needs them, and a store maps its whole file.
import { readFileSync } from "node:fs";

const ANONYMOUS = /^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm;

/** Bytes that a running process holds, or undefined where the system does not tell. */
export function residentBytes(pid: number): number | undefined {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, "latin1");
  } catch {
    return undefined;
  }
  const rows = [...status.matchAll(ANONYMOUS)];
  // A process that ended and still has a name holds nothing and has no rows.
  return rows.length === 0 ? undefined : rows.reduce((sum, [, kB]) => sum + Number(kB) * 1024, 0);
}

/** Whether this system tells the memory of another process. */
export const seesResidentMemory = residentBytes(process.pid) !== undefined;
