// Makes the names of new files survive a crash: syncing a file does not sync the folder that names it.
import { open } from "node:fs/promises";

export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  await folder.sync();
  await folder.close();
}
