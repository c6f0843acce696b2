// Replays a folder of bundles in another process: our own command line, which knows nothing of this
// process but the files. What it prints is all that comes back.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { assert } from "../../host/errors.ts";

const main = fileURLToPath(new URL("../main.js", import.meta.url));

/** What `plasma replay --json` says, as far as the demo looks. */
export interface ReplayDocument {
  readonly verdict: "valid" | "fraud" | "unusable";
  readonly anchored: boolean;
  readonly signaturesChecked: number;
  readonly blocks: readonly {
    readonly file: string;
    readonly transactions: number;
    readonly verdict: string;
  }[];
}

/** Runs `plasma replay FOLDER --expect HASH --json` to its end. */
export async function replayInProcess(folder: string, expect: string): Promise<ReplayDocument> {
  const args = [main, "replay", folder, "--expect", expect, "--json"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => parts.push(part));
  const stop = () => child.kill();
  process.once("exit", stop);
  try {
    await new Promise<void>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", () => resolve());
    });
  } finally {
    process.off("exit", stop);
  }
  const text = Buffer.concat(parts).toString("utf8");
  assert(text.startsWith("{"), "plasma replay --json prints one document");
  const document = JSON.parse(text) as ReplayDocument & {
    readonly error?: { readonly message: string };
  };
  assert(document.error === undefined, `the replay of the demo failed: ${document.error?.message}`);
  return document;
}
