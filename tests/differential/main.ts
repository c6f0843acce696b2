// `npm run differential -- --seconds 60 --seed 1 [--json]`: the differential run for as long as is wanted. Every
// eighth world is proven in full: every step of a run of up to 10,000 steps, one in 64 of a longer one. Keeps
// the modules of a failing case in .plasma/differential/ and prints the command that repeats it. Ends with 1
// where executors or judges differ, with 2 where a run of some length met not every kind of ending.
import { parseArgs } from "node:util";
import { DifferentialRun, type Finding, missingEndings } from "../support/differential-run.ts";

/** As many cases as meet every kind of ending whatever the seed. */
const CASES_OF_SOME_LENGTH = 150;
const FULL_EVERY = 8;
const FULL_AT = 7;
const PROOFS_OF_OTHERS = 40;
const SAY_EVERY_MS = 5_000;

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    case: { type: "string" },
    json: { type: "boolean", default: false },
  },
});

function number(text: string, name: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  process.stderr.write(`differential: --${name}: got ${text}, expected a number\n`);
  process.exit(1);
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function show({ kind, index, message, files, again }: Finding): void {
  say(`MISMATCH in case ${index} (${kind}): ${message}`);
  say(`  modules: ${files.join(" ")}`);
  say(`  again:   ${again}`);
}

const budget = {
  proofsOf: (world: number): number =>
    world % FULL_EVERY === FULL_AT ? Number.MAX_SAFE_INTEGER : PROOFS_OF_OTHERS,
};
const run = new DifferentialRun(number(options.seed, "seed"), budget, ".plasma/differential");
const { report } = run;
const started = performance.now();
const seconds = (): number => (performance.now() - started) / 1000;

async function runFor(limit: number): Promise<void> {
  let said = started;
  for (let index = 0; seconds() < limit; index++) {
    const known = report.findings.length;
    await run.run(index);
    report.findings.slice(known).forEach(show);
    if (performance.now() - said < SAY_EVERY_MS) continue;
    said = performance.now();
    const { cases, pairs, proven, mismatches } = report;
    const left = Math.max(0, Math.round(limit - seconds()));
    say(
      `${cases} cases, ${pairs} pairs, ${proven} steps proven, ${mismatches} mismatches, ${left} s left`,
    );
  }
}

if (options.case === undefined) await runFor(number(options.seconds, "seconds"));
else {
  await run.run(number(options.case, "case"));
  report.findings.forEach(show);
}
const missing = report.cases >= CASES_OF_SOME_LENGTH ? missingEndings(report) : [];
if (options.json) {
  console.log(JSON.stringify({ ...report, missing, seconds: Math.round(seconds()) }));
} else {
  for (const [name, count] of Object.entries(report.endings.toJSON())) {
    console.log(`${name.padEnd(36)} ${count}`);
  }
  const { seed, cases, pairs, steps, proven, mismatches } = report;
  console.log(
    `seed ${seed}: ${cases} cases, ${pairs} pairs of module and gas limit, ${steps} steps of blocks, ` +
      `${proven} of them proven, ${mismatches} mismatches`,
  );
  if (missing.length > 0) console.log(`never met: ${missing.join(", ")}`);
}
process.exit(report.mismatches > 0 ? 1 : missing.length > 0 ? 2 : 0);
