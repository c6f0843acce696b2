// Which state paths a call touches, in which order: the witness and the proof machine follow it exactly, so
// it is pinned path by path (docs/host-calls.md "Sub-calls").
import { describe, expect, it } from "vitest";
import { keccak256 } from "../../../host/codec/keccak.ts";
import { nativeHostCrypto } from "../../../host/environment/native.ts";
import { CallStatus, TrapCode } from "../../../host/outcome.ts";
import { CODE_RECORD_BYTES } from "../../../host/program/code-record.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import {
  CODE_KEY,
  LOCK_KEY,
  setLock,
  takeCodeOf,
  writeAccount,
} from "../../../host/sandbox/account.ts";
import { callFromContract, callTopLevel } from "../../../host/sandbox/call-contract.ts";
import { EnteredCode } from "../../../host/sandbox/entered-code.ts";
import { EventList } from "../../../host/sandbox/event-list.ts";
import { Frame, type FrameEnd, type FrameInput } from "../../../host/sandbox/frame.ts";
import { Outbox } from "../../../host/sandbox/outbox.ts";
import type { Program } from "../../../host/sandbox/program-source.ts";
import { noState, Overlay } from "../../../host/state/overlay.ts";
import { STATE_KEY_BYTES, StateClass } from "../../../host/state/state-key.ts";
import type { StateSource } from "../../../host/state/state-store.ts";

const EMPTY = new Uint8Array(0);
const [CALLER, TARGET, PLAIN] = [1, 2, 3].map((n) => new Uint8Array(20).fill(n)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
/** A code record that says 2,000 bytes of Wasm, which count 7 KiB, and 5 initial pages. */
const RECORD = new Uint8Array(CODE_RECORD_BYTES);
RECORD.set([2_000 >> 8, 2_000 & 0xff], 5);
RECORD[174] = 5;
const CODE_HASH = keccak256(RECORD);

/** A state in which caller and target have code and the caller 10 coins, and a fresh overlay on it. */
function freshState(prepare: (state: Overlay) => void = () => {}): Overlay {
  const base = new Overlay(noState);
  writeAccount(base, CALLER, { nonce: 0n, balance: 10n, codeHash: CODE_HASH });
  writeAccount(base, TARGET, { nonce: 0n, balance: 0n, codeHash: CODE_HASH });
  base.set(StateClass.system, TARGET, CODE_KEY, RECORD);
  prepare(base);
  const get: StateSource["get"] = (cls, address, key) => base.get(cls, address, key);
  const lookUp: StateSource["lookUp"] = (keys, index) => {
    const packed = keys.keyAt(index);
    return get(packed[0] as StateClass, packed.subarray(1, 21), packed.subarray(21));
  };
  return new Overlay({ get, lookUp });
}

function frameInput(state: Overlay, end: Partial<FrameEnd>, codeKiBMax = 7): FrameInput {
  return {
    transaction: {
      state,
      events: new EventList(),
      outbox: new Outbox(presetRules("general").messages),
      enteredCode: new EnteredCode(codeKiBMax),
      programs: { get: () => ({ pagesInitial: 5 }) as Program },
      runner: { run: () => ({ status: 0, trap: 0, gasLeft: 0, output: EMPTY, ...end }) },
      crypto: nativeHostCrypto,
      environmentId: new Uint8Array(32),
      origin: PLAIN,
      producer: PLAIN,
      height: 0n,
      time: 0n,
      price: 0n,
      nonce: 0n,
      gasLimit: 1,
    },
    self: CALLER,
    caller: PLAIN,
    value: 0n,
    input: EMPTY,
    gas: 1,
    callDepth: 1,
    livePages: 0,
    readOnly: false,
    deployment: false,
  };
}

/** Touched paths in order, such as `target code`. */
function touched(state: Overlay): string[] {
  const { count, keys } = state.touches();
  return Array.from({ length: count }, (_, i) => {
    const key = keys.subarray(i * STATE_KEY_BYTES, (i + 1) * STATE_KEY_BYTES);
    const who = ["", "caller", "target", "plain"][key[1] as number];
    const last = key.subarray(21);
    const equals = (other: Uint8Array) => Buffer.compare(last, other) === 0;
    if (key[0] === StateClass.account) return `${who} account`;
    return `${who} ${equals(CODE_KEY) ? "code" : equals(LOCK_KEY) ? "lock" : "storage"}`;
  });
}

interface Call {
  readonly target?: Uint8Array;
  readonly value?: bigint;
  readonly livePages?: number;
  readonly callDepth?: number;
  readonly readOnly?: boolean;
  readonly end?: Partial<FrameEnd>;
  readonly state?: Overlay;
  readonly codeKiBMax?: number;
}

function call(options: Call): [status: number, touched: string[]] {
  const state = options.state ?? freshState();
  const { callDepth = 1, readOnly = false, livePages = 0 } = options;
  const input = frameInput(state, options.end ?? {}, options.codeKiBMax);
  const frame = new Frame({ ...input, callDepth, readOnly });
  const { target = TARGET, value = 0n } = options;
  const end = callFromContract(frame, { target, value, input: EMPTY, gas: 7, depth: 9, livePages });
  if (end.status === CallStatus.refused) {
    expect(end).toEqual({ status: CallStatus.refused, trap: 0, gasLeft: 7, output: EMPTY });
    expect(state.changes().count).toBe(0);
  }
  return [end.status, touched(state)];
}

const { success, revert, trap, refused } = CallStatus;

describe("a sub-call touches", () => {
  it("nothing where depth or a read-only frame decide", () => {
    expect(call({ callDepth: 32 })).toEqual([refused, []]);
    expect(call({ callDepth: 32, value: 11n })).toEqual([refused, []]);
    expect(call({ readOnly: true, value: 1n })).toEqual([refused, []]);
    expect(call({ readOnly: true, value: 11n })).toEqual([refused, []]);
    expect(call({ callDepth: 31 })[0]).toBe(success);
  });

  it("the caller's account alone where its balance decides, and not without value", () => {
    expect(call({ value: 11n })).toEqual([refused, ["caller account"]]);
    expect(call({ value: 10n })).toEqual([
      success,
      ["caller account", "target account", "target lock", "target code"],
    ]);
    expect(call({ value: 0n })[1]).not.toContain("caller account");
  });

  it("the target's account alone where there is no code, and its lock only where there is", () => {
    expect(call({ target: PLAIN })).toEqual([success, ["plain account"]]);
    expect(call({ target: PLAIN, value: 1n })).toEqual([
      success,
      ["caller account", "plain account"],
    ]);
  });

  it("the lock before the code, so that a locked contract's code is not read", () => {
    const locked = freshState((base) => setLock(base, TARGET));
    expect(call({ state: locked })).toEqual([refused, ["target account", "target lock"]]);
    expect(call({})).toEqual([success, ["target account", "target lock", "target code"]]);
  });

  it("the code where live pages decide", () => {
    const path = ["target account", "target lock", "target code"];
    expect(call({ livePages: 1_020 })).toEqual([refused, path]);
    expect(call({ livePages: 1_019 })).toEqual([success, path]);
  });

  it("the code where the room of the block decides", () => {
    const path = ["target account", "target lock", "target code"];
    expect(call({ codeKiBMax: 6 })).toEqual([refused, path]);
    expect(call({ codeKiBMax: 7 })).toEqual([success, path]);
  });

  it("the same however the callee ends", () => {
    const path = ["caller account", "target account", "target lock", "target code"];
    for (const status of [success, revert, trap]) {
      expect(call({ value: 1n, end: { status } })).toEqual([status, path]);
    }
  });
});

describe("a failed sub-call", () => {
  it.each([revert, trap])("leaves no change in state with status %i", (status) => {
    const state = freshState();
    call({ state, value: 3n, end: { status } });
    expect(state.changes().count).toBe(0);
  });

  it("leaves its value moved and no lock on success", () => {
    const state = freshState();
    call({ state, value: 3n });
    expect(state.changes().count).toBe(2);
  });
});

describe("an upgrade touches", () => {
  it("the code of the named account, and code and account of its own where that has some", () => {
    const state = freshState();
    expect(takeCodeOf(state, CALLER, TARGET)).toBe(true);
    expect(touched(state)).toEqual(["target code", "caller code", "caller account"]);
    const none = freshState();
    expect(takeCodeOf(none, CALLER, PLAIN)).toBe(false);
    expect(touched(none)).toEqual(["plain code"]);
    expect(none.changes().count).toBe(0);
  });
});

describe("the call of a transaction", () => {
  const top = (state: Overlay, self: Uint8Array) =>
    callTopLevel({ ...frameInput(state, {}), self, caller: PLAIN });

  it("touches account, code and lock", () => {
    const state = freshState();
    expect(top(state, TARGET).status).toBe(success);
    expect(touched(state)).toEqual(["target account", "target code", "target lock"]);
  });

  it("touches the same where the block has no room for the code, and keeps the gas", () => {
    const state = freshState();
    const input = frameInput(state, {}, 6);
    const end = callTopLevel({ ...input, self: TARGET, caller: PLAIN });
    expect(end).toEqual({ status: trap, trap: TrapCode.code_full, gasLeft: 1, output: EMPTY });
    expect(touched(state)).toEqual(["target account", "target code", "target lock"]);
    expect(state.changes().count).toBe(0);
  });

  it("touches the account alone where there is no code", () => {
    const state = freshState();
    expect(top(state, PLAIN)).toEqual({ status: success, trap: 0, gasLeft: 1, output: EMPTY });
    expect(touched(state)).toEqual(["plain account"]);
  });
});
