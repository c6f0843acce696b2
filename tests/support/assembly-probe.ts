// Compiles single files of the engine's own AssemblyScript for tests: an entry that exists only in memory
// exports what is named, and free memory begins at 64 KiB. Flags are those of the machine module, so that a
// test runs the code which is shipped. Nothing is written.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./source-files.ts";

const ENTRY = "probe.ts";
const FLAGS = ["-O3", "--runtime", "stub", "--enable", "bulk-memory", "--enable", "simd"];

/** Where a test may put its bytes. */
export const FREE_MEMORY = 65_536;
const FREE_PAGES = 4;

export interface Probe {
  readonly memory: Uint8Array;
  /** An exported function; u64 arguments are bigint; number out (bool 0 or 1). */
  call(name: string, ...args: (number | bigint)[]): number;
}

/** Instantiates an entry with this source, whose imports are relative to the repository. */
export async function assemblyProbe(source: string): Promise<Probe> {
  const { default: asc } = await import("assemblyscript/asc");
  const outputs = new Map<string, string | Uint8Array>();
  const { error, stderr } = await asc.main(
    [ENTRY, "--outFile", "out.wasm", "--config", "none", ...FLAGS, "--use", "abort="],
    {
      readFile: (name: string) => {
        if (name === ENTRY) return source;
        const path = join(root, name);
        return existsSync(path) ? readFileSync(path, "utf8") : null;
      },
      writeFile: (name: string, contents: string | Uint8Array) => void outputs.set(name, contents),
      listFiles: () => [],
    },
  );
  if (error !== null) throw new Error(stderr.toString());
  const module = new WebAssembly.Module(outputs.get("out.wasm") as Uint8Array);
  const { exports } = new WebAssembly.Instance(module);
  const memory = exports.memory as WebAssembly.Memory;
  memory.grow(FREE_PAGES);
  return {
    memory: new Uint8Array(memory.buffer),
    call: (name, ...args) => Number((exports[name] as (...args: unknown[]) => unknown)(...args)),
  };
}
