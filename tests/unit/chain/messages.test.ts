// Messages of the inbox in a block: value that comes and stays, no fee, no nonce, who the contract sees as caller
// and source, what is skipped, and the same in replay and, step by step, in the machine.
import { beforeAll, describe, expect, it } from "vitest";
import { decodeBundle } from "../../../host/chain/bundle.ts";
import { outboxRoot } from "../../../host/chain/message.ts";
import { encodeMessageEntry } from "../../../host/chain/transaction.ts";
import { toHex } from "../../../host/codec/hex.ts";
import { keccak256 } from "../../../host/codec/keccak.ts";
import { ByteWriter } from "../../../host/codec/writer.ts";
import { nativeStateHasher } from "../../../host/environment/native.ts";
import { BundleRun } from "../../../host/machine/bundle-run.ts";
import { Outcome, SkipCode, TrapCode } from "../../../host/outcome.ts";
import { MachineChain, oneIn, runInMachine } from "../../support/machine-chain.ts";
import { Script } from "../../support/prober.ts";

const SOURCE = new Uint8Array(32).fill(0x50);
const SENDER = new Uint8Array(20).fill(0x51);
const NOBODY = new Uint8Array(20).fill(0x52);
const GAS = 1_200_000;

let chain: MachineChain;
let prober: Uint8Array;
beforeAll(async () => {
  chain = await MachineChain.open(["alice"]);
  [prober] = (await chain.probers(1)) as [Uint8Array];
});

interface Sent {
  readonly to?: Uint8Array;
  readonly value?: bigint;
  readonly script?: Script;
  readonly gasLimit?: number;
  readonly target?: Uint8Array;
  readonly source?: Uint8Array;
}

function message(sent: Sent): Uint8Array {
  const { to = prober, value = 0n, script, gasLimit = GAS } = sent;
  const { target = chain.chain.core.id, source = SOURCE } = sent;
  const input = script?.bytes() ?? new Uint8Array(0);
  return encodeMessageEntry({
    source,
    target,
    sender: SENDER,
    to,
    value,
    input,
    number: 7n,
    gasLimit,
  });
}

const account = (address: Uint8Array) => chain.chain.core.account(toHex(address));

async function block(entries: readonly Uint8Array[], inboxCount = entries.length) {
  const state = await chain.block(entries, inboxCount);
  const replayed = chain.chain.replay(state.bundle);
  expect(replayed).toMatchObject({ verdict: "valid" });
  runInMachine(state, oneIn(16, 1));
  const bundle = decodeBundle(state.bundle);
  const run = new BundleRun(bundle, nativeStateHasher());
  expect(run.end().result).toEqual(bundle.result);
  run.close();
  return bundle;
}

describe("a message of the inbox", () => {
  it("brings its value to an account without code, for no fee and from nobody", async () => {
    await block([message({ to: NOBODY, value: 12n }), message({ to: NOBODY, value: 0n })]);
    expect(account(NOBODY)).toMatchObject({ balance: 12n, nonce: 0n });
    expect(account(SENDER)).toMatchObject({ balance: 0n, nonce: 0n });
  });

  it("is a call by its sender, with the source environment in the context", async () => {
    const before = account(prober).balance;
    const script = new Script().host("context", 0x100).show(0x100, 208);
    const { entries } = await chain.chain.block([message({ value: 5n, script })], 1);
    const context = entries[0]!.output;
    const caller = keccak256(Uint8Array.from([2, ...SOURCE, ...SENDER])).subarray(12);
    expect(toHex(context.subarray(20, 40))).toBe(toHex(caller));
    expect(toHex(context.subarray(40, 60))).toBe(toHex(caller));
    expect(context[175]).toBe(4 + 8);
    expect(toHex(context.subarray(176, 208))).toBe(toHex(SOURCE));
    expect(account(prober).balance).toBe(before + 5n);
  });

  it("from settlement is a call by the account that sent it", async () => {
    const script = new Script().host("context", 0x100).show(0x100, 208);
    const deposit = message({ value: 5n, script, source: new Uint8Array(32) });
    const { entries } = await chain.chain.block([deposit], 1);
    const context = entries[0]!.output;
    expect(toHex(context.subarray(20, 40))).toBe(toHex(SENDER));
    expect(context[175]).toBe(4 + 8);
    await block([deposit]);
  });

  it("leaves its value where it brought it when the call reverts or traps, and nothing else", async () => {
    const before = account(prober).balance;
    const key = new Uint8Array(32).fill(9);
    const request = new ByteWriter(68).raw(SOURCE).raw(NOBODY).u128(1n).finish();
    const acts = () =>
      new Script().host("storage_set", key, 0, 4).host("send_message", request, 0, 0);
    const { receipts } = await block([
      message({ value: 5n, script: acts().host("revert", 0, 3) }),
      message({ value: 6n, script: acts().trap() }),
      message({ value: 7n, script: new Script().host("storage_open", key).show(0, 0) }),
    ]);
    expect(receipts.map((bytes) => bytes[33])).toEqual([
      Outcome.revert,
      Outcome.trap,
      Outcome.success,
    ]);
    expect(receipts[1]![35]).toBe(TrapCode.wasm);
    expect(account(prober).balance).toBe(before + 18n);
  });

  it("is skipped where no order took it from an inbox, of another environment, or without gas", async () => {
    const { receipts } = await block(
      [
        message({ target: SOURCE }),
        message({ gasLimit: 29_999 }),
        message({ gasLimit: 2 ** 27 + 1 }),
        message({ value: 4n }),
      ],
      3,
    );
    expect(receipts.map((bytes) => [bytes[33], bytes[35]])).toEqual([
      [Outcome.skipped, SkipCode.environment],
      [Outcome.skipped, SkipCode.intrinsic_gas],
      [Outcome.skipped, SkipCode.gas_limit],
      [Outcome.skipped, SkipCode.signature],
    ]);
  });

  it("does not decode with a key, a price or a signature in its head", async () => {
    const changed = (at: number): Uint8Array => {
      const bytes = message({});
      bytes[at]! ^= 1;
      return bytes;
    };
    const { receipts } = await block([66, 77, 148, 155, 192, 255].map(changed));
    for (const bytes of receipts) expect([bytes[33], bytes[35]]).toEqual([3, SkipCode.decode]);
  });

  it("may follow others that are signed, whose sender, source and refund are their own", async () => {
    const script = new Script().host("context", 0x100).show(0x100, 208);
    await block(
      [
        message({ value: 1n, script }),
        chain.chain.sign("alice", {
          ...{ kind: "call", to: prober, value: 3n, gasLimit: GAS, price: 2n },
          input: script.bytes(),
        }),
      ],
      1,
    );
  });
});

describe("the outbox of a block", () => {
  it("is in its result, and its order counts on where the last one ended", async () => {
    const request = new ByteWriter(68).raw(SOURCE).raw(NOBODY).u128(1n).finish();
    const send = () =>
      message({ value: 2n, script: new Script().host("send_message", request, 8, 5) });
    const first = await block([send(), send()]);
    const second = await block([send()]);
    const sent = {
      ...{ target: SOURCE, sender: prober, to: NOBODY, value: 1n },
      input: new Uint8Array(5),
    };
    const id = chain.chain.core.id;
    expect(toHex(first.result.outboxRoot)).toBe(toHex(outboxRoot(id, [sent, sent])));
    expect(toHex(second.result.outboxRoot)).toBe(toHex(outboxRoot(id, [sent])));
    expect(second.order.inboxFirst).toBe(first.order.inboxFirst + 2n);
    expect(second.order.inboxCount).toBe(1);
    // Whoever delivers them asks the store, long after the bundle is gone.
    const { core } = chain.chain;
    for (const [{ order }, count] of [
      [first, 2],
      [second, 1],
    ] as const) {
      expect(core.executed(order.height)?.messages).toEqual(Array(count).fill(sent));
    }
    expect(core.executed(second.order.height + 1n)).toBeUndefined();
  });
});
