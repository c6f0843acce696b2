// Makes the names of new files survive a crash: their bytes are the business of whoever wrote them.
import { closeSync, fsyncSync, openSync } from "node:fs";

/** When it returns, the names in a folder are on the disk. */
export function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
