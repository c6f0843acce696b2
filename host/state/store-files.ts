// What can be said about a store's directory before LMDB maps it, and who owns it. LMDB trusts the
// file it is given: damaged page numbers crash the process, so a file that cannot be ours is refused
// here. Part of the LMDB store; it must never change a file that it does not recognise.

import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { EngineError } from "../errors.ts";

export const STORE_FILE = "state.lmdb";

/**
 * LMDB meta pages (0 and 1), little-endian, as lmdb 3.5 writes them.
 * ```
 * 24     28        48          88          136         144
 * | magic | version | page size | free root | main root | last page |
 * ```
 */
const META_MAGIC = 0xbeefc0de;
const META_BYTES = 160;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

/** Reads the two meta pages and refuses what LMDB would not survive. */
function looksLikeLmdb(file: string): boolean {
  const stat = statSync(file);
  if (!stat.isFile()) return false;
  const { size } = stat;
  const descriptor = openSync(file, "r");
  try {
    const meta = Buffer.alloc(META_BYTES);
    readSync(descriptor, meta, 0, META_BYTES, 0);
    const pageSize = meta.readUInt32LE(48);
    for (const page of [0, 1]) {
      if (page === 1) readSync(descriptor, meta, 0, META_BYTES, pageSize);
      if (meta.readUInt32LE(24) !== META_MAGIC || meta.readUInt32LE(48) !== pageSize) return false;
      if (pageSize < 512 || pageSize > 65_536 || size < 2 * pageSize) return false;
      for (const at of [88, 136]) {
        const root = meta.readBigUInt64LE(at);
        if (root !== NO_PAGE && (root + 1n) * BigInt(pageSize) > BigInt(size)) return false;
      }
    }
    return true;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Makes sure that `path` is a directory with a store, or an empty one to make a store in; the real
 * path of the directory is returned.
 * @throws STATE_PATH when it cannot be used, STATE_NOT_A_STORE when something else is there
 */
export function prepareDirectory(path: string): string {
  let names: string[];
  try {
    mkdirSync(path, { recursive: true });
    names = readdirSync(path);
  } catch (cause) {
    throw new EngineError({
      code: "STATE_PATH",
      message: `got ${path}, expected a directory that can be made and read: ${(cause as Error).message}`,
      where: { file: path },
      cause,
    });
  }
  const file = join(path, STORE_FILE);
  if (!existsSync(file) && names.length > 0) {
    throw new EngineError({
      code: "STATE_NOT_A_STORE",
      message: `got a directory with ${names[0]} and no ${STORE_FILE}, expected a store or nothing`,
      where: { file: path },
    });
  }
  if (existsSync(file) && !looksLikeLmdb(file)) {
    throw new EngineError({
      code: "STATE_NOT_A_STORE",
      message: `got a ${STORE_FILE} that is no LMDB file or is cut short`,
      where: { file },
    });
  }
  return realpathSync(path);
}

/** Who has a store open: written into it, so that taking it over is one LMDB transaction. */
export interface StoreOwner {
  readonly pid: number;
  /** Start time of the process where the system tells it, else empty: pids are used again. */
  readonly started: string;
  /** Random; the handle whose token stands in the store is the one that may write. */
  readonly token: string;
}

/** Fields of /proc/PID/stat from the third on (Linux), or undefined. */
function processStat(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the command in brackets and may hold spaces.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

/** Start time of a process in clock ticks since boot where the system tells it, else empty. */
export function processStart(pid: number): string {
  return processStat(pid)?.[19] ?? "";
}

/** Whether the owner is another process that still runs. */
export function ownerIsAlive(owner: StoreOwner): boolean {
  if (owner.pid === process.pid) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const stat = processStat(owner.pid);
  // A zombie still answers to its pid, but has let go of everything.
  if (stat?.[0] === "Z") return false;
  return owner.started === "" || stat === undefined || stat[19] === owner.started;
}
