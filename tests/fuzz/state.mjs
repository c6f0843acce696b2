// What all inputs start from: the built package, a short chain, and seeds of every kind. The same for every
// thread of a run, so that an input's number says everything.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { FuzzChain } from "./chain.mjs";
import { loadEngine } from "./engine.mjs";
import { bundlesTarget, witnessTarget } from "./targets/bundles.mjs";
import { canaryTarget } from "./targets/canary.mjs";
import { abiTarget, rulesBytesTarget, rulesTarget, scenariosTarget } from "./targets/documents.mjs";
import { modulesTarget } from "./targets/modules.mjs";
import { recordsTarget } from "./targets/records.mjs";
import { transactionsTarget } from "./targets/transactions.mjs";

const root = resolve(import.meta.dirname, "../..");

export const targets = [
  modulesTarget,
  bundlesTarget,
  witnessTarget,
  transactionsTarget,
  rulesTarget,
  rulesBytesTarget,
  scenariosTarget,
  abiTarget,
  recordsTarget,
];

const files = (folder, ending) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(root, folder, name));

/** An ABI with every kind of type, method and event, which no contract of ours needs at once. */
function wideAbi(engine) {
  const method = (name, kind, types, returns) => {
    const params = types.map((type, i) => ({ name: `p${i}`, type }));
    const text = new TextEncoder().encode(`${name}(${types.join()})`);
    const selector = engine.toHex(engine.keccak256(text).subarray(0, 4));
    return { name, kind, params, returns, ...(kind === "init" ? {} : { selector }) };
  };
  const types = [
    "bool",
    "u8",
    "i16",
    "u32",
    "i64",
    "u128",
    "i256",
    "address",
    "bytes",
    "bytes7",
    "string",
    "u16[]",
    "bool[3]",
    "Pair",
    "Side",
    "Pair[]?",
    "string[][]",
  ];
  return {
    abi: 1,
    contract: "Wide",
    asc: "0.28.20",
    types: {
      Pair: {
        fields: [
          { name: "left", type: "u64" },
          { name: "right", type: "Side?" },
        ],
      },
      Side: { variants: ["buy", "sell"] },
    },
    methods: [
      method("init", "init", ["u64", "Pair"], "void"),
      method("all", "call", types, "void"),
      ...types.map((type, i) => method(`echo${i}`, "view", [type], type)),
    ],
    events: [],
    errors: [],
    storage: [],
  };
}

/** @param corpus folder with the contracts that main.mjs has built. */
export async function openState({ dist, corpus, canary = false }) {
  const engine = await loadEngine(dist);
  const contracts = ["counter", "token"].map((name) => ({
    wasm: new Uint8Array(readFileSync(join(corpus, `${name}.wasm`))),
    abi: JSON.parse(readFileSync(join(corpus, `${name}.abi.json`), "utf8")),
    init: name === "counter" ? ["5"] : ["1000000"],
  }));
  const chain = await FuzzChain.open(engine, contracts);
  const bundles = chain.bundles.map((bytes) => engine.decodeBundle(bytes));
  const presets = ["payments", "general", "data-heavy"];
  return {
    engine,
    chain,
    targets: canary ? [canaryTarget] : targets,
    modules: [
      ...contracts.map(({ wasm }) => wasm),
      engine.prepareBytes,
      ...files("fixtures/fuzz", ".wasm").map((file) => new Uint8Array(readFileSync(file))),
    ],
    rules: [
      ...presets.map((name) => engine.rulesToJson(engine.presetRules(name))),
      { preset: "general", gas: { perBlock: "100000000" }, deployers: [`0x${"11".repeat(20)}`] },
    ],
    scenarios: files("fixtures/scenarios", ".json").map((file) =>
      JSON.parse(readFileSync(file, "utf8")),
    ),
    abis: [...contracts.map(({ abi }) => abi), wideAbi(engine)],
    records: bundles.flatMap((bundle) => [
      engine.encodeOrder(bundle.order),
      engine.encodeBlockResult(bundle.result),
      ...bundle.receipts.slice(0, 3),
      ...bundle.transactions.filter(({ length }) => length < 1_000),
      ...bundle.code.map(
        (wasm) => engine.prepareModule(wasm, engine.prepareRulesBlob(chain.rules)).record,
      ),
    ]),
  };
}

/** The target of an input and the input itself. */
export function makeInput(state, random) {
  const weights = state.targets.flatMap((target) => new Array(target.weight).fill(target));
  const target = random.pick(weights);
  return { target, input: target.make(state, random) };
}
