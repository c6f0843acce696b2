// `npm run determinism -- [--short] [--json] [--allow-missing]`: the same cases on every engine, compared field by
// field with what this Node gives, and the scenarios' blocks with fixtures/roots.json. `--engine TEXT` and
// `--case NAME` repeat one; `--update` writes fixtures/roots.json. Ends with 1 where engines differ, with 2
// where fewer than four ran. docs/determinism.md is the page for readers.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { CaseResult, Job } from "./cases.ts";
import { type Answers, compareAnswers, type Mismatch } from "./compare-answers.ts";
import { allEngines, type Engine, shortEngines, titleOf } from "./engines.ts";
import type { EngineJob } from "./run-cases.ts";

const GOLDEN = "fixtures/roots.json";
const BUNDLES = ".plasma/determinism/bundles";
const RUN_CASES = ".plasma/determinism/compiled/tests/determinism/run-cases.js";
const PRODUCE = "tests/determinism/produce.mjs";
const ENGINES_MIN = 4;
const FULL = { modules: 1_000, worlds: 40 };
const SHORT = { modules: 60, worlds: 4 };
const SEED = 9_000;
const OUTPUT_BYTES_MAX = 2 ** 29;
/** Of one engine: one that differs does so in hundreds of places. */
const SHOWN_MISMATCHES = 5;

const { values: options } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    "allow-missing": { type: "boolean", default: false },
    update: { type: "boolean", default: false },
    seed: { type: "string", default: String(SEED) },
    engine: { type: "string" },
    case: { type: "string" },
  },
});

interface EngineReport {
  readonly name: string;
  readonly version: string;
  readonly flags: readonly string[];
  readonly stackMebibytes: number | null;
  readonly cases: number;
  /** Runs on which the engine failed and that the machine repeated. */
  readonly repeatedInMachine: number;
  readonly mismatches: number;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** @throws TypeError when the engine ends without having run everything */
function outputOf(engine: Engine, path: string, args: readonly string[]): string {
  const all = [...engine.flags, ...args];
  const limit = engine.stackLimitKibibytes;
  const [command, commandArgs] =
    limit === undefined
      ? [path, all]
      : ["sh", ["-c", `ulimit -s ${limit}; exec "$0" "$@"`, path, ...all]];
  const run = spawnSync(command, commandArgs, { encoding: "utf8", maxBuffer: OUTPUT_BYTES_MAX });
  if (run.status === 0) return run.stdout;
  const ended = run.signal ?? `exit code ${run.status}`;
  throw new TypeError(`it ended with ${ended}: ${run.stderr.slice(-600)}`);
}

function ask(engine: Engine, path: string, job: EngineJob): Answers {
  const cases = new Map<string, CaseResult["fields"]>();
  let version = "";
  let repeats = 0;
  let finished = false;
  for (const line of outputOf(engine, path, [RUN_CASES, JSON.stringify(job)]).split("\n")) {
    if (line === "") continue;
    const told = JSON.parse(line) as Partial<CaseResult & { version: string; finished: boolean }>;
    version = told.version ?? version;
    finished ||= told.finished === true;
    if (told.name === undefined || told.fields === undefined) continue;
    cases.set(told.name, told.fields);
    repeats += told.repeats ?? 0;
  }
  if (!finished) throw new TypeError("it ended before the last case");
  if (!engine.produces) return { version, cases, repeats };
  const text = engine === reference ? producedHere : outputOf(engine, path, [PRODUCE]);
  const produced = JSON.parse(text) as Record<string, object[]>;
  for (const [name, fields] of producedCases(produced)) {
    if (options.case === undefined || options.case === name) cases.set(name, fields);
  }
  return { version, cases, repeats };
}

function producedCases(produced: Record<string, object[]>): [string, CaseResult["fields"]][] {
  return Object.entries(produced).flatMap(([file, blocks]) =>
    blocks.map((block, i): [string, CaseResult["fields"]] => [
      `produce/${file}/${i + 1}`,
      block as CaseResult["fields"],
    ]),
  );
}

function compare(engine: Engine, got: Answers, expected: Answers["cases"]): Mismatch[] {
  const name = titleOf(engine);
  const seed = options.seed === String(SEED) ? "" : ` --seed ${options.seed}`;
  const again = (caseName: string): string =>
    `npm run determinism -- --engine "${name}" --case "${caseName}"${seed}`;
  return compareAnswers({ name, produces: engine.produces, again }, got, expected);
}

class Comparison {
  readonly engines: EngineReport[] = [];
  readonly skipped: { readonly name: string; readonly reason: string }[] = [];
  readonly mismatches: Mismatch[] = [];
  #expected: Map<string, CaseResult["fields"]> | undefined;
  readonly #job: Job;

  constructor(job: Job) {
    this.#job = job;
  }

  add(engine: Engine): void {
    const { stackMebibytes } = engine;
    const name = titleOf(engine);
    const program = engine.program();
    if ("reason" in program) {
      this.skipped.push({ name, reason: program.reason });
      say(`skipped    ${name}: ${program.reason}`);
      return;
    }
    const job = stackMebibytes === undefined ? this.#job : { ...this.#job, stackMebibytes };
    try {
      const answers = ask(engine, program.path, job);
      this.#expected ??= expectedOf(answers.cases);
      this.#note(engine, answers, compare(engine, answers, this.#expected));
    } catch (thrown) {
      if (!(thrown instanceof TypeError)) throw thrown;
      const end = { case: "run", field: "end", got: thrown.message, expected: "all cases run" };
      const again = `npm run determinism -- --engine "${name}"`;
      this.#note(engine, { version: "", cases: new Map(), repeats: 0 }, [
        { engine: name, ...end, again },
      ]);
    }
  }

  #note(engine: Engine, { version, cases, repeats }: Answers, found: readonly Mismatch[]): void {
    const { name, flags, stackMebibytes } = engine;
    this.mismatches.push(...found);
    const counts = { cases: cases.size, repeatedInMachine: repeats, mismatches: found.length };
    this.engines.push({ name, version, flags, stackMebibytes: stackMebibytes ?? null, ...counts });
    const repeated = repeats === 0 ? "" : `, ${repeats} repeated in the machine`;
    const word = found.length === 0 ? "same     " : "DIFFERENT";
    say(`${word}  ${titleOf(engine)} (${version}): ${cases.size} cases${repeated}`);
    for (const one of found.slice(0, SHOWN_MISMATCHES)) show(one);
  }
}

/** What the reference gives, with the scenarios' blocks as they are committed. */
function expectedOf(cases: Answers["cases"]): Map<string, CaseResult["fields"]> {
  const expected = new Map(cases);
  const golden = JSON.parse(readFileSync(GOLDEN, "utf8")) as Record<string, object[]>;
  for (const [name, fields] of producedCases(golden)) {
    if (options.case === undefined || options.case === name) expected.set(name, fields);
  }
  return expected;
}

function show({ engine, case: name, field, got, expected, again }: Mismatch): void {
  say(`  ${engine}, ${name}, ${field}\n    got      ${got.slice(0, 1_000)}`);
  say(`    expected ${expected.slice(0, 1_000)}\n    again:   ${again}`);
}

/** The bundles that every engine replays, made by this one; and what it says of the blocks. */
function makeBundles(): string {
  rmSync(BUNDLES, { recursive: true, force: true });
  const run = spawnSync(process.execPath, [PRODUCE, BUNDLES], { encoding: "utf8" });
  if (run.status !== 0) {
    say(`determinism: the scenarios do not run: ${run.stderr}`);
    process.exit(1);
  }
  if (options.update) writeFileSync(GOLDEN, run.stdout);
  return run.stdout;
}

const [reference, ...others] = options.short ? shortEngines : allEngines;
const producedHere = makeBundles();
const wanted = others.filter((engine) => titleOf(engine).includes(options.engine ?? ""));
const size = options.short ? SHORT : FULL;
const comparison = new Comparison({
  ...{ bundles: join(BUNDLES), seed: Number(options.seed), ...size },
  ...(options.case === undefined ? {} : { only: options.case }),
});
for (const engine of [reference, ...wanted]) comparison.add(engine);
const { engines, skipped, mismatches } = comparison;
const isTooFew = engines.length < ENGINES_MIN && options.engine === undefined;
if (options.json) {
  console.log(JSON.stringify({ engines, skipped, mismatches: mismatches.slice(0, 100) }));
} else {
  const cases = engines.reduce((sum, engine) => sum + engine.cases, 0);
  console.log(
    `${cases} cases on ${engines.length} engines, ${mismatches.length} mismatches, ${skipped.length} skipped`,
  );
}
if (mismatches.length > 0) process.exit(1);
if (isTooFew && !options["allow-missing"]) {
  say(
    `determinism: ${engines.length} engines ran, expected ${ENGINES_MIN}; --allow-missing accepts fewer`,
  );
  process.exit(2);
}
