// Bundles of blocks that are not final yet, as files that `plasma replay` takes: a dispute about such a block needs
// its bundle. One is written and synced before its block is committed, so every committed block has its bundle; one
// above the head is what a crash left, and the next block of its height is written over it.
import { closeSync, fdatasyncSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EngineError } from "../errors.ts";
import { syncFolder } from "./sync-folder.ts";

const NAME = /^(\d+)\.bundle$/;

/** The files of one folder. Writing and removing are for the process that executes; anybody may read. */
export class KeptBundles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  #fileOf(height: bigint): string {
    return join(this.#folder, `${height}.bundle`);
  }

  /** Makes the folder. */
  open(): void {
    mkdirSync(this.#folder, { recursive: true });
    syncFolder(dirname(this.#folder));
  }

  /** When it returns, the file survives a crash. @throws STATE_WRITE */
  write(height: bigint, bundle: Uint8Array): void {
    const path = this.#fileOf(height);
    try {
      const file = openSync(path, "w");
      try {
        writeFileSync(file, bundle);
        fdatasyncSync(file);
      } finally {
        closeSync(file);
      }
      syncFolder(this.#folder);
    } catch (cause) {
      throw new EngineError({
        code: "STATE_WRITE",
        message: `the bundle of block ${height} could not be written: ${(cause as Error).message}`,
        where: { file: path, height },
        cause,
      });
    }
  }

  /** Undefined where none is kept. */
  async read(height: bigint): Promise<Uint8Array | undefined> {
    try {
      return new Uint8Array(await readFile(this.#fileOf(height)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Removes what is final, but nothing above `head`: the bundle there may be under way. Others may do the same. */
  async removeUpTo(final: bigint, head: bigint): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const found = NAME.exec(name)?.[1];
      if (found === undefined) continue;
      const height = BigInt(found);
      if (height <= final && height <= head) await rm(this.#fileOf(height), { force: true });
    }
  }
}
