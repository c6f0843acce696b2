// Calls between contracts as docs/host-calls.md "Sub-calls" has them: the four statuses, the gas of each, what
// goes back and what stays, and what the caller can read afterwards.
import { beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../../host/codec/hex.ts";
import { CallStatus, Outcome, TrapCode } from "../../../host/outcome.ts";
import { Script } from "../../support/prober.ts";
import { type TraceItem, traceOf } from "./frame-trace.ts";
import { GAS_LIMIT, Probers } from "./probers.ts";

const { success, revert, trap, refused } = CallStatus;
const NOBODY = new Uint8Array(20).fill(0x77);
const SYSTEM = Uint8Array.of(...new Uint8Array(19), 1);
const ABSENT = 0xffff_ffff;
const TOP = 0xffff_ffff;

let probers: Probers;
beforeAll(async () => {
  probers = await Probers.open(3);
});

const key = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const callee = (): Uint8Array => probers.at(1);
const reverting = (data: Uint8Array = new Uint8Array(0)) =>
  new Script().host("revert", data, data.length).bytes();

/** Runs a script in one block and tells what its frames did. */
async function trace(script: Script, gasLimit = GAS_LIMIT): Promise<TraceItem[]> {
  const call = { kind: "call", to: probers.at(0), input: script.bytes(), gasLimit } as const;
  const { bundle } = await probers.chain.block([probers.chain.sign("alice", call)]);
  return traceOf(probers.chain.native, bundle);
}

interface CallGas {
  /** Gas of the caller when it called, after the charge for the call. */
  readonly before: number;
  /** Gas handed to the callee; undefined where no frame was entered. */
  readonly forwarded: number | undefined;
  readonly left: number | undefined;
  /** Gas of the caller at its next host call. */
  readonly after: number;
}

/** The gas around the first sub-call of a script that asks for its context right after. */
async function gasOfCall(script: Script): Promise<CallGas> {
  const items = await trace(script.host("context", 0x100));
  const at = items.findIndex((item) => item.at === "host" && item.name === "call");
  const inner = items.findIndex((item) => item.at === "enter" && item.callDepth === 2);
  const end = items.findIndex((item, i) => inner >= 0 && i > inner && item.at === "leave");
  const next = items.findIndex(
    (item, i) => i > Math.max(at, end) && item.at === "host" && item.name === "context",
  );
  const gas = (i: number) => (items[i] as { gas: number }).gas;
  return {
    before: gas(at),
    forwarded: inner < 0 ? undefined : gas(inner),
    left: end < 0 ? undefined : (items[end] as { gasLeft: number }).gasLeft,
    after: gas(next),
  };
}

describe("the input of a sub-call", () => {
  it("has at most 65,536 bytes, which is looked at before any range", async () => {
    const call = (request: number, input: number, length: number) =>
      new Script().host("call", request, input, length);
    await probers.check([
      ["65,536 bytes", call(0, 0, 65_536), [success]],
      ["65,537 bytes", call(0, 0, 65_537), "data_too_long"],
      ["65,537 bytes, all outside memory", call(TOP, TOP, 65_537), "data_too_long"],
      ["a request outside memory", call(TOP, 0, 65_536), "memory_bounds"],
    ]);
  });
});

describe("the gas of a sub-call", () => {
  /** What the caller's own instructions cost between a call and its next host call. */
  let between: number;
  beforeAll(async () => {
    const { before, after, forwarded } = await gasOfCall(
      new Script().call(callee(), reverting(), { value: 2n ** 100n }),
    );
    expect(forwarded).toBeUndefined();
    between = before - after;
    expect(between).toBeGreaterThan(0);
    expect(between).toBeLessThan(1_000);
  });

  it("forwards all but a 64th where the cap allows", async () => {
    const { before, forwarded } = await gasOfCall(new Script().call(callee(), new Uint8Array(0)));
    expect(forwarded).toBe(before - Math.floor(before / 64));
  });

  it("forwards the cap where it is less, to the unit", async () => {
    const uncapped = await gasOfCall(new Script().call(callee(), new Uint8Array(0)));
    const most = BigInt(uncapped.forwarded as number);
    for (const [cap, expected] of [
      [most + 1n, most],
      [most, most],
      [most - 1n, most - 1n],
      [50_000n, 50_000n],
    ] as const) {
      const { forwarded } = await gasOfCall(
        new Script().call(callee(), new Uint8Array(0), { gas: cap }),
      );
      expect(forwarded).toBe(Number(expected));
    }
  });

  it.each([
    ["success", new Script().host("storage_open", key(1)).bytes(), success],
    ["revert", reverting(), revert],
  ])("gives back what a %s did not use", async (_, input, status) => {
    const script = new Script().call(callee(), input);
    const { before, forwarded, left, after } = await gasOfCall(script);
    expect(before - after - between).toBe((forwarded as number) - (left as number));
    expect((forwarded as number) - (left as number)).toBeGreaterThan(4_000);
    expect(await probers.numbers(new Script().call(callee(), input))).toEqual([status]);
  });

  it.each([
    ["a trap", new Script().trap().bytes(), 200_000n],
    ["a host call's trap", new Script().host("enter", 8).bytes(), 200_000n],
    ["running out", new Script().spin().bytes(), 100_000n],
    ["less than the entry costs", new Uint8Array(0), 100n],
    ["nothing forwarded", new Uint8Array(0), 0n],
  ])("keeps all that was forwarded on %s", async (_, input, gas) => {
    const script = () => new Script().call(callee(), input, { gas });
    const { before, forwarded, left, after } = await gasOfCall(script());
    expect([forwarded, left]).toEqual([Number(gas), 0]);
    expect(before - after - between).toBe(Number(gas));
    expect(await probers.numbers(script())).toEqual([trap]);
  });

  it("uses nothing where there is no code", async () => {
    const { before, after, forwarded } = await gasOfCall(
      new Script().call(NOBODY, new Uint8Array(9)),
    );
    expect([forwarded, before - after]).toEqual([undefined, between]);
  });

  it("lets a caller go on with its 64th after its callee used up everything", async () => {
    const script = new Script().call(callee(), new Script().spin().bytes());
    expect(await probers.numbers(script, { gasLimit: 1_200_000 })).toEqual([trap]);
    const nested = new Script().call(probers.at(2), new Script().spin().bytes()).bytes();
    const twice = await trace(new Script().call(callee(), nested), 600_000);
    const ends = twice.flatMap((item) => (item.at === "leave" ? [[item.status, item.trap]] : []));
    expect(ends).toEqual([
      [trap, TrapCode.out_of_gas],
      [success, 0],
      [success, 0],
    ]);
  });
});

describe("what a sub-call leaves", () => {
  const emit = (script: Script, byte: number) => script.host("emit", 0, 0, Uint8Array.of(byte), 1);
  const setAndEmit = (n: number) =>
    emit(new Script().host("storage_set", key(n), Uint8Array.of(n), 1), n);

  it.each([
    ["success", 11, (script: Script) => script, success],
    ["revert", 12, (script: Script) => script.host("revert", 0, 0), revert],
    ["trap", 13, (script: Script) => script.trap(), trap],
    ["running out of gas", 14, (script: Script) => script.spin(), trap],
  ])("stays on success only: %s", async (_, n, end, status) => {
    const kept = status === success;
    await probers.run(new Script(), { value: 1_000n });
    const inner = end(setAndEmit(n)).bytes();
    const balance = (script: Script, of: Uint8Array) =>
      script.host("account", of, 0x100).show(0x10c, 4);
    const before = await probers.output(balance(balance(new Script(), probers.at(0)), callee()));
    const entry = await probers.run(
      emit(emit(new Script(), 1).call(callee(), inner, { value: 10n, gas: 500_000n }), 2),
    );
    expect(entry.outcome).toBe(Outcome.success);
    expect(entry.output).toEqual(Uint8Array.of(status, 0, 0, 0));
    expect(entry.events.map(({ data }) => data[0])).toEqual(kept ? [1, n, 2] : [1, 2]);
    const open = new Script().host("storage_open", key(n)).bytes();
    expect(await probers.numbers(new Script().call(callee(), open).returned(4))).toEqual([
      ...[success, 4],
      kept ? 1 : ABSENT,
    ]);
    const after = await probers.output(balance(balance(new Script(), probers.at(0)), callee()));
    const low = (bytes: Uint8Array, at: number) =>
      new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
    const moved = kept ? 10 : 0;
    expect([low(before, 0) - low(after, 0), low(after, 4) - low(before, 4)]).toEqual([
      moved,
      moved,
    ]);
  });

  it("goes back with a caller that fails after a callee that did not", async () => {
    const grandchild = setAndEmit(21).bytes();
    const child = setAndEmit(22).call(probers.at(2), grandchild).host("revert", 0, 0).bytes();
    const entry = await probers.run(emit(new Script().call(callee(), child), 3));
    expect(entry.events.map(({ data }) => data[0])).toEqual([3]);
    const open = new Script().host("storage_open", key(21)).bytes();
    const look = new Script().call(probers.at(2), open).returned(4);
    expect(await probers.numbers(look)).toEqual([success, 4, ABSENT]);
  });

  it("goes back with the transaction, value included", async () => {
    const inner = setAndEmit(31).bytes();
    const { balance } = probers.chain.native.core.account(toHex(callee()));
    const call = () => new Script().call(callee(), inner, { value: 5n });
    for (const script of [call().host("revert", 0, 0), call().trap()]) {
      const entry = await probers.run(script, { value: 50n });
      expect(entry.events).toEqual([]);
      expect(probers.chain.native.core.account(toHex(callee())).balance).toBe(balance);
    }
  });
});

describe("output_read", () => {
  const data = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const output = new Script().host("output", data, 8).stop().bytes();
  const read = (script: Script, offset: number, length: number) =>
    script.host("output_read", 0x100, offset, length).show(0x100, length);

  it("reads any part of the last sub-call's output or revert data", async () => {
    const succeeded = read(new Script().call(callee(), output), 4, 4);
    expect([...(await probers.output(succeeded))]).toEqual([0, 0, 0, 0, 8, 0, 0, 0, 5, 6, 7, 8]);
    const reverted = read(new Script().call(callee(), reverting(data)), 0, 8);
    expect([...(await probers.output(reverted))]).toEqual([1, 0, 0, 0, 8, 0, 0, 0, ...data]);
    const called = () => new Script().call(callee(), output);
    await probers.check([
      ["the last byte", called().host("output_read", 0, 7, 1), [success, 8]],
      ["one byte beyond", called().host("output_read", 0, 7, 2), "data_bounds"],
      ["nothing at the end", called().host("output_read", 0, 8, 0), [success, 8]],
      ["nothing beyond the end", called().host("output_read", 0, 9, 0), "data_bounds"],
    ]);
  });

  it("finds nothing after a trap, a refusal, and a call without code", async () => {
    const length = (script: Script) => script.host("output_read", 0, 0, 0);
    const first = () => new Script().call(callee(), output);
    const outputThenTrap = new Script().host("output", data, 8).trap().bytes();
    await probers.check([
      [
        "after a trap",
        length(first().call(callee(), outputThenTrap, { gas: 10n ** 5n })),
        [0, trap, 0],
      ],
      ["after a refusal", length(first().call(probers.at(0), output)), [0, refused, 0]],
      ["without code", length(first().call(NOBODY, output)), [0, success, 0]],
      [
        "an empty output",
        length(first().call(callee(), new Script().stop().bytes())),
        [0, success, 0],
      ],
    ]);
  });

  it("is each frame's own", async () => {
    const inner = new Script().host("output_read", 0, 0, 0).call(NOBODY, data).bytes();
    const script = new Script().call(callee(), output).call(callee(), inner).returned(8);
    expect(await probers.numbers(script)).toEqual([success, success, 8, 0, success]);
  });

  it("reads the refusal of prepare, which is a contract like any other", async () => {
    const script = new Script().call(SYSTEM, data).host("output_read", 0x100, 0, 1).show(0x100, 1);
    const shown = await probers.output(script);
    expect([shown[0], shown.at(-1)]).toEqual([revert, 4]);
  });
});
