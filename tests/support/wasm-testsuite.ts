// The public WebAssembly core test-suite (release of 2022-11), where this machine has it: JSON scripts
// and binary modules in one tar archive. It is not part of the project; tests that use it are skipped
// where it is absent. Found through PLASMA_WASM_TESTSUITE, or beside the checkout.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

export interface SuiteCommand {
  readonly type: string;
  readonly line: number;
  readonly filename?: string;
  readonly module_type?: "binary" | "text";
  readonly text?: string;
  /** Name of a module command, or what a `register` registers. */
  readonly name?: string;
  /** Name under which a `register` registers. */
  readonly as?: string;
  readonly action?: SuiteAction;
  /** Values of an assertion, with `value` where it is one; types alone where it traps. */
  readonly expected?: readonly SuiteValue[];
}

export interface SuiteValue {
  readonly type: string;
  /** An integer in decimal, unsigned; a float or reference in its own way. */
  readonly value?: string;
}

export interface SuiteAction {
  readonly type: "invoke" | "get";
  /** The last module where it is undefined. */
  readonly module?: string;
  readonly field: string;
  readonly args?: readonly SuiteValue[];
}

export interface Suite {
  /** Script name -> its commands in order. */
  readonly scripts: ReadonlyMap<string, readonly SuiteCommand[]>;
  module(filename: string): Uint8Array;
}

const ARCHIVE = "core-2022-11.tar.gz";
const BLOCK = 512;
const ascii = new TextDecoder("latin1");

/** The folder that holds the suite, or undefined. */
export function suiteFolder(): string | undefined {
  const folders = [process.env.PLASMA_WASM_TESTSUITE, "../shared/wasm-testsuite"];
  return folders.find((folder) => folder !== undefined && existsSync(join(folder, ARCHIVE)));
}

function* tarEntries(tar: Uint8Array): Generator<[name: string, content: Uint8Array]> {
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0; ) {
    const field = (start: number, length: number) =>
      ascii.decode(tar.subarray(at + start, at + start + length)).replace(/\0.*$/s, "");
    const size = Number.parseInt(field(124, 12), 8);
    yield [field(0, 100).replace(/^\.\//, ""), tar.subarray(at + BLOCK, at + BLOCK + size)];
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
}

export function readSuite(folder: string): Suite {
  const files = new Map(tarEntries(gunzipSync(readFileSync(join(folder, ARCHIVE)))));
  const scripts = new Map<string, SuiteCommand[]>();
  for (const [name, content] of files) {
    if (!name.endsWith(".json")) continue;
    const { commands } = JSON.parse(new TextDecoder().decode(content)) as {
      commands: SuiteCommand[];
    };
    scripts.set(name.slice(0, -".json".length), commands);
  }
  return {
    scripts,
    module(filename) {
      const content = files.get(filename);
      if (content === undefined) throw new RangeError(`the suite has no ${filename}`);
      return content;
    },
  };
}
