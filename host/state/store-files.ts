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
 * LMDB meta pages (0 and 1), little-endian, as lmdb 3.5 writes them; a page's header is its first 24 bytes.
 * ```
 * 0           18           24      28        32        40         48       96       144         152
 * | page number | page flags | magic | version | address | map size | free | main | last page | transaction |
 *                             a tree of 48 bytes: 0 u32 page size | 4 u16 flags | 6 u16 depth | 8, 16, 24 u64 pages | 40 root
 * ```
 */
const META_MAGIC = 0xbeefc0de;
const META_VERSION = 2;
const META_FLAG = 0x08;
const META_BYTES = 160;
const HEADER_BYTES = 24;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;
const DEPTH_MAX = 32;
/** Where the trees stand, and what of their flags must be as it is: integer keys for the free pages. */
const TREES = [48, 96] as const;
const TREE_FLAGS = { 48: 0x08, 96: 0 } as const;
/** Settings of the environment that the flags of the first tree hold too. */
const SETTINGS = 0x5000;
/** More than any file that LMDB can map. */
const MAP_BYTES_MAX = 2n ** 47n;

/** `length` bytes of an open file at `at`, zeros past its end. */
function readAt(descriptor: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  readSync(descriptor, bytes, 0, length, at);
  return bytes;
}

/** Whether a meta page, read from page `index` of a file of `size` bytes, names only what the file has. */
function isMeta(meta: Buffer, index: number, pageSize: number, size: number): boolean {
  const isOurs =
    meta.readBigUInt64LE(0) === BigInt(index) &&
    meta.readUInt16LE(18) === META_FLAG &&
    meta.readUInt32LE(24) === META_MAGIC &&
    meta.readUInt32LE(28) === META_VERSION &&
    meta.readBigUInt64LE(32) === 0n &&
    meta.readUInt32LE(48) === pageSize;
  const mapBytes = meta.readBigUInt64LE(40);
  const pages = meta.readBigUInt64LE(144) + 1n;
  const transaction = meta.readBigUInt64LE(152);
  if (!isOurs || mapBytes > MAP_BYTES_MAX || pages * BigInt(pageSize) > mapBytes) return false;
  // Transactions write the two pages in turn; both of a new file are of transaction 0.
  if (transaction !== 0n && transaction % 2n !== BigInt(index)) return false;
  return TREES.every((at) => {
    const root = meta.readBigUInt64LE(at + 40);
    const depth = meta.readUInt16LE(at + 6);
    const counted = [8, 16, 24].map((field) => meta.readBigUInt64LE(at + field));
    if (counted.some((count) => count > pages)) return false;
    if ((meta.readUInt16LE(at + 4) & ~SETTINGS) !== TREE_FLAGS[at]) return false;
    if (root === NO_PAGE) return depth === 0;
    const isInFile = root > 1n && root < pages && (root + 1n) * BigInt(pageSize) <= BigInt(size);
    return isInFile && depth > 0 && depth <= DEPTH_MAX;
  });
}

/** Whether the roots that a meta page names are pages of a tree. */
function hasRoots(descriptor: number, meta: Buffer, pageSize: number): boolean {
  return TREES.every((at) => {
    const root = meta.readBigUInt64LE(at + 40);
    if (root === NO_PAGE) return true;
    const header = readAt(descriptor, Number(root) * pageSize, HEADER_BYTES);
    const kind = meta.readUInt16LE(at + 6) > 1 ? 1 : 2;
    const [lower, upper] = [header.readUInt16LE(20), header.readUInt16LE(22)];
    const isPage = header.readBigUInt64LE(0) === root && (header.readUInt16LE(18) & 0x0f) === kind;
    return isPage && lower % 2 === 0 && lower <= upper && upper <= pageSize;
  });
}

/** Reads the two meta pages and the roots that they name, and refuses what LMDB would not survive. */
function looksLikeLmdb(file: string): boolean {
  const stat = statSync(file);
  if (!stat.isFile()) return false;
  const { size } = stat;
  const descriptor = openSync(file, "r");
  try {
    const first = readAt(descriptor, 0, META_BYTES);
    const pageSize = first.readUInt32LE(48);
    const isPower = (pageSize & (pageSize - 1)) === 0;
    if (!isPower || pageSize < 512 || pageSize > 65_536 || size < 2 * pageSize) return false;
    const second = readAt(descriptor, pageSize, META_BYTES);
    if (!isMeta(first, 0, pageSize, size) || !isMeta(second, 1, pageSize, size)) return false;
    // One of them is enough: after a power cut LMDB goes back to the older.
    return [first, second].some((meta) => hasRoots(descriptor, meta, pageSize));
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

/** For whoever reads a store and must not make one. @throws STATE_NOT_A_STORE where there is none */
export function checkStoreThere(path: string, hint: string): void {
  if (existsSync(join(path, STORE_FILE))) return;
  throw new EngineError({
    code: "STATE_NOT_A_STORE",
    message: `there is no ${STORE_FILE} in ${path}`,
    where: { file: path },
    hint,
  });
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
