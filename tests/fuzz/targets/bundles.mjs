// Bundles through decoding and replay: edited as bytes, or part by part and sealed again, down to a parent
// state of the attacker's making. Replay never throws for what a bundle holds: the verdict says it.
import { mutateBytes } from "../mutate-bytes.mjs";
import { mutateValues } from "../mutate-witness.mjs";
import { answered, holds, sameBytes } from "./laws.mjs";

const DEPTH = 20;

/** The order and the result name what the bundle now holds. */
function sealed(engine, bundle) {
  const { transactions, receipts, rules } = bundle;
  const hashes = transactions.map(engine.transactionHash);
  const gasUsed = receipts.reduce((sum, receipt) => {
    const decoded = answered(engine, () => engine.decodeReceipt(receipt));
    return BigInt.asUintN(64, sum + (decoded?.gasUsed ?? 0n));
  }, 0n);
  return {
    ...bundle,
    parentResult: { ...bundle.parentResult, stateRoot: rootOf(engine, bundle) },
    order: {
      ...bundle.order,
      rulesHash: engine.keccak256(rules),
      transactionCount: transactions.length,
      transactionsRoot: engine.listRoot(DEPTH, hashes),
    },
    result: {
      ...bundle.result,
      gasUsed,
      receiptsRoot: engine.listRoot(DEPTH, receipts.map(engine.receiptLeaf)),
    },
  };
}

/** The root of the state that the witness opens, whatever state that is. */
function rootOf(engine, { witness, parentResult }) {
  try {
    engine.WitnessState.decode(witness, new Uint8Array(32), engine.nativeStateHasher());
  } catch (error) {
    const root = /got root (0x[0-9a-f]{64})/.exec(error.message)?.[1];
    if (root !== undefined) return engine.fromHex(root);
  }
  return parentResult.stateRoot;
}

const list = (random, items, edit) => {
  if (items.length === 0 || random.oneIn(8)) return [...items, random.bytes(random.size(300))];
  const at = random.below(items.length);
  const kind = random.below(5);
  if (kind === 0) return items.toSpliced(at, 1);
  if (kind === 1) return [...items, items[at]];
  if (kind === 2) return [...items].reverse();
  return items.with(at, edit(random, items[at]));
};
/** Receipts have one length. */
function receipt(bytes) {
  const fitted = new Uint8Array(108);
  fitted.set(bytes.subarray(0, 108));
  return fitted;
}
/** Other values, where an edit before has not taken the witness out of order. */
function anyValues(random, witness) {
  try {
    return mutateValues(random, witness);
  } catch {
    return mutateBytes(random, witness);
  }
}

const parts = [
  (random, bundle) => ({ ...bundle, rules: mutateBytes(random, bundle.rules) }),
  (random, bundle) => ({ ...bundle, transactions: list(random, bundle.transactions, mutateBytes) }),
  (random, bundle) => ({
    ...bundle,
    receipts: list(random, bundle.receipts, mutateBytes).map(receipt),
  }),
  (random, bundle) => ({ ...bundle, witness: mutateBytes(random, bundle.witness) }),
  (random, bundle) => ({ ...bundle, witness: anyValues(random, bundle.witness) }),
  (random, bundle) => ({ ...bundle, witness: anyValues(random, bundle.witness) }),
  (random, bundle) => ({ ...bundle, code: list(random, bundle.code, mutateBytes) }),
  (random, bundle) => ({ ...bundle, prepareRules: list(random, bundle.prepareRules, mutateBytes) }),
  (random, bundle) => ({
    ...bundle,
    order: {
      ...bundle.order,
      height: 1n + random.bigint(63),
      time: random.bigint(64),
      producer: random.bytes(20),
    },
  }),
];

export const bundlesTarget = {
  name: "bundles",
  weight: 4,
  make({ engine, chain }, random) {
    const bytes = random.pick(chain.bundles);
    if (random.oneIn(4)) return mutateBytes(random, bytes);
    let bundle = engine.decodeBundle(bytes);
    for (let count = 1 + random.below(2); count > 0; count--) {
      bundle = random.pick(parts)(random, bundle);
    }
    if (!random.oneIn(4)) bundle = sealed(engine, bundle);
    return answered(engine, () => engine.encodeBundle(bundle)) ?? bytes;
  },
  run({ engine, chain }, bytes) {
    const decoded = answered(engine, () => engine.decodeBundle(bytes));
    if (decoded !== undefined) {
      holds(sameBytes(engine.encodeBundle(decoded), bytes), "a bundle is its own encoding");
    }
    const { verdict, finding } = chain.replay(bytes);
    holds(["valid", "fraud", "unusable"].includes(verdict), `the verdict is ${verdict}`);
    holds((verdict === "valid") === (finding === undefined), "a finding says why, and only why");
    if (finding !== undefined) {
      holds(Object.hasOwn(engine.errorCodes, finding.code), `${finding.code} is no code`);
    }
    return verdict;
  },
};

/** The witness alone, against the root it was made for and against the one it opens. */
export const witnessTarget = {
  name: "witness",
  weight: 2,
  make({ engine, chain }, random) {
    const { witness } = engine.decodeBundle(random.pick(chain.bundles));
    return random.oneIn(2) ? mutateBytes(random, witness) : mutateValues(random, witness);
  },
  run({ engine, chain }, bytes) {
    const stateRoot = new Uint8Array(32);
    const root = rootOf(engine, { witness: bytes, parentResult: { stateRoot } });
    const state = answered(engine, () => engine.WitnessState.decode(bytes, root, chain.hasher));
    if (state === undefined) return "refused";
    const overlay = new engine.Overlay(state.source());
    for (const { address } of chain.signers.values()) {
      answered(engine, () => engine.readAccount(overlay, address));
    }
    answered(engine, () => state.rootAfter(overlay));
    answered(engine, () => state.checkAllUsed(overlay));
    return "opened";
  },
};
