// Body entries through block execution: signed transactions with odd fields, damaged ones, and junk. Every
// byte string is a legal entry, so execution must not throw at all, and the block must replay as valid.
import { mutateBytes } from "../mutate-bytes.mjs";
import { mutateWasm } from "../mutate-wasm.mjs";
import { randomModule } from "../random-wasm.mjs";
import { holds } from "./laws.mjs";

function input(state, random, transactionKind) {
  const { engine, chain, modules } = state;
  const { abi } = random.pick(chain.contracts);
  if (random.oneIn(8)) return random.bytes(random.size(3_000));
  if (transactionKind === "deploy" && !random.oneIn(8)) {
    const wasm = random.oneIn(2) ? randomModule(random) : mutateWasm(random, random.pick(modules));
    return engine.joinDeployInput(wasm, random.bytes(random.size(40)));
  }
  const { selector } = random.pick(abi.methods.filter((method) => method.kind !== "init"));
  const bytes = new Uint8Array(4 + random.size(100));
  bytes.set(random.bytes(bytes.length));
  bytes.set(engine.fromHex(selector));
  return random.oneIn(2) ? bytes : mutateBytes(random, bytes);
}

/** The body as one byte string: u32 length ‖ entry, and so on. */
function pack(entries) {
  const out = new Uint8Array(entries.reduce((sum, entry) => sum + 4 + entry.length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const entry of entries) {
    view.setUint32(at, entry.length);
    out.set(entry, at + 4);
    at += 4 + entry.length;
  }
  return out;
}

function unpack(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries = [];
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at);
    entries.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return entries;
}

function entry(state, random, nonces) {
  const { chain } = state;
  const kind = random.oneIn(3) ? "deploy" : "call";
  const targets = [...chain.contracts.map(({ address }) => address), random.bytes(20)];
  const sender = random.pick(["alice", "bob", "carol"]);
  const next = nonces.get(sender) ?? chain.nonces.get(sender);
  nonces.set(sender, next + 1n);
  const fields = {
    kind,
    ...(kind === "call" ? { to: random.pick(targets) } : {}),
    nonce: random.oneIn(12) ? random.bigint(64) : next,
    value: random.oneIn(12) ? random.bigint(128) : BigInt(random.below(100)),
    price: random.oneIn(12) ? random.bigint(64) : chain.rules.fees.priceMin,
    gasLimit: random.oneIn(6)
      ? random.size(2 ** 31)
      : random.pick([200_000, 3_000_000, 20_000_000]),
    input: input(state, random, kind),
  };
  const signed = chain.sign(sender, fields);
  return random.oneIn(8) ? mutateBytes(random, signed) : signed;
}

export const transactionsTarget = {
  name: "transactions",
  weight: 3,
  make(state, random) {
    const nonces = new Map();
    return pack(Array.from({ length: 1 + random.below(4) }, () => entry(state, random, nonces)));
  },
  run({ engine, chain }, bytes) {
    const body = unpack(bytes);
    const { block, receipts, bundle } = chain.execute(body);
    holds(receipts.length === body.length, "every entry has a receipt");
    for (const { outcome, code, gasUsed } of block.executions) {
      const { Outcome } = engine;
      holds(
        outcome === Outcome.skipped ? gasUsed === 0 && code > 0 : gasUsed > 0,
        "only skipped entries are free",
      );
      holds(
        (outcome === Outcome.trap || outcome === Outcome.skipped) === code > 0,
        "a trap has a code",
      );
    }
    const { verdict, finding } = chain.replay(bundle);
    holds(
      verdict === "valid",
      `an honest block is ${verdict}: ${finding?.code} ${finding?.message}`,
    );
    // The kinds of outcomes that the block has, as digits.
    return [...new Set(block.executions.map(({ outcome }) => outcome))].sort().join("");
  },
};
