// `plasma bench build`: how long an author waits for the token contract: in a new process, after an edit in a
// process that has the compiler (`build --watch`, a test run), and where nothing changed.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Hex } from "../../host/codec/hex.ts";
import { assert } from "../../host/errors.ts";
import { inScratchFolder, interruption } from "../files.ts";
import { packageFolder } from "../package.ts";
import type { BuildTimes } from "./build-process.ts";
import { quartiles, significant, significantQuartiles } from "./samples.ts";
import type { BenchInput, BenchReport, BenchSuite } from "./suite.ts";

/** Processes, each of them cold once, and builds after an edit in each. */
const SHAPES = {
  small: { processes: 1, edits: 2 },
  large: { processes: 5, edits: 10 },
} as const;

const processFile = fileURLToPath(new URL("./build-process.js", import.meta.url));

async function run({ context, size, repetitions }: BenchInput): Promise<BenchReport> {
  const shape = SHAPES[size];
  const edits = repetitions ?? shape.edits;
  const progress = context.progress("build", shape.processes);
  const measured: BuildTimes[] = [];
  try {
    for (let i = 0; i < shape.processes; i++) {
      measured.push(await inScratchFolder((folder) => measureProcess(folder, edits)));
      progress.update(i + 1);
    }
  } finally {
    progress.stop();
  }
  const [first] = measured as [BuildTimes];
  const same = measured.every(({ codeHash }) => codeHash === first.codeHash);
  assert(same, "one source gives one module");
  const cold = quartiles(measured.map((times) => times.cold));
  const warm = quartiles(measured.flatMap((times) => times.warm));
  const unchanged = quartiles(measured.flatMap((times) => times.unchanged));
  const row = (name: string, { q1, median, q3 }: typeof cold) => [
    name,
    significant(median, 3).toString(),
    `${significant(q1, 3)}-${significant(q3, 3)}`,
  ];
  return {
    seed: "none: the source is fixed",
    repetitions: edits,
    resultHash: first.codeHash as Hex,
    quartiles: {
      coldMs: significantQuartiles(cold),
      warmMs: significantQuartiles(warm),
      unchangedMs: significantQuartiles(unchanged),
    },
    figures: {
      coldMs: significant(cold.median),
      warmMs: significant(warm.median),
      unchangedMs: significant(unchanged.median),
      wasmBytes: first.wasmBytes,
    },
    metrics: [
      { name: "coldMs", better: "lower" },
      { name: "warmMs", better: "lower" },
      { name: "unchangedMs", better: "lower" },
      { name: "wasmBytes", better: "lower" },
    ],
    tables: [
      {
        head: ["build", "ms", "quartiles"],
        rows: [
          row("cold: new process, empty build cache", cold),
          row("warm: after an edit, compiler loaded", warm),
          row("unchanged: from the build cache", unchanged),
        ],
      },
    ],
    notes: [
      `fixtures/contracts/token.ts to a module of ${first.wasmBytes} bytes, ABI, source map and types, checked as a deployment would; ${shape.processes} processes`,
      "cold is from the start of the process, with Node and the compiler loaded on the way",
    ],
  };
}

/** One process on a project and a build cache of its own, both in `folder`. */
async function measureProcess(folder: string, edits: number): Promise<BuildTimes> {
  mkdirSync(join(folder, "assembly"));
  const source = join(packageFolder, "fixtures/contracts/token.ts");
  cpSync(source, join(folder, "assembly/token.ts"));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [processFile, folder, String(edits)],
    { env: { ...process.env, XDG_CACHE_HOME: join(folder, "cache") }, signal: interruption },
  );
  return JSON.parse(stdout) as BuildTimes;
}

export const buildSuite: BenchSuite = {
  name: "build",
  measures: "time to compile and check a contract: in a new process, after an edit, unchanged",
  run,
};
