// All reading and writing of files by commands. `-` is stdin and stdout. A file or folder appears
// whole or not at all: it is written beside its place and renamed, and what an interruption finds
// half-written is removed (discardUnfinished). Failures carry FILE_ and FOLDER_ codes.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { EngineError, type ErrorCode } from "../host/errors.ts";

/** Bytes of any file that a command reads whole; a bundle of the largest body fits. */
export const FILE_BYTES_MAX = 512 * 1_048_576;

const unfinished = new Set<string>();
const interrupting = new AbortController();

/** Aborts when the command is interrupted and before its process ends: child processes are started with it. */
export const interruption: AbortSignal = interrupting.signal;

/** Ends the child processes of the command. Once only: the process ends next. */
export function interrupt(): void {
  interrupting.abort();
}

/** Removes what is half-written; called when the command is interrupted or fails. */
export function discardUnfinished(): void {
  for (const path of unfinished) discard(path);
  unfinished.clear();
}

/** Removes what may be there. Where that fails, what failed before is what has to be told. */
function discard(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Such as a path through a file, where there never was anything.
  }
}

function fileError(code: ErrorCode, file: string, message: string, cause?: unknown): EngineError {
  return new EngineError({ code, message, where: { file }, cause });
}

const systemCode = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "unknown";

function readFailure(file: string, error: unknown): EngineError {
  if (systemCode(error) === "ENOENT") {
    return fileError("FILE_NOT_FOUND", file, `there is no file ${file}`, error);
  }
  const reason = systemCode(error) === "EISDIR" ? "it is a folder" : systemCode(error);
  return fileError("FILE_NOT_READABLE", file, `${file} cannot be read: ${reason}`, error);
}

/** Reads to the end of an open file, a pipe or a device, but never more than it may. */
function readDescriptor(descriptor: number, file: string, bytesMax: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const part = new Uint8Array(65_536);
    let count = 0;
    try {
      count = readSync(descriptor, part);
    } catch (error) {
      if (systemCode(error) === "EAGAIN") continue;
      if (systemCode(error) === "EOF") break;
      throw readFailure(file, error);
    }
    if (count === 0) break;
    total += count;
    if (total > bytesMax) throw tooLarge(file, `more than ${bytesMax}`, bytesMax);
    parts.push(part.subarray(0, count));
  }
  return Buffer.concat(parts);
}

/** What has no size beforehand, such as a pipe. */
function readSpecial(file: string, bytesMax: number): Uint8Array {
  const descriptor = openSync(file, "r");
  try {
    return readDescriptor(descriptor, file, bytesMax);
  } finally {
    closeSync(descriptor);
  }
}

const tooLarge = (file: string, got: string, bytesMax: number): EngineError =>
  fileError("FILE_TOO_LARGE", file, `got ${got} bytes, expected at most ${bytesMax}`);

/**
 * The bytes of a file, or of stdin for `-`.
 * @throws FILE_NOT_FOUND, FILE_NOT_READABLE, FILE_TOO_LARGE
 */
export function readBytes(file: string, bytesMax = FILE_BYTES_MAX): Uint8Array {
  if (file === "-") return readDescriptor(0, file, bytesMax);
  try {
    const stat = statSync(file);
    if (!stat.isFile() && !stat.isDirectory()) return readSpecial(file, bytesMax);
    if (stat.size > bytesMax) throw tooLarge(file, String(stat.size), bytesMax);
    return readFileSync(file);
  } catch (error) {
    throw error instanceof EngineError ? error : readFailure(file, error);
  }
}

/** The text of a file, as UTF-8. @throws as readBytes */
export function readText(file: string, bytesMax = FILE_BYTES_MAX): string {
  return new TextDecoder().decode(readBytes(file, bytesMax));
}

/**
 * Writes a file as writeWhole does, unless it holds just that: what watches it sees only changes, and a build
 * after an edit does not wait for the disk four times.
 * @throws FILE_NOT_WRITABLE
 */
export function writeChanged(file: string, data: Uint8Array | string): void {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  if (holds(file, bytes)) return;
  writeWhole(file, bytes);
}

function holds(file: string, bytes: Uint8Array): boolean {
  try {
    return statSync(file).size === bytes.length && readFileSync(file).equals(bytes);
  } catch {
    // Not there, or not to be read: writing tells.
    return false;
  }
}

/**
 * Writes a file so that its name never shows half of it; `-` goes to stdout.
 * @throws FILE_NOT_WRITABLE
 */
export function writeWhole(file: string, data: Uint8Array | string): void {
  const place = resolve(file);
  const temporary = `${place}.${process.pid}.part`;
  try {
    if (file === "-") {
      writeFileSync(1, data);
      return;
    }
    mkdirSync(dirname(place), { recursive: true });
    unfinished.add(temporary);
    writeFileSync(temporary, data);
    const handle = openSync(temporary, "r+");
    fsyncSync(handle);
    closeSync(handle);
    renameSync(temporary, place);
  } catch (error) {
    discard(temporary);
    throw fileError(
      "FILE_NOT_WRITABLE",
      file,
      `${file} cannot be written: ${systemCode(error)}`,
      error,
    );
  } finally {
    unfinished.delete(temporary);
  }
}

/** @throws FILE_EXISTS when something has this name already */
export function refuseExisting(file: string): void {
  if (file !== "-" && existsSync(file)) {
    throw fileError("FILE_EXISTS", file, `${file} exists already`);
  }
}

/**
 * Fills a new folder through `fill(temporary folder)` and moves it to `folder`, which must be absent
 * or empty.
 * @throws FOLDER_NOT_EMPTY, FILE_NOT_WRITABLE, and whatever `fill` throws
 */
export async function makeFolder(
  folder: string,
  fill: (temporary: string) => void | Promise<void>,
): Promise<void> {
  refuseFilled(folder);
  await replaceFolder(folder, fill);
}

/**
 * The same, but what is at `folder` makes place, at the very end. The caller has looked at what it is.
 * @throws FILE_NOT_WRITABLE, and whatever `fill` throws
 */
export async function replaceFolder(
  folder: string,
  fill: (temporary: string) => void | Promise<void>,
): Promise<void> {
  const place = resolve(folder);
  const part = (name: string) => join(dirname(place), `.${basename(place)}.${process.pid}.${name}`);
  const temporary = part("part");
  const before = part("before");
  unfinished.add(temporary);
  try {
    mkdirSync(temporary, { recursive: true });
    await fill(temporary);
    if (existsSync(place)) renameSync(place, before);
    renameSync(temporary, place);
    rmSync(before, { recursive: true, force: true });
  } catch (error) {
    if (error instanceof EngineError || systemCode(error) === "unknown") throw error;
    const message = `${folder} cannot be written: ${systemCode(error)}`;
    throw fileError("FILE_NOT_WRITABLE", folder, message, error);
  } finally {
    discard(temporary);
    unfinished.delete(temporary);
  }
}

/** Runs `act` with a new folder that is gone afterwards, also where the command is interrupted. */
export async function inScratchFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "plasma-"));
  unfinished.add(folder);
  try {
    return await act(folder);
  } finally {
    discard(folder);
    unfinished.delete(folder);
  }
}

/** @throws FOLDER_NOT_EMPTY when `folder` is a file or a folder with entries */
export function refuseFilled(folder: string): void {
  if (!existsSync(folder)) return;
  const stat = statSync(folder);
  if (stat.isDirectory() && readdirSync(folder).length === 0) return;
  const what = stat.isDirectory() ? "is not empty" : "is a file";
  throw fileError("FOLDER_NOT_EMPTY", folder, `${folder} ${what}`);
}

/** Runs `act` and names `file` in the EngineErrors that it throws without a file. */
export function inFile<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw withFile(file, error);
  }
}

/** The same for work that takes its time. */
export async function inFileAsync<T>(file: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw withFile(file, error);
  }
}

function withFile(file: string, error: unknown): unknown {
  if (!(error instanceof EngineError) || error.where.file !== undefined) return error;
  return new EngineError({
    code: error.code,
    message: error.message,
    where: { file, ...error.where },
    hint: error.hint,
    details: error.details,
    cause: error,
  });
}
