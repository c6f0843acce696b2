// Builds kept in the user's cache folder, so that nothing compiles what has not changed: a first compilation
// costs seconds, reading a cached build a millisecond. An entry remembers every project file that its build
// looked for, found or not; it counts only while all of them, the SDK and the compiler's driver are the
// same. The cache is nobody's truth: an entry that cannot be read is as good as none.

import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { pack, unpack } from "msgpackr";
import { toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { type BuildRequest, buildContract, type ContractBuild } from "./build.ts";
import { projectFiles, sdkFingerprint } from "./source-files.ts";

/** Raise when the entry's form changes. */
const CACHE_FORMAT = 2;

/** Beyond so many builds the oldest goes: about 50 MB. */
const ENTRIES_MAX = 512;

interface CacheEntry {
  readonly format: number;
  readonly sdk: string;
  /** Path and hash of each project file that was looked for; null where there was none. */
  readonly files: readonly (readonly [path: string, hash: string | null])[];
  readonly build: ContractBuild;
}

const hashText = (text: string): string => toHex(keccak256(new TextEncoder().encode(text)));

/** Where builds are kept, by what was built and not by where it lies. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "plasmavm", "builds");
}

function entryFile(request: BuildRequest & { readonly baseDir: string }): string {
  const text = projectFiles(request.files ?? {}, request.baseDir).read(request.entry) ?? "";
  const name = hashText(`${request.entry}\0${text}`).slice(2, 34);
  return join(cacheFolder(), `${name}.msgpack`);
}

/**
 * Builds a contract of a project on disk, or takes the build of an earlier process where nothing changed.
 * @throws BUILD_… as buildContract does
 */
export async function buildCached(
  request: BuildRequest & { readonly baseDir: string },
): Promise<ContractBuild> {
  const file = entryFile(request);
  const cached = readEntry(file);
  if (cached !== undefined && isCurrent(cached, request)) {
    // msgpackr gives Node Buffers; a build has plain bytes.
    return { ...cached.build, wasm: new Uint8Array(cached.build.wasm) };
  }
  const files = new Map<string, string | null>();
  const build = await buildContract({
    ...request,
    onRead: (path, text) => void files.set(path, text === null ? null : hashText(text)),
  });
  writeEntry(file, { format: CACHE_FORMAT, sdk: sdkFingerprint(), files: [...files], build });
  return build;
}

function isCurrent(cached: CacheEntry, request: BuildRequest): boolean {
  if (cached.format !== CACHE_FORMAT || cached.sdk !== sdkFingerprint()) return false;
  const project = projectFiles(request.files ?? {}, request.baseDir);
  return cached.files.every(([path, hash]) => {
    const text = project.read(path);
    return (text === null ? null : hashText(text)) === hash;
  });
}

function readEntry(file: string): CacheEntry | undefined {
  try {
    return unpack(readFileSync(file)) as CacheEntry;
  } catch {
    return undefined;
  }
}

function dropOldest(): void {
  const files = readdirSync(cacheFolder()).map((name) => join(cacheFolder(), name));
  if (files.length < ENTRIES_MAX) return;
  const age = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const oldest = files.map((file) => ({ file, at: age(file) })).sort((a, b) => a.at - b.at)[0];
  if (oldest !== undefined) rmSync(oldest.file, { force: true });
}

/** Written beside and renamed: two test files may build the same contract at once. */
function writeEntry(file: string, entry: CacheEntry): void {
  try {
    mkdirSync(cacheFolder(), { recursive: true });
    dropOldest();
    const beside = `${file}.${process.pid}`;
    writeFileSync(beside, pack(entry));
    renameSync(beside, file);
  } catch {
    // A folder that cannot be written to only costs time.
  }
}
