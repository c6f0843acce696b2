// The folder of -C, entered before a command runs, so that every relative path means the same there.
import { EngineError } from "../host/errors.ts";

/** @throws FOLDER_NOT_FOUND */
export function enterFolder(folder: string | undefined): void {
  if (folder === undefined) return;
  try {
    process.chdir(folder);
  } catch (cause) {
    throw new EngineError({
      code: "FOLDER_NOT_FOUND",
      message: `${folder} is no folder to work in`,
      where: { file: folder, field: "-C" },
      cause,
    });
  }
}
