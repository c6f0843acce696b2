// One process of `plasma bench build`: builds the contracts of a project as `plasma build` does, first with
// nothing loaded, then again and again after an edit, then without one. Times go to stdout as JSON. It runs in a
// process of its own because a compiler loads only once.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import picocolors from "picocolors";
import type { CommandContext } from "../command.ts";

/** What a process measured, in milliseconds. */
export interface BuildTimes {
  /** From the start of the process to the first module, with the compiler loaded on the way. */
  readonly cold: number;
  /** Builds of a source that was edited, in the process that has the compiler. */
  readonly warm: readonly number[];
  /** Builds of a source that nobody edited: read from the build cache. */
  readonly unchanged: readonly number[];
  readonly wasmBytes: number;
  readonly codeHash: string;
}

const silent: CommandContext = {
  ...{ json: true, quiet: true, colors: picocolors.createColors(false) },
  line: () => undefined,
  note: () => undefined,
  progress: () => ({ update: () => undefined, stop: () => undefined }),
};

const [folder = ".", repetitions = "1", source = "assembly/token.ts"] = process.argv.slice(2);
const file = join(folder, source);
const text = readFileSync(file, "utf8");

const { buildOnce } = await import("../commands/build.ts");

async function build(): Promise<{ bytes: number; codeHash: string }> {
  const { contracts } = await buildOnce(silent, folder, {});
  return contracts[0] as { bytes: number; codeHash: string };
}

async function timed(): Promise<number> {
  const start = performance.now();
  await build();
  return performance.now() - start;
}

const { bytes: wasmBytes, codeHash } = await build();
// Zero is where the process began.
const cold = performance.now();
const warm: number[] = [];
const unchanged: number[] = [];
for (let i = 0; i < Number(repetitions); i++) {
  // A comment: the compiler cannot know that it changes nothing, and the modules stay comparable.
  writeFileSync(file, `${text}// edit ${i}\n`);
  warm.push(await timed());
  unchanged.push(await timed());
}
writeFileSync(file, text);
const { codeHash: last } = await build();
const times: BuildTimes = { cold, warm, unchanged, wasmBytes, codeHash };
process.stdout.write(JSON.stringify(last === codeHash ? times : { ...times, codeHash: last }));
