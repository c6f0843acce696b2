// When a sub-call is refused (status 3) before anything of the callee runs, and what a callee inherits: locks,
// read-only frames, call depth, live pages, the depth budget. Both sides of every limit.
import { beforeAll, describe, expect, it } from "vitest";
import { contractAddress, joinDeployInput } from "../../../host/chain/transaction.ts";
import { fromHex, toHex } from "../../../host/codec/hex.ts";
import { CallStatus, Outcome, TrapCode } from "../../../host/outcome.ts";
import { LOG_AT, numbersOf, PROBER_PAGES, proberWasm, Script } from "../../support/prober.ts";
import { addressOfName } from "../../support/test-chain.ts";
import { traceOf } from "./frame-trace.ts";
import { Probers } from "./probers.ts";

const { success, trap, refused } = CallStatus;
const NOBODY = new Uint8Array(20).fill(0x78);
const EMPTY = new Uint8Array(0);
const KEY = new Uint8Array(32).fill(0x55);

let probers: Probers;
beforeAll(async () => {
  probers = await Probers.open(3);
});

const [a, b, c] = [0, 1, 2].map((index) => () => probers.at(index)) as [
  () => Uint8Array,
  () => Uint8Array,
  () => Uint8Array,
];
const set = (script: Script) => script.host("storage_set", KEY, KEY, 1);

describe("value", () => {
  const balance = () => probers.chain.native.core.account(toHex(a())).balance;

  it("moves up to the whole balance and is refused beyond it", async () => {
    await probers.run(new Script(), { value: 77n });
    const all = balance();
    const send = (value: bigint, to: Uint8Array = NOBODY) =>
      new Script().call(to, EMPTY, { value });
    expect(await probers.numbers(send(all + 1n))).toEqual([refused]);
    expect(await probers.numbers(send(2n ** 128n - 1n))).toEqual([refused]);
    expect(await probers.numbers(send(all + 1n, b()))).toEqual([refused]);
    expect(await probers.numbers(send(all))).toEqual([success]);
    expect(balance()).toBe(0n);
    expect(probers.chain.native.core.account(toHex(NOBODY))).toEqual({
      nonce: 0n,
      balance: all,
      hasCode: false,
    });
    expect(await probers.numbers(send(1n))).toEqual([refused]);
    expect(await probers.numbers(send(0n))).toEqual([success]);
  });

  it("comes with the transaction before anything runs, and may go to oneself", async () => {
    const self = new Script().host("enter", 1).call(a(), EMPTY, { value: 9n });
    expect(await probers.numbers(self, { value: 9n })).toEqual([success]);
    expect(balance()).toBe(9n);
  });

  it("is refused in a read-only frame, even to nobody, and nothing is not", async () => {
    const view = (value: bigint, to: Uint8Array) =>
      new Script().host("enter", 2).call(to, EMPTY, { value });
    await probers.run(new Script(), { value: 9n });
    expect(await probers.numbers(view(1n, NOBODY))).toEqual([refused]);
    expect(await probers.numbers(view(1n, b()))).toEqual([refused]);
    expect(await probers.numbers(view(0n, NOBODY))).toEqual([success]);
    expect(await probers.numbers(view(0n, b()))).toEqual([success]);
  });
});

describe("the lock", () => {
  const back = () => new Script().call(a(), set(new Script()).bytes());

  it("refuses a contract that calls itself, and one that is called back", async () => {
    expect(await probers.numbers(back())).toEqual([refused]);
    const through = new Script().call(b(), back().bytes()).returned(4);
    expect(await probers.numbers(through)).toEqual([success, 4, refused]);
    const far = new Script().call(b(), new Script().call(c(), back().bytes()).returned(4).bytes());
    expect(await probers.numbers(far.returned(12))).toEqual([success, 12, success, 4, refused]);
  });

  it("is looked at before any code of the callee runs", async () => {
    const call = { kind: "call", to: a(), input: back().bytes(), gasLimit: 400_000 } as const;
    const { bundle } = await probers.chain.block([probers.chain.sign("alice", call)]);
    const entered = traceOf(probers.chain.native, bundle).filter(({ at }) => at === "enter");
    expect(entered).toHaveLength(1);
  });

  it("is gone after enter(1), for calls back from anywhere", async () => {
    const reentrant = () => new Script().host("enter", 1);
    expect(await probers.numbers(reentrant().call(a(), EMPTY))).toEqual([success]);
    const through = reentrant().call(b(), back().bytes()).returned(4);
    expect(await probers.numbers(through)).toEqual([success, 4, success]);
    expect(await probers.numbers(reentrant().call(a(), EMPTY).call(a(), EMPTY))).toEqual([
      success,
      success,
    ]);
  });

  it("is set again by the frame that came back, for as long as that runs", async () => {
    const inner = new Script().call(a(), EMPTY).bytes();
    const script = new Script().host("enter", 1).call(a(), inner).returned(4).call(a(), EMPTY);
    expect(await probers.numbers(script)).toEqual([success, 4, refused, success]);
  });

  it("is as it was after a callback that failed", async () => {
    for (const [inner, status] of [
      [new Script().host("revert", 0, 0).bytes(), CallStatus.revert],
      [new Script().trap().bytes(), trap],
    ] as const) {
      const script = new Script().host("enter", 1).call(a(), inner, { gas: 50_000n });
      expect(await probers.numbers(script.call(a(), EMPTY))).toEqual([status, success]);
    }
  });

  it("does not outlive a transaction, however it ends", async () => {
    const ends = [new Script(), new Script().host("revert", 0, 0), new Script().trap()];
    const entries = await probers.runAll([...ends, new Script()], { gasLimit: 400_000 });
    expect(entries.map(({ outcome }) => outcome)).toEqual([
      Outcome.success,
      Outcome.revert,
      Outcome.trap,
      Outcome.success,
    ]);
  });

  it("holds in a deployment too, for calls to itself and calls back", async () => {
    const { core } = probers.chain.native;
    const bob = addressOfName("bob");
    const self = contractAddress(core.id, fromHex(bob, 20), core.account(bob).nonce);
    const back = new Script().call(self, EMPTY).bytes();
    const init = new Script()
      .call(self, EMPTY)
      .call(b(), back)
      .returned(4)
      .host("emit", 0, 0, LOG_AT, 16);
    const input = joinDeployInput(proberWasm(), init.bytes());
    const { entries } = await probers.chain.block([
      probers.chain.sign("bob", { kind: "deploy", input }),
    ]);
    expect(entries[0]).toMatchObject({ outcome: Outcome.success, contract: toHex(self) });
    const shown = entries[0]?.events[0]?.data ?? EMPTY;
    expect(numbersOf(shown)).toEqual([refused, success, 4, refused]);
  });
});

describe("a read-only frame", () => {
  it("makes everything below it read-only", async () => {
    const write = set(new Script()).bytes();
    const emit = new Script().host("emit", 0, 0, 0, 0).bytes();
    const nested = new Script().call(c(), write, { gas: 50_000n }).returned(0).bytes();
    const gas = 100_000n;
    const view = () => new Script().host("enter", 2);
    expect(await probers.numbers(view().call(b(), write, { gas }))).toEqual([trap]);
    expect(await probers.numbers(view().call(b(), emit, { gas }))).toEqual([trap]);
    expect(await probers.numbers(view().call(b(), nested, { gas }).returned(8))).toEqual([
      ...[success, 8],
      ...[trap, 0],
    ]);
    expect(await probers.numbers(view().call(a(), write, { gas }))).toEqual([trap]);
    expect(await probers.numbers(view().call(b(), EMPTY))).toEqual([success]);
  });

  it("cannot be left by entering as reentrant", async () => {
    const inner = set(new Script().host("enter", 1)).bytes();
    const script = new Script().host("enter", 2).call(b(), inner, { gas: 100_000n });
    expect(await probers.numbers(script)).toEqual([trap]);
  });

  it("leaves its caller as it was", async () => {
    const inner = new Script().host("enter", 2).bytes();
    expect(await probers.numbers(set(new Script().call(b(), inner)))).toEqual([success]);
  });

  it("is what a view from outside runs in", () => {
    const write = { to: toHex(a()), input: set(new Script()).bytes(), gasLimit: 400_000n };
    expect(probers.chain.view(write)).toMatchObject({
      outcome: Outcome.trap,
      code: TrapCode.read_only,
      gasUsed: 400_000n,
    });
  });
});

describe("call depth", () => {
  /** `levels` frames of one contract on top of each other, the last of which runs `last`. */
  function tower(levels: number, last: Script): Script {
    let script = last;
    for (let level = 1; level < levels; level += 1) {
      const inner = script.bytes();
      script = new Script().host("enter", 1).call(a(), inner);
    }
    return script;
  }

  /** The call depths of the frames that were entered. */
  async function depthsOf(levels: number, last: Script): Promise<number[]> {
    const call = {
      kind: "call",
      to: a(),
      input: tower(levels, last).bytes(),
      gasLimit: 24_000_000,
    } as const;
    const { bundle, entries } = await probers.chain.block([probers.chain.sign("alice", call)]);
    expect(entries[0]?.outcome).toBe(Outcome.success);
    return traceOf(probers.chain.native, bundle).flatMap((item) =>
      item.at === "enter" ? [item.callDepth] : [],
    );
  }

  it("is at most 32: a call from the 32nd frame is refused, even to no code", async () => {
    const depths = Array.from({ length: 32 }, (_, i) => i + 1);
    const reaches = new Script().host("enter", 1).call(a(), EMPTY);
    expect(await depthsOf(31, reaches)).toEqual(depths);
    expect(await depthsOf(32, reaches)).toEqual(depths);
    expect(await depthsOf(33, new Script())).toEqual(depths);
    const seen = async (levels: number, to: Uint8Array) => {
      const last = new Script().host("enter", 1).call(to, EMPTY).host("emit", 0, 0, LOG_AT, 4);
      const call = { gasLimit: 24_000_000 };
      const entry = await probers.run(tower(levels, last), call);
      return entry.events[0]?.data[0];
    };
    expect(await seen(31, NOBODY)).toBe(success);
    expect(await seen(32, NOBODY)).toBe(refused);
    expect(await seen(31, a())).toBe(success);
    expect(await seen(32, a())).toBe(refused);
  });
});

describe("live pages", () => {
  it("are at most 1,024 with the callee's first ones, those of all frames below counted", async () => {
    const grown = (pages: number, then: Script) =>
      new Script()
        .host("enter", 1)
        .grow(pages - PROBER_PAGES)
        .call(a(), then.bytes());
    // 3 × 256 pages, the last frame's, and the 4 of the prober that it calls.
    const last = (pages: number) =>
      new Script()
        .grow(pages - PROBER_PAGES)
        .call(b(), EMPTY)
        .host("emit", 0, 0, LOG_AT + 4, 4);
    const status = async (pages: number) => {
      const tower = grown(256, grown(256, grown(256, last(pages))));
      const { events } = await probers.run(tower, { gasLimit: 60_000_000 });
      return events[0]?.data[0];
    };
    expect(await status(252)).toBe(success);
    expect(await status(253)).toBe(refused);
  });

  it("are free again when a callee has returned", async () => {
    const grow = new Script().grow(252).bytes();
    const script = new Script();
    for (let i = 0; i < 6; i += 1) script.call(b(), grow);
    expect(await probers.numbers(script, { gasLimit: 60_000_000 })).toEqual(Array(6).fill(success));
  });
});

describe("the depth budget", () => {
  /** Whether a recursion of so many levels fits where it starts at this call depth. */
  function fits(levels: number, callDepth: number): boolean {
    let script = new Script().recurse(levels);
    for (let depth = 1; depth < callDepth; depth += 1) {
      script = new Script().host("enter", 1).call(a(), script.bytes(), { gas: 2n ** 40n });
      if (depth === callDepth - 1) script.host("output", LOG_AT, 4).stop();
    }
    const view = { to: toHex(a()), input: script.bytes(), gasLimit: 30_000_000n };
    const { outcome, code, output } = probers.chain.view(view);
    if (callDepth === 1) {
      if (outcome === Outcome.trap) expect(code).toBe(TrapCode.depth);
      return outcome === Outcome.success;
    }
    expect(outcome).toBe(Outcome.success);
    return output[0] === success;
  }

  function most(callDepth: number): number {
    let [low, high] = [0, 65_536];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (fits(middle, callDepth)) low = middle;
      else high = middle;
    }
    return low;
  }

  it("is one for all frames: a callee can recurse less deep by what its callers took", () => {
    const [top, second] = [most(1), most(2)];
    expect(top).toBeGreaterThan(2_000);
    expect(top).toBeLessThan(65_536 / 17);
    expect(second).toBeLessThan(top);
    expect(top - second).toBeLessThan(16);
  });
});
