// Entries without a frame in the machine: value transfers, every skip code, the empty block. Every step is
// proven and judged, and the run halts with the result that the host sealed.
import { beforeAll, describe, expect, it } from "vitest";
import { deriveKey } from "../../../host/chain/key.ts";
import {
  joinDeployInput,
  signTransaction,
  type TransactionFields,
} from "../../../host/chain/transaction.ts";
import { fromHex } from "../../../host/codec/hex.ts";
import { nativeSigner } from "../../../host/environment/native.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import type { Rules } from "../../../host/rules/rules.ts";
import { MachineChain, runInMachine } from "../../support/machine-chain.ts";
import { addressOfName, PRODUCER } from "../../support/test-chain.ts";

const general = presetRules("general");
const TRANSFER = general.gas.intrinsic.transaction;
const NOTHING = new Uint8Array(0);
const address = (name: string) => fromHex(addressOfName(name), 20);

const rules: Rules = {
  ...general,
  gas: { ...general.gas, perTransaction: 400_000n, perBlock: 500_000n },
  deployers: [addressOfName("bob"), addressOfName("dora")].sort(),
  fees: { priceMin: 5n },
  messages: { ...general.messages, inboxPerBlockMax: 0 },
};

let chain: MachineChain;
beforeAll(async () => {
  chain = await MachineChain.open(["alice", "bob", "carol"], rules);
});

const nonces = new Map<string, bigint>();

function entry(name: string, fields: Partial<TransactionFields> = {}): Uint8Array {
  const kind = fields.kind ?? "call";
  return signTransaction(
    {
      kind,
      environmentId: chain.chain.core.id,
      ...(kind === "call" ? { to: address("bob") } : {}),
      value: 0n,
      nonce: nonces.get(name) ?? 0n,
      gasLimit: TRANSFER,
      price: 5n,
      input: NOTHING,
      ...fields,
    },
    nativeSigner(deriveKey("test", name)),
  );
}

/** An entry that executes: the next nonce is one more. */
function executed(name: string, fields: Partial<TransactionFields> = {}): Uint8Array {
  const bytes = entry(name, fields);
  nonces.set(name, (nonces.get(name) ?? 0n) + 1n);
  return bytes;
}

function changed(bytes: Uint8Array, at: number, to?: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = to ?? (copy[at] as number) ^ 1;
  return copy;
}

async function inMachine(body: readonly Uint8Array[]): Promise<number> {
  return runInMachine(await chain.block(body)).steps;
}

describe("a block in the machine", () => {
  it("of no entries halts with its first step", async () => {
    expect(await inMachine([])).toBe(1);
  });

  it("of transfers has the host's result, to the recipient, to oneself, to the producer, of nothing", async () => {
    const steps = await inMachine([
      executed("alice", { value: 7n }),
      executed("alice"),
      executed("alice", { to: address("alice"), value: 9n }),
      executed("bob", {
        to: fromHex(PRODUCER, 20),
        value: 1n,
        input: new Uint8Array(129),
        gasLimit: 31_000,
      }),
      executed("alice", { to: new Uint8Array(20).fill(9), value: 2n ** 70n, gasLimit: 60_000 }),
      executed("carol", { to: new Uint8Array(20), value: 1n }),
    ]);
    // 1 2 3 7 14 15 16, with value 6 too.
    expect(steps).toBe(6 * 7 + 5 + 1);
  });

  it("empties an account, which stays for its nonce", async () => {
    const value = chain.chain.core.account(addressOfName("carol")).balance - BigInt(TRANSFER) * 5n;
    await inMachine([executed("carol", { value })]);
    expect(chain.chain.core.account(addressOfName("carol")).balance).toBe(0n);
  });

  it("skips with every code", async () => {
    const junk = joinDeployInput(Uint8Array.of(1, 2, 3), NOTHING);
    const deploy = { kind: "deploy", gasLimit: 330_450, input: junk } as const;
    const call = entry("alice", { input: Uint8Array.of(1, 2, 3) });
    const deployOf = (input: Uint8Array) => entry("bob", { ...deploy, input });
    await inMachine([
      NOTHING,
      Uint8Array.of(1, 2, 3),
      call.subarray(0, 255),
      changed(call, 0, 2),
      changed(call, 1, 3),
      changed(call, 159),
      Uint8Array.from([...call, 0]),
      changed(call, 160),
      changed(call, 256),
      changed(deployOf(junk), 98),
      deployOf(NOTHING),
      deployOf(new Uint8Array(3)),
      deployOf(Uint8Array.of(0, 0, 0, 1)),
      deployOf(Uint8Array.of(255, 255, 255, 255, 1)),
      entry("alice", { environmentId: new Uint8Array(32) }),
      changed(entry("alice"), 200),
      changed(entry("alice"), 40),
      entry("alice").fill(0, 192, 256),
      entry("alice", { nonce: 77n }),
      entry("alice", { gasLimit: 400_001 }),
      entry("alice", { gasLimit: TRANSFER - 1 }),
      entry("alice", { value: 2n ** 127n }),
      entry("nobody with coins"),
      entry("alice", { ...deploy, nonce: nonces.get("alice")! }),
      entry("alice", { price: 4n }),
      executed("alice"),
      executed("bob", { gasLimit: 400_000 }),
    ]);
  });

  it("skips what no gas is left for in the block", async () => {
    const long = { input: new Uint8Array(30_000), gasLimit: 400_000 };
    const bundle = await chain.block([
      executed("alice", long),
      entry("bob", { gasLimit: 370_000 }),
      executed("bob", { value: 3n }),
    ]);
    runInMachine(bundle);
  });
});
