// What `World.fork` starts from: a bundle, in memory or in a file, or the folder of a store. Nothing of it is
// changed: a folder is copied, a bundle read.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ScratchStart } from "../environment/scratch-environment.ts";
import { EngineError } from "../errors.ts";

/** @throws FILE_NOT_FOUND */
export function forkStart(source: string | Uint8Array): ScratchStart {
  if (typeof source !== "string") return { kind: "bundle", bytes: source };
  const path = resolve(source);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new EngineError({
      code: "FILE_NOT_FOUND",
      message: `there is no ${source}`,
      where: { file: source },
    });
  }
  if (found.isFile()) return { kind: "bundle", bytes: new Uint8Array(readFileSync(path)) };
  const inside = join(path, "state");
  return { kind: "store", path: existsSync(inside) ? inside : path };
}
