// `npm run peers`: token transfers per second of other engines and of Plasma on this machine, in one run,
// taking turns round by round, each engine in a process of its own, once free and once pinned to one
// processor. It reads packages of bench/peers/ and dist/; it never touches the network.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { EngineHandle, forms, hasTaskset } from "./engine-handle.mjs";
import { engines, OURS } from "./engines.mjs";

const SEED = "plasma peers";
const ROUNDS = { small: 5, large: 7 };
/** Turns of the reference loops, as a multiple of the shortest sensible. */
const SCALE = { small: 1, large: 4 };
const USAGE = `npm run peers -- [--size small|large] [--rounds COUNT] [--accounts COUNT] [--only NAME,…] [--json] [--save FILE]
engines: ${engines.map(({ name }) => name).join(", ")}`;

function refuse(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function readOptions() {
  const options = {
    size: { type: "string", default: "large" },
    rounds: { type: "string" },
    accounts: { type: "string" },
    only: { type: "string" },
    json: { type: "boolean", default: false },
    save: { type: "string" },
    help: { type: "boolean", default: false },
  };
  let values;
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    refuse(`${error.message}\n${USAGE}`);
  }
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  }
  const rounds = Number(values.rounds ?? ROUNDS[values.size]);
  if (!(values.size in ROUNDS) || !Number.isInteger(rounds) || rounds < 1) refuse(USAGE);
  const only = values.only?.split(",") ?? engines.map(({ name }) => name);
  if (only.some((name) => !engines.some((engine) => engine.name === name))) refuse(USAGE);
  const accounts = values.accounts === undefined ? undefined : Number(values.accounts);
  if (accounts !== undefined && !(Number.isInteger(accounts) && accounts >= 2)) refuse(USAGE);
  return { ...values, rounds, accounts, chosen: engines.filter(({ name }) => only.includes(name)) };
}

/** The version of an installed package; undefined where it is not installed. */
function versionOf(packageName) {
  const file = new URL(`./node_modules/${packageName}/package.json`, import.meta.url);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).version : undefined;
}

const say = (text) => process.stderr.write(`${Math.round(performance.now() / 1_000)} s: ${text}\n`);
const messageOf = (error) => String(error.message).split("\n")[0].slice(0, 300);

/** Opens an engine in every form, at once, since nothing is timed yet. */
async function openEngine(name, params, formNames) {
  const handles = formNames.map((form) => ({ form, handle: new EngineHandle(name, form) }));
  try {
    const facts = await Promise.all(handles.map(({ handle }) => handle.call("open", params)));
    return { name, facts: facts[0], handles, samples: {} };
  } catch (error) {
    for (const { handle } of handles) handle.close();
    throw error;
  }
}

async function openAll({ chosen, size, accounts: asked }, formNames, skipped) {
  const needsToken = chosen.some(({ name }) => name === "edr" || name === "ethereumjs");
  const tokenCode = needsToken ? (await import("./evm/compile-token.mjs")).compileToken() : "";
  const opened = [];
  for (const { name, packageName, [size]: load } of chosen) {
    const [own, blockSize] = load;
    const accounts = asked ?? own;
    say(`opening ${name}: ${accounts} accounts, blocks of ${blockSize}`);
    try {
      const engine = await openEngine(
        name,
        { accounts, blockSize, seed: SEED, tokenCode },
        formNames,
      );
      opened.push({ ...engine, version: packageName && versionOf(packageName) });
    } catch (error) {
      if (name === OURS) throw error;
      skipped.push({ name, reason: messageOf(error) });
    }
  }
  const loops = await openEngine("reference", { scale: SCALE[size] }, formNames.slice(-1));
  return [...opened, loops];
}

/** One turn of every engine in every form; round 0 warms up and is not kept. */
async function turn(opened, round) {
  // Each round begins with another engine, so that none is always measured after the same one.
  const order = [...opened.slice(round % opened.length), ...opened.slice(0, round % opened.length)];
  for (const { handles, samples } of order) {
    for (const { form, handle } of handles) {
      const rates = await handle.call("round");
      if (round === 0) continue;
      samples[form] ??= {};
      for (const [mode, rate] of Object.entries(rates)) (samples[form][mode] ??= []).push(rate);
    }
  }
}

const options = readOptions();
if (!existsSync(new URL("../../dist/cli/main.js", import.meta.url))) {
  refuse("dist/ is missing; run: npm run build");
}
if (versionOf("solc") === undefined) {
  refuse("the peers are not installed; run: npm ci --ignore-scripts --prefix bench/peers");
}
const { reportDocument, reportText } = await import("./report.mjs");
const formNames = hasTaskset() ? Object.keys(forms) : ["allCpus"];
const skipped = [];
const opened = await openAll(options, formNames, skipped);
for (let round = 0; round <= options.rounds; round++) {
  say(round === 0 ? "warming up" : `round ${round} of ${options.rounds}`);
  await turn(opened, round);
}
say("checking balances and roots");
for (const { handles } of opened) {
  for (const { handle } of handles) {
    await handle.call("check");
    handle.close();
  }
}
const { size, rounds } = options;
const document = reportDocument({ size, rounds, seed: SEED, opened, skipped });
const json = `${JSON.stringify(document, null, 2)}\n`;
if (options.save !== undefined) writeFileSync(options.save, json);
if (options.json) process.stdout.write(json);
(options.json ? process.stderr : process.stdout).write(`${reportText(document)}\n`);
process.exit(skipped.length > 0 ? 2 : 0);
