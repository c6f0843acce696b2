// A chain with one transaction of every kind that a trace must explain, and the contracts for it: each way
// to trap, reverts with and without names, nested calls that fail and pass on, deployments, skips.
import { encodeCall, encodeInit } from "../../host/abi/encode-call.ts";
import type { DebugEntry } from "../../host/chain/bundle.ts";
import { joinDeployInput } from "../../host/chain/transaction.ts";
import { fromHex, type Hex } from "../../host/codec/hex.ts";
import { bytesHash } from "../../host/codec/trees.ts";
import { buildContract, type ContractBuild } from "../../host/contract/index.ts";
import { presetRules } from "../../host/rules/presets.ts";
import type { Rules } from "../../host/rules/rules.ts";
import { addressOfName, PRODUCER, TestChain, type TestFields } from "./test-chain.ts";
import { wasmOf } from "./wat.ts";

const VAULT = `// A vault that fails in every way there is.
import { Address, ctx, emit, require, revert, StorageMap, StorageMap2, Value } from "plasmavm/assembly";

@error
class TooMuch {
  constructor(
    public have: u64,
    public asked: u64,
  ) {}
}

@event("who")
class Taken {
  constructor(
    public who: Address,
    public amount: u64,
  ) {}
}

type Step = (value: u32) => u32;
function twice(value: u32): u32 {
  return value * 2;
}

@contract
export class Vault {
  total: Value<u64>;
  shares: StorageMap<Address, u64>;
  limits: StorageMap2<Address, u32, u64>;

  @init init(total: u64): void {
    require(total > 0, "an empty vault");
    this.total.set(total);
  }

  @call take(amount: u64): u64 {
    const total = this.total.get();
    if (amount > total) revert(new TooMuch(total, amount));
    this.total.set(total - amount);
    this.shares.set(ctx.caller, this.shares.get(ctx.caller) + amount);
    this.limits.set(ctx.caller, 7, amount);
    emit(new Taken(ctx.caller, amount));
    return total - amount;
  }

  @call divide(by: u32): u32 {
    return this.half(by) / by;
  }
  private half(by: u32): u32 {
    return 100 / by;
  }

  @call negate(by: i32): i32 {
    return i32.MIN_VALUE / by;
  }

  @call peek(at: u32): u8 {
    return load<u8>(at);
  }

  @call stop(): void {
    unreachable();
  }

  @call invoke(index: u32): u32 {
    const step: Step = twice;
    return step(1) + call_indirect<u32>(index, 5);
  }

  @call item(index: i32): u32 {
    const list: u32[] = [1, 2, 3];
    return list[index];
  }

  @call refuse(): void {
    require(false, "not today");
  }

  @call spin(): void {
    for (;;) this.total.set(this.total.get() + 1);
  }

  @call dig(depth: u32): u32 {
    return depth + this.dig(depth + 1) * 2;
  }

  @view look(): u64 {
    overwrite(this.total);
    return 1;
  }
}

// Not what the build looks for in a view, so that the host's refusal can be seen.
function overwrite(total: Value<u64>): void {
  total.set(1);
}
`;

const DOOR = `// Calls a vault, and fails as it fails or copes.
import { Address, at, Result, u128, Value } from "plasmavm/assembly";

@remote
abstract class Vault {
  abstract take(amount: u64): u64;
  abstract try_take(amount: u64): Result<u64>;
  abstract divide(by: u32): u32;
}

@contract
export class Door {
  vault: Value<Address>;

  @init init(vault: Address): void {
    this.vault.set(vault);
  }

  @call pass(amount: u64): u64 {
    return at<Vault>(this.vault.get()).take(amount);
  }

  @call attempt(amount: u64): u32 {
    const vault = at<Vault>(this.vault.get());
    vault.take(1);
    return vault.try_take(amount).status;
  }

  @call spend(to: Address, amount: u128): u32 {
    return at<Vault>(to, amount).try_take(1).status;
  }
}
`;

export const vaultBuild = (): Promise<ContractBuild> =>
  buildContract({ entry: "assembly/vault.ts", files: { "assembly/vault.ts": VAULT } });
const doorBuild = (): Promise<ContractBuild> =>
  buildContract({ entry: "assembly/door.ts", files: { "assembly/door.ts": DOOR } });

const utf8 = new TextEncoder();
export const debugOf = ({ wasm, abiJson, sourceMap }: ContractBuild): DebugEntry => ({
  wasmHash: bytesHash(wasm),
  abi: utf8.encode(abiJson),
  sourceMap: utf8.encode(sourceMap),
});

export interface TracedChain {
  readonly chain: TestChain;
  readonly vault: ContractBuild;
  /** Bundles with debug parts by height from 1. */
  readonly bundles: readonly Uint8Array[];
  /** Height and index of each transaction by what it is about. */
  readonly places: ReadonlyMap<string, readonly [height: number, index: number]>;
}

const GAS_LIMIT = 10_000_000;
const BOB = fromHex(addressOfName("bob"), 20);

const floats = () =>
  wasmOf(
    `(module (func $price (result f64) (f64.const 1)) (func (export "main") (drop (call $price))))`,
  );

/** Rules under which everything of `openTracedChain` can happen. */
function tracedRules(): Rules {
  const rules = presetRules("general");
  return {
    ...rules,
    deployers: [addressOfName("alice")],
    fees: { ...rules.fees, priceMin: 2n },
  };
}

/** Makes the blocks: deployments, then calls, then what is skipped. */
export async function openTracedChain(): Promise<TracedChain> {
  const rules = tracedRules();
  const chain = await TestChain.open(["alice", "bob", "carol"], rules);
  const [vault, door] = [await vaultBuild(), await doorBuild()];
  const places = new Map<string, readonly [number, number]>();
  const bundles: Uint8Array[] = [];
  const block = async (named: readonly (readonly [string, Uint8Array])[]) => {
    const executed = await chain.core.executeBlock({
      time: BigInt(bundles.length + 1),
      producer: PRODUCER,
      transactions: named.map(([, bytes]) => bytes),
      bundle: true,
      debug: [vault, door].map(debugOf),
    });
    bundles.push(executed.bundle as Uint8Array);
    named.forEach(([name], index) => {
      places.set(name, [bundles.length, index]);
    });
    return executed.entries;
  };
  const sign = (name: string, fields: TestFields) =>
    chain.sign(name, { gasLimit: GAS_LIMIT, ...fields });
  const deploy = ({ wasm }: Pick<ContractBuild, "wasm">, init: Uint8Array, fields = {}) =>
    sign("alice", { kind: "deploy", input: joinDeployInput(wasm, init), ...fields });

  const [first] = await block([["deploy", deploy(vault, encodeInit(vault.abi, [1_000n]))]]);
  const to = fromHex(first?.contract as Hex, 20);
  const [second] = await block([
    ["deploy door", deploy(door, encodeInit(door.abi, [first?.contract]))],
    ["deploy refused", deploy({ wasm: floats() }, new Uint8Array(0))],
    ["deploy reverted", deploy(vault, encodeInit(vault.abi, [0n]))],
    ["deploy out of gas", deploy(vault, encodeInit(vault.abi, [1n]), { gasLimit: 900_000 })],
  ]);
  const doorAt = fromHex(second?.contract as Hex, 20);
  const call = (method: string, args: unknown[], fields: Partial<TestFields> = {}) =>
    sign("alice", { kind: "call", to, input: encodeCall(vault.abi, method, args), ...fields });
  const pass = (method: string, args: unknown[], fields: Partial<TestFields> = {}) =>
    call("stop", [], { to: doorAt, input: encodeCall(door.abi, method, args), ...fields });
  await block([
    ["success", call("take", [10n])],
    ["typed error", call("take", [5_000n])],
    ["message", call("refuse", [])],
    ["abort", call("item", [3])],
    ["divide by zero", call("divide", [0])],
    ["integer overflow", call("negate", [-1])],
    ["out of bounds", call("peek", [0xffff_0000])],
    ["unreachable", call("stop", [])],
    ["undefined element", call("invoke", [99])],
    ["out of gas", call("spin", [], { gasLimit: 200_000 })],
    ["depth", call("dig", [0])],
    ["read-only", call("look", [])],
    ["unknown method", call("stop", [], { input: Uint8Array.of(1, 2, 3, 4) })],
    ["nested success", pass("attempt", [5_000n])],
    ["nested revert", pass("pass", [5_000n])],
    ["nested refusal", pass("spend", [toHexOf(to), 7n])],
    ["nested transfer", pass("spend", [addressOfName("carol"), 7n], { value: 9n })],
    ["value only", sign("alice", { kind: "call", to: BOB, value: 77n })],
  ]);
  await block(skippedEntries(chain, sign));
  const all = { gasLimit: Number(rules.gas.perTransaction) };
  const fill = Array.from(
    { length: Number(rules.gas.perBlock / rules.gas.perTransaction) },
    (_, i) => [`fills the block ${i}`, call("stop", [], all)] as const,
  );
  await block([...fill, ["skipped block_gas", call("stop", [], all)]]);
  return { chain, vault, bundles, places };
}

const toHexOf = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString("hex")}`;

function skippedEntries(
  chain: TestChain,
  sign: (name: string, fields: TestFields) => Uint8Array,
): (readonly [string, Uint8Array])[] {
  const nonce = chain.core.account(addressOfName("alice")).nonce;
  const transfer = (fields: Partial<TestFields>) =>
    sign("alice", { kind: "call", to: BOB, nonce, ...fields });
  const forged = transfer({});
  forged[forged.length - 1]! ^= 1;
  const { rules } = chain.core;
  return [
    ["skipped decode", Uint8Array.of(1, 2, 3)],
    ["skipped environment", transfer({ environmentId: new Uint8Array(32).fill(9) })],
    ["skipped signature", forged],
    ["skipped nonce", transfer({ nonce: 999n })],
    ["skipped gas_limit", transfer({ gasLimit: Number(rules.gas.perTransaction) + 1 })],
    ["skipped intrinsic_gas", transfer({ gasLimit: 10 })],
    ["skipped balance", transfer({ value: 10n ** 30n })],
    [
      "skipped deployer",
      sign("bob", { kind: "deploy", input: joinDeployInput(floats(), new Uint8Array(0)) }),
    ],
    ["skipped price", transfer({ price: 1n })],
  ];
}
