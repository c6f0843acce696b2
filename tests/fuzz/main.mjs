// `npm run fuzz -- --seconds 60 --seed 1 [--json]`: structured random input against the built package.
// Counts crashes (a process that died), hangs (an input that computes over two seconds) and uncoded errors
// (anything thrown that is no EngineError with a documented code, a host fault, a broken law), and saves
// what caused them in .plasma/fuzz/. `--input FILE` runs a saved input again; `--canary` proves the harness.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Random } from "./random.mjs";
import { makeInput, openState, targets } from "./state.mjs";
import { runWatched } from "./watched-process.mjs";

const root = resolve(import.meta.dirname, "../..");
const dist = resolve(root, process.env.PLASMA_DIST ?? "dist");
const folder = join(root, ".plasma/fuzz");
const corpus = join(folder, "corpus");
/** A run that ends this often before its time is broken in itself. */
const RESTARTS_MAX = 200;
const SAVED_OF_EACH = 2;

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    inputs: { type: "string" },
    input: { type: "string" },
    json: { type: "boolean", default: false },
    canary: { type: "boolean", default: false },
  },
});
const say = (line) => {
  if (!options.json) console.log(line);
};

/** Builds the contracts that inputs call, once per run and in this process: compiling is not what is tested. */
async function buildCorpus() {
  const { buildContract } = await import(pathToFileURL(join(dist, "host/contract/index.js")).href);
  mkdirSync(corpus, { recursive: true });
  for (const name of ["counter", "token"]) {
    const entry = `fixtures/contracts/${name}.ts`;
    const files = { [entry]: readFileSync(join(root, entry), "utf8") };
    const { wasm, abiJson } = await buildContract({ entry, files });
    writeFileSync(join(corpus, `${name}.wasm`), wasm);
    writeFileSync(join(corpus, `${name}.abi.json`), abiJson);
  }
}

let state;

/** Makes input `index` again and keeps it as a file. */
async function save(kind, seed, index, message, stack) {
  state ??= await openState({ dist, corpus, canary: options.canary });
  const { target, input } = makeInput(state, new Random(seed, index));
  const text = typeof input === "string";
  const file = join(folder, `${kind}-${target.name}-${seed}-${index}.json`);
  const content = text ? input : Buffer.from(input).toString("base64");
  const facts = { kind, target: target.name, seed, index, message, stack, text, input: content };
  writeFileSync(file, JSON.stringify(facts, null, 2));
  return { kind, target: target.name, index, message, file: relative(root, file) };
}

/** Runs one saved input in this process, to look at it. */
async function runSaved(file) {
  const { target: name, text, input, index } = JSON.parse(readFileSync(file, "utf8"));
  state = await openState({ dist, corpus });
  const target = targets.find((candidate) => candidate.name === name);
  const content = text ? input : new Uint8Array(Buffer.from(input, "base64"));
  console.log(`${name}: ${target.run(state, content, index)}`);
}

/** A few of each: one bug is found by many inputs. */
function distinct(uncoded) {
  const seen = new Map();
  return uncoded.filter(({ target, message }) => {
    const key = `${target} ${message.replace(/\d+/g, "0")}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
    return seen.get(key) <= SAVED_OF_EACH;
  });
}

async function fuzz(seconds, seed, inputsMax) {
  const totals = { inputs: 0, crashes: 0, hangs: 0, uncoded: 0 };
  const endings = {};
  const findings = [];
  const deadline = Date.now() + seconds * 1000;
  const progressFile = join(folder, `progress-${process.pid}`);
  const uncodedFile = join(folder, `uncoded-${process.pid}`);
  writeFileSync(uncodedFile, "");
  const uncodedSoFar = () => readFileSync(uncodedFile, "utf8").split("\n").filter(Boolean);
  let said = Date.now();
  const hear = (message) => {
    totals.inputs = message.next;
    for (const [key, count] of Object.entries(message.counts)) {
      endings[key] = (endings[key] ?? 0) + count;
    }
    if (Date.now() - said < 5_000) return;
    said = Date.now();
    const left = Math.max(0, Math.round((deadline - Date.now()) / 1000));
    say(
      `${message.next} inputs, ${uncodedSoFar().length} uncoded, ${totals.crashes} crashes, ${totals.hangs} hangs, ${left} s left`,
    );
  };
  let first = 0;
  for (let restart = 0; restart < RESTARTS_MAX; restart++) {
    const job = {
      seed,
      first,
      deadline,
      inputsMax,
      progressFile,
      uncodedFile,
      dist,
      corpus,
      canary: options.canary,
    };
    const { ending, index, message } = await runWatched(job, hear);
    if (ending === "finished") break;
    if (index < first) throw new TypeError(`the fuzzer does not start: ${message}`);
    totals[ending === "crash" ? "crashes" : "hangs"] += 1;
    findings.push(await save(ending, seed, index, message));
    first = index + 1;
    totals.inputs = first;
    if (Date.now() >= deadline) break;
  }
  const uncoded = uncodedSoFar().map((line) => JSON.parse(line));
  for (const { index, message, stack } of distinct(uncoded)) {
    findings.push(await save("uncoded", seed, index, message, stack));
  }
  for (const file of [progressFile, uncodedFile]) rmSync(file);
  totals.uncoded = uncoded.length;
  return { totals, endings, findings };
}

function show({ totals, endings, findings }) {
  for (const [key, count] of Object.entries(endings).sort()) say(`${key.padEnd(24)} ${count}`);
  for (const { kind, target, message, file } of findings) {
    say(`${kind} in ${target}: ${message.slice(0, 160)}\n  again: npm run fuzz -- --input ${file}`);
  }
  const { inputs, crashes, hangs, uncoded } = totals;
  say(`${inputs} inputs: ${crashes} crashes, ${hangs} hangs, ${uncoded} uncoded`);
}

const count = (text, name) => {
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`--${name}: got ${text}, expected a number`);
  return Number(text);
};

mkdirSync(folder, { recursive: true });
if (options.input !== undefined) await runSaved(resolve(options.input));
else {
  await buildCorpus();
  const inputsMax = options.inputs === undefined ? 2 ** 31 : count(options.inputs, "inputs");
  const result = await fuzz(
    count(options.seconds, "seconds"),
    count(options.seed, "seed"),
    inputsMax,
  );
  if (options.json) console.log(JSON.stringify({ ...result.totals, findings: result.findings }));
  else show(result);
  const { crashes, hangs, uncoded } = result.totals;
  process.exit(crashes + hangs + uncoded === 0 ? 0 : 1);
}
