// Bad input in files, with the code that each must be answered with. Without a flag: writes
// fixtures/hostile/. --check: compares it with what this script makes. --verify: runs every case through
// the command line in a process of its own and prints time, peak memory, exit and code. --together: the
// same in one process, quickly. --only TEXT or --names A,B: some of the cases. What is written depends on
// nothing but this script and the honest bundle in base/, which --base makes anew (semantics have changed).
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { abiCases } from "./hostile/abi-cases.mjs";
import { bundleCases } from "./hostile/bundle-cases.mjs";
import { flagCases } from "./hostile/flag-cases.mjs";
import { rulesCases } from "./hostile/rules-cases.mjs";
import { dist, runInProcess, runTogether } from "./hostile/run-case.mjs";
import { scenarioCases } from "./hostile/scenario-cases.mjs";
import { wasmCases } from "./hostile/wasm-cases.mjs";

const root = resolve(import.meta.dirname, "..");
const folder = join(root, "fixtures/hostile");
/** A case may compute for so many times as long as an honest command in the same run. */
const TIMES_HONEST_MAX = 4;
const MEBIBYTES_MAX = 512;
/** What the time of every case is compared with: three transfers, executed. */
const honest = {
  name: "(an honest run)",
  args: ["run", join(folder, "base/transfers.json"), "-o", "honest"],
  exit: 0,
  code: null,
  leaves: "honest",
};

/** Every case: name, files by path, command line, expected exit and code. */
const cases = [
  ...wasmCases,
  ...bundleCases,
  ...rulesCases,
  ...abiCases,
  ...scenarioCases,
  ...flagCases,
];

const contentOf = (content) => {
  const made = typeof content === "function" ? content() : content;
  return typeof made === "string" ? Buffer.from(made) : Uint8Array.from(made);
};

/** Writes the files of cases under `target`. */
function writeFiles(entries, target) {
  for (const entry of entries) {
    for (const [path, content] of Object.entries(entry.files ?? {})) {
      const file = join(target, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, contentOf(content), { flag: "w" });
    }
  }
}

/** The committed files by path: those of the cases that are not generated, and the list. */
function committed() {
  const files = new Map();
  for (const entry of cases) {
    if (entry.generated) continue;
    for (const [path, content] of Object.entries(entry.files ?? {})) {
      files.set(path, Buffer.from(contentOf(content)));
    }
  }
  const list = cases.map(({ name, files = {}, args, cwd, exit, code, generated = false }) => ({
    name,
    files: Object.keys(files),
    ...(cwd === undefined ? {} : { cwd }),
    // A flag may be a hundred thousand characters long.
    args: args.map((arg) => (arg.length > 200 ? `${arg.slice(0, 20)}… (${arg.length})` : arg)),
    exit,
    code,
    generated,
  }));
  const rows = list.map((row) => `  ${JSON.stringify(row)}`).join(",\n");
  files.set("expected.json", Buffer.from(`[\n${rows}\n]\n`));
  return files;
}

/** Paths of committed files that differ from what this script makes, are missing or are too many. */
function staleFiles() {
  const wanted = committed();
  const present = existsSync(folder)
    ? readdirSync(folder, { recursive: true }).filter((path) =>
        statSync(join(folder, path)).isFile(),
      )
    : [];
  const stale = present.filter((path) => !wanted.has(path) && !path.startsWith("base/"));
  for (const [path, bytes] of wanted) {
    const file = join(folder, path);
    if (!existsSync(file) || !bytes.equals(readFileSync(file))) stale.push(path);
  }
  return stale;
}

function write() {
  for (const path of readdirSync(folder)) {
    if (path !== "base") rmSync(join(folder, path), { recursive: true });
  }
  for (const [path, bytes] of committed()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

/** Runs `act` in a folder that holds the files of all `entries`. */
async function inWorkFolder(entries, act) {
  const work = mkdtempSync(join(tmpdir(), "plasma-hostile-"));
  try {
    writeFiles(
      cases.filter((entry) => !entry.generated || entries.includes(entry)),
      work,
    );
    return await act(work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Runs each case in a process of its own; `hear` gets each case and how it ended. */
const verifyEach = (entries, hear) =>
  inWorkFolder(entries, async (work) => {
    for (const entry of entries) hear(entry, await runInProcess(entry, work));
  });

/** Runs all cases in this process, one after another. */
const verifyTogether = (entries, hear) =>
  inWorkFolder(entries, async (work) => {
    let index = 0;
    for await (const ended of runTogether(entries, work)) hear(entries[index++], ended);
  });

/** What is wrong with how a case ended, or undefined; `unitMs` is what the honest command took. */
function complaint(entry, ended, unitMs) {
  const { exit, code, milliseconds, peakMebibytes, leftBehind } = ended;
  if (exit !== entry.exit || code !== entry.code) {
    return `got exit ${exit} ${code}, expected ${entry.exit} ${entry.code}`;
  }
  const times = milliseconds / unitMs;
  if (times > TIMES_HONEST_MAX) return `took ${times.toFixed(1)} times as long as an honest run`;
  if (peakMebibytes > MEBIBYTES_MAX) return `took ${Math.round(peakMebibytes)} MiB`;
  return leftBehind ? "left files behind" : undefined;
}

async function verify(entries, run) {
  let wrong = 0;
  let unitMs;
  console.log("case                                          ms   MiB  exit code");
  await run([honest, ...entries], (entry, ended) => {
    unitMs ??= ended.milliseconds;
    const said = complaint(entry, ended, unitMs);
    if (said !== undefined) wrong += 1;
    const { milliseconds, peakMebibytes = Number.NaN, exit, code } = ended;
    const cells = [
      entry.name.padEnd(42),
      milliseconds.toFixed(0).padStart(6),
      peakMebibytes.toFixed(0).padStart(5),
      String(exit).padStart(5),
      String(code),
      said === undefined ? "" : `  WRONG: ${said} ${ended.message ?? ""}`,
    ];
    console.log(cells.join(" ").trimEnd());
    if (argv.includes("--stacks") && said !== undefined && ended.stack) console.log(ended.stack);
  });
  console.log(`${entries.length} cases, ${wrong} wrong`);
  process.exit(wrong === 0 ? 0 : 1);
}

const { argv } = process;
const flagValue = (flag) => (argv.includes(flag) ? argv[argv.indexOf(flag) + 1] : undefined);

/** The cases that the command line names, all by default. */
function chosen() {
  const names = flagValue("--names")?.split(",");
  const only = flagValue("--only") ?? "";
  const found = cases.filter(({ name }) => names?.includes(name) ?? name.includes(only));
  if (names !== undefined && found.length !== names.length) throw new RangeError("no such case");
  // Shows that a wrong answer is noticed.
  return argv.includes("--canary") ? found.map((entry) => ({ ...entry, code: "CANARY" })) : found;
}

/** Makes the honest bundle anew, after a change of semantics, and all files from it. */
function writeBase() {
  const made = mkdtempSync(join(tmpdir(), "plasma-hostile-"));
  const node = (...args) => {
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (status !== 0) throw new RangeError(`${args.join(" ")} ended with ${status}: ${stderr}`);
  };
  const scenario = join(folder, "base/transfers.json");
  node(join(dist, "cli/main.js"), "run", scenario, "-o", join(made, "out"));
  copyFileSync(join(made, "out/1.bundle"), join(folder, "base/transfers.bundle"));
  rmSync(made, { recursive: true });
  node(argv[1]);
}

if (argv.includes("--base")) writeBase();
else if (argv.includes("--verify")) await verify(chosen(), verifyEach);
else if (argv.includes("--together")) await verify(chosen(), verifyTogether);
else if (argv.includes("--check")) {
  const stale = staleFiles();
  for (const path of stale) {
    console.log(`${relative(root, folder)}/${path} is not what this script makes: WRONG`);
  }
  process.exit(stale.length === 0 ? 0 : 1);
} else write();
