// Disputes in files: the blocks of fixtures/disputes/scenario.json as bundles without debug part, a log of a dispute
// against every saboteur, and expected.json with what each comes to. Without a flag: writes them. --check:
// makes them anew and fails where a committed file differs. Runs on dist/, so `npm run build` comes first.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const folder = join(root, "fixtures/disputes");
const dist = (path) => import(join(root, "dist", path));

/** Blocks by what is in them; the first one only deploys what the others call. */
const BLOCKS = [undefined, "transfers", "calls", "deployment"];

/** @returns name of the block -> bytes of its bundle */
async function makeBlocks() {
  const { loadScenario } = await dist("cli/scenario/load-scenario.js");
  const { runScenario } = await dist("cli/scenario/run-scenario.js");
  const { memoryStore } = await dist("host/environment/environment.js");
  const { decodeBundle, encodeBundle } = await dist("host/chain/bundle.js");
  const blocks = new Map();
  const run = await runScenario(await loadScenario(join(folder, "scenario.json")), {
    store: memoryStore(),
    bundles: true,
    onBlock({ executed }) {
      const name = BLOCKS[Number(executed.height) - 1];
      if (name === undefined) return;
      blocks.set(name, encodeBundle({ ...decodeBundle(executed.bundle), debug: [] }));
    },
  });
  if (run.failed > 0) throw new Error(`${run.failed} expectations of scenario.json do not hold`);
  return blocks;
}

/** Where each saboteur lies. */
const LIES = {
  transfers: [
    ...["wrong-state-root", "skipped-write", "wrong-receipt", "wrong-gas"],
    ...["accepted-bad-signature", "accepted-wrong-nonce", "premature-halt", "extra-steps"],
    ...["non-canonical-state", "random-tail", "wrong-last-leaf", "wrong-proof"],
    ...["silent", "stalling", "flood"],
  ],
  calls: ["flipped-memory", "skipped-storage-write", "forged-storage-read", "wrong-sub-call"],
  deployment: ["wrong-prepare"],
};
const FLOOD_CLAIMS = 3;
const BOND_MAX = 10n ** 30n;

/** Opens runs of a block, honest or false, in this thread. */
async function runsOf(bytes) {
  const { decodeBundle } = await dist("host/chain/bundle.js");
  const { tamperBundle } = await dist("host/environment/replay.js");
  const { falseRun } = await dist("host/dispute/false-run.js");
  const { BundleRun } = await dist("host/machine/bundle-run.js");
  const { later } = await dist("host/machine/run-states.js");
  const { nativeStateHasher } = await dist("host/environment/native.js");
  const hasher = nativeStateHasher();
  return async (falsehood, tampered) => {
    const source = tampered === undefined ? bytes : await tamperBundle(bytes, { kind: tampered });
    const bundle = decodeBundle(source);
    const run =
      falsehood === undefined ? new BundleRun(bundle, hasher) : falseRun(bundle, falsehood, hasher);
    return later(run);
  };
}

/** Plays the dispute against one saboteur. */
async function playAgainst(kind, bytes) {
  const { decodeBundle } = await dist("host/chain/bundle.js");
  const { decodeRules } = await dist("host/rules/encode-rules.js");
  const { RunCommitments } = await dist("host/machine/run-commitments.js");
  const { PRODUCTION_SHAPE: shape } = await dist("host/dispute/commitment-shape.js");
  const { RecordedDispute } = await dist("host/dispute/dispute-log.js");
  const { playDispute } = await dist("host/dispute/play-dispute.js");
  const { RunPlayer } = await dist("host/dispute/player.js");
  const { accountOf, saboteurSeats } = await dist("host/dispute/saboteur-kinds.js");
  const open = await runsOf(bytes);
  const { order, parentResult, rules } = decodeBundle(bytes);
  const dispute = new RecordedDispute({ order, parentResult, rules: decodeRules(rules), shape });
  const commitments = new RunCommitments(await open());
  const account = accountOf("honest");
  const honest = {
    name: "honest",
    player: new RunPlayer({ commitments, account, bondMax: BOND_MAX }),
  };
  const ground = { shape, bondMax: BOND_MAX, open, floodClaims: FLOOD_CLAIMS };
  const liars = await saboteurSeats(kind, ground);
  await playDispute(dispute, [...liars, honest], order.time);
  return dispute;
}

/** What a stranger must find when the log is replayed. */
async function expectedOf(name, block, dispute, bytes) {
  const { decodeBundle } = await dist("host/chain/bundle.js");
  const { resultHash } = await dist("host/chain/result.js");
  const { toHex } = await dist("host/codec/hex.js");
  const { howClaimFell } = await dist("host/dispute/how-claim-fell.js");
  const { BundleRun } = await dist("host/machine/bundle-run.js");
  const { nativeStateHasher } = await dist("host/environment/native.js");
  const { state } = dispute;
  const bundle = decodeBundle(bytes);
  const run = new BundleRun(bundle, nativeStateHasher());
  const count = bundle.transactions.length;
  const entryOf = (step) => {
    const { entry } = run.viewAt(step);
    return entry < count ? entry : null;
  };
  const falls = state.tournaments.get(state.id).claims.flatMap((id) => {
    const fall = howClaimFell(state, id);
    if (fall === undefined) return [];
    const { reason, step } = fall;
    const result = toHex(resultHash(state.claims.get(id).result));
    return [{ result, reason, step: String(step), transaction: entryOf(step) }];
  });
  return {
    file: `${name}.dispute`,
    block: `blocks/${block}.bundle`,
    commands: state.commands,
    verdict: toHex(resultHash(state.verdict.result)),
    falls,
  };
}

/** @returns path under fixtures/disputes -> bytes or text */
async function makeFiles() {
  const { encodeDisputeLog } = await dist("host/dispute/dispute-log.js");
  const files = new Map();
  const expected = [];
  const blocks = await makeBlocks();
  for (const [block, bytes] of blocks) {
    files.set(`blocks/${block}.bundle`, Buffer.from(bytes));
    for (const lie of LIES[block]) {
      const dispute = await playAgainst(lie, bytes);
      files.set(`${lie}.dispute`, Buffer.from(encodeDisputeLog(dispute.log)));
      expected.push(await expectedOf(lie, block, dispute, bytes));
    }
  }
  files.set("expected.json", Buffer.from(`${JSON.stringify(expected, null, 2)}\n`));
  return files;
}

/** Paths of what is committed, but for the scenario. */
const committed = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "scenario.json")
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));

const files = await makeFiles();
if (process.argv.includes("--check")) {
  const names = new Set([...committed(), ...files.keys()]);
  const wrong = [...names].filter((name) => {
    const made = files.get(name);
    const file = join(folder, name);
    return !made || !existsSync(file) || !made.equals(readFileSync(file));
  });
  if (wrong.length > 0) {
    process.stderr.write(
      `fixtures/disputes is not what the script makes: ${wrong.sort().join(", ")}\n` +
        "run: npm run build && node scripts/dispute-fixtures.mjs, and commit the result\n",
    );
    process.exit(1);
  }
  process.stdout.write(`${files.size} files of fixtures/disputes are what the script makes\n`);
} else {
  for (const name of committed()) rmSync(join(folder, name));
  for (const [name, content] of files) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  process.stdout.write(`${files.size} files written to fixtures/disputes\n`);
}
process.exit(0);
