// Laws of F over random bodies: bytes of any kind, changed and repeated transactions, transfers among people,
// producer and contracts, calls that end in every way, deployments that fail at every stage. No coin is made
// or lost, gas stays within its limits, a skipped entry costs nothing, and the bundle replays.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeTransaction, joinDeployInput } from "../../../host/chain/transaction.ts";
import { fromHex, type Hex } from "../../../host/codec/hex.ts";
import type { ExecutedBlock } from "../../../host/environment/environment-core.ts";
import { Outcome } from "../../../host/outcome.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import { proberWasm, Script } from "../../support/prober.ts";
import { addressOfName, TestChain } from "../../support/test-chain.ts";
import { wasmOf } from "../../support/wat.ts";

const SEED = 20_262;
const PEOPLE = ["alice", "bob", "carol"] as const;
const NOBODY: Hex = `0x${"77".repeat(20)}`;
const FEES: Hex = `0x${"fe".repeat(20)}`;
const SYSTEM: Hex = `0x${"00".repeat(19)}01`;
const PER_BLOCK = presetRules("general").gas.perBlock;

/** What becomes an entry once it is known what the chain is like. */
type Plan =
  | { readonly form: "bytes"; readonly bytes: Uint8Array }
  | { readonly form: "again" }
  | { readonly form: "changed"; readonly at: number; readonly by: number }
  | {
      readonly form: "call";
      readonly from: (typeof PEOPLE)[number];
      readonly to: number;
      readonly value: bigint;
      readonly price: bigint;
      readonly gas: number;
      readonly script: keyof typeof scripts;
      readonly late: bigint;
    }
  | {
      readonly form: "deploy";
      readonly from: (typeof PEOPLE)[number];
      readonly value: bigint;
      readonly price: bigint;
      readonly gas: number;
      readonly wasm: keyof typeof modules;
      readonly init: keyof typeof scripts;
    };

const send = (value: bigint) =>
  new Script().call(fromHex(NOBODY, 20), new Uint8Array(0), { value });
const scripts = {
  nothing: new Uint8Array(0),
  store: new Script().host("storage_set", new Uint8Array(32), 0, 40).bytes(),
  send: send(3n).call(fromHex(SYSTEM, 20), new Uint8Array(3), { value: 1n }).bytes(),
  sendAndRevert: send(3n).host("revert", 0, 3).bytes(),
  sendAndTrap: send(3n).trap().bytes(),
  spin: new Script().spin().bytes(),
};
const modules = {
  prober: proberWasm(),
  traps: wasmOf(`(module (func (export "main") unreachable))`),
  library: wasmOf("(module)"),
  none: Uint8Array.of(0, 1, 2),
};

const value = fc.oneof(
  fc.bigInt({ min: 0n, max: 100n }),
  fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
  fc.bigInt({ min: 10n ** 23n, max: 10n ** 24n }),
);
const price = fc.oneof(
  fc.bigInt({ min: 0n, max: 9n }),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);
const from = fc.constantFrom(...PEOPLE);
const script = fc.constantFrom(...(Object.keys(scripts) as (keyof typeof scripts)[]));
const wasm = fc.constantFrom(...(Object.keys(modules) as (keyof typeof modules)[]));
const call = fc.record({
  form: fc.constant("call" as const),
  from,
  to: fc.nat(7),
  value: fc.oneof(fc.constant(0n), value),
  price: fc.oneof(fc.constant(1n), price),
  gas: fc.oneof(fc.constant(900_000), fc.integer({ min: 28_000, max: 180_000 })),
  script,
  late: fc.constantFrom(0n, 0n, 0n, 0n, 0n, 1n),
});
const plan: fc.Arbitrary<Plan> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      form: fc.constant("bytes" as const),
      bytes: fc.uint8Array({ maxLength: 300 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ form: "again" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      form: fc.constant("changed" as const),
      at: fc.nat(400),
      by: fc.integer({ min: 1, max: 255 }),
    }),
  },
  { weight: 8, arbitrary: call },
  {
    weight: 3,
    arbitrary: fc.record({
      form: fc.constant("deploy" as const),
      from,
      value: fc.oneof(fc.constant(5n), value),
      price: fc.constantFrom(0n, 1n, 3n),
      gas: fc.constantFrom(330_000, 400_000, 1_500_000, 8_000_000, 40_000_000),
      wasm,
      init: script,
    }),
  },
);

let chain: TestChain;
/** Everyone who may have coins, by the numbers that plans use; contracts are added as they come. */
let everyone: Hex[];

beforeAll(async () => {
  chain = await TestChain.open(PEOPLE, presetRules("general"));
  everyone = [...PEOPLE.map(addressOfName), NOBODY, FEES, SYSTEM];
});

const account = (address: Hex) => chain.core.account(address);
const total = (): bigint => everyone.reduce((sum, address) => sum + account(address).balance, 0n);

/** The entries of a plan, signed with the nonces that the senders have now. */
function bodyOf(plans: readonly Plan[]): Uint8Array[] {
  const nonces = new Map<string, bigint>();
  const body: Uint8Array[] = [];
  for (const item of plans) {
    const last = body.at(-1) ?? new Uint8Array(256);
    if (item.form === "bytes") body.push(item.bytes);
    else if (item.form === "again") body.push(last);
    else if (item.form === "changed") {
      const copy = last.slice();
      const at = item.at % Math.max(1, copy.length);
      copy[at] = (copy[at] ?? 0) ^ item.by;
      body.push(copy);
    } else {
      const nonce = nonces.get(item.from) ?? account(addressOfName(item.from)).nonce;
      const late = item.form === "call" ? item.late : 0n;
      nonces.set(item.from, nonce + 1n - late);
      body.push(chain.sign(item.from, { ...fieldsOf(item), nonce: nonce + late }));
    }
  }
  return body;
}

function fieldsOf(item: Extract<Plan, { readonly form: "call" | "deploy" }>) {
  const { value, price, gas } = item;
  if (item.form === "deploy") {
    const input = joinDeployInput(modules[item.wasm], scripts[item.init]);
    return { kind: "deploy" as const, value, price, gasLimit: gas, input };
  }
  const to = fromHex(everyone[item.to % everyone.length] as Hex, 20);
  return { kind: "call" as const, to, value, price, gasLimit: gas, input: scripts[item.script] };
}

function holds(body: readonly Uint8Array[], block: ExecutedBlock): void {
  let gas = 0n;
  block.entries.forEach((entry, i) => {
    const limit = BigInt(decodeTransaction(body[i] as Uint8Array)?.gasLimit ?? 0);
    gas += entry.gasUsed;
    if (entry.outcome === Outcome.skipped) expect(entry.gasUsed).toBe(0n);
    else expect(entry.gasUsed).toBeGreaterThanOrEqual(30_000n);
    if (entry.outcome === Outcome.trap) expect(entry.gasUsed).toBe(limit);
    expect(entry.gasUsed <= limit).toBe(true);
    if (entry.outcome !== Outcome.success) expect(entry.events).toEqual([]);
  });
  expect(block.gasUsed).toBe(gas);
  expect(gas <= PER_BLOCK).toBe(true);
}

describe("F", () => {
  const seen = new Set<string>();

  it(`keeps its laws over random bodies (seed ${SEED})`, async () => {
    const property = fc.asyncProperty(
      fc.array(plan, { maxLength: 12 }),
      fc.nat(5),
      async (plans, producer) => {
        const before = total();
        const body = bodyOf(plans);
        const height = chain.core.head().height;
        const block = (await chain.core.executeBlock({
          time: height + 1n,
          producer: everyone[producer] as Hex,
          transactions: body,
          bundle: true,
        })) as ExecutedBlock & { readonly bundle: Uint8Array };
        const others = block.entries.flatMap((entry) => entry.contract ?? []);
        everyone = [...everyone, ...others];
        expect(total()).toBe(before);
        holds(body, block);
        const { verdict, finding } = chain.replay(block.bundle);
        expect({ verdict, finding }).toEqual({ verdict: "valid", finding: undefined });
        for (const { outcome, code } of block.entries) seen.add(`${outcome} ${code}`);
      },
    );
    await fc.assert(property, { seed: SEED, numRuns: 40 });
  });

  it("came to every outcome and many codes while doing so", () => {
    const expected = ["0 0", "1 0", "2 1", "2 3", "3 1", "3 3", "3 4", "3 7", "3 8"];
    expect(expected.filter((end) => !seen.has(end))).toEqual([]);
  });
});
