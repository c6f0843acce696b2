// When not the contract but the ground under it fails: whatever is thrown inside a frame, however deep, comes
// out as what it is and never becomes an outcome; afterwards the same runner works on.
import { describe, expect, it } from "vitest";
import { keccak256 } from "../../../host/codec/keccak.ts";
import { nativeHostCrypto } from "../../../host/environment/native.ts";
import { EngineError } from "../../../host/errors.ts";
import { CallStatus, TrapCode } from "../../../host/outcome.ts";
import { type Prepared, prepareModule } from "../../../host/program/prepare.ts";
import { prepareRulesBlob } from "../../../host/rules/prepare-rules.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import { CODE_KEY, writeAccount } from "../../../host/sandbox/account.ts";
import { callTopLevel } from "../../../host/sandbox/call-contract.ts";
import { EnteredCode } from "../../../host/sandbox/entered-code.ts";
import { EventList } from "../../../host/sandbox/event-list.ts";
import type { FrameEnd, FrameRunner, HostCrypto } from "../../../host/sandbox/frame.ts";
import { Outbox } from "../../../host/sandbox/outbox.ts";
import { type Program, ProgramCache } from "../../../host/sandbox/program-source.ts";
import { testStack } from "../../../host/sandbox/stack-test.ts";
import { V8Runner } from "../../../host/sandbox/v8-runner.ts";
import { Overlay } from "../../../host/state/overlay.ts";
import { StateClass } from "../../../host/state/state-key.ts";
import { WordRunner } from "../../oracle/word-runner.ts";
import { proberWasm, Script } from "../../support/prober.ts";

const rules = presetRules("general");
const prober: Prepared = prepareModule(proberWasm(), prepareRulesBlob(rules));
const programs = new ProgramCache();
const program = (): Program =>
  programs.get("prober", () => ({
    recordHash: keccak256(prober.record),
    prepared: prober,
    pagesInitial: prober.codeRecord.pagesInitial,
    compiled: undefined,
  }));

const [A, B] = [1, 2].map((n) => new Uint8Array(20).fill(n)) as [Uint8Array, Uint8Array];
const FAULTY_KEY = new Uint8Array(32).fill(0xfa);

interface Faults {
  readonly crypto?: Partial<HostCrypto>;
  /** Thrown by the source of state when FAULTY_KEY is read. */
  readonly state?: unknown;
}

/** Runs a script at A on a state of two probers; `faults` say what fails below. */
function run(runner: FrameRunner, script: Script, faults: Faults = {}): FrameEnd {
  const state = new Overlay({
    get: () => undefined,
    lookUp: (keys, index) => {
      const packed = keys.keyAt(index);
      if (packed[0] === StateClass.storage && packed[21] === 0xfa) throw faults.state;
      return undefined;
    },
  });
  for (const address of [A, B]) {
    writeAccount(state, address, {
      nonce: 0n,
      balance: 0n,
      codeHash: keccak256(prober.record),
    });
    state.set(StateClass.system, address, CODE_KEY, prober.record);
  }
  const address = new Uint8Array(20);
  return callTopLevel({
    transaction: {
      state,
      events: new EventList(),
      outbox: new Outbox(presetRules("general").messages),
      enteredCode: new EnteredCode(16_384),
      programs: { get: program },
      runner,
      crypto: { ...nativeHostCrypto, ...faults.crypto },
      environmentId: new Uint8Array(32),
      origin: address,
      producer: address,
      height: 0n,
      time: 0n,
      price: 0n,
      nonce: 0n,
      gasLimit: 2 ** 30,
    },
    self: A,
    caller: address,
    value: 0n,
    input: script.bytes(),
    gas: 2 ** 30,
    callDepth: 1,
    livePages: 0,
    readOnly: false,
    deployment: false,
  });
}

/** The same step in the top-level frame, in a sub-call, and in a call back. */
function places(step: () => Script): [where: string, script: Script][] {
  const back = new Script().call(A, step().bytes());
  return [
    ["the top-level frame", step()],
    ["a sub-call", new Script().call(B, step().bytes())],
    ["a call back", new Script().host("enter", 1).call(B, back.bytes())],
  ];
}

const thrownBy = (body: () => unknown): unknown => {
  try {
    body();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
};

describe("an exception of the engine inside a host call", () => {
  const hash = () => new Script().host("sha256", 0, 1, 0);
  const rangeError = new RangeError("Maximum call stack size exceeded");
  const failing: Faults = {
    crypto: {
      sha256: () => {
        throw rangeError;
      },
    },
  };

  it.each(places(hash))("is a host fault in %s, with its cause", (_, script) => {
    const thrown = thrownBy(() => run(new V8Runner(), script, failing));
    expect(thrown).toBeInstanceOf(EngineError);
    expect(thrown).toMatchObject({ code: "HOST_FAULT", cause: rangeError });
  });

  it("is one too where a WebAssembly trap of another module is thrown into the frame", () => {
    // unreachable in a module that is no contract, as a broken crypto module would.
    const bytes = Uint8Array.of(
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
      ...[7, 5, 1, 1, 0x66, 0, 0, 10, 5, 1, 3, 0, 0, 0x0b],
    );
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    const sha256 = exports.f as () => never;
    expect(thrownBy(sha256)).toBeInstanceOf(WebAssembly.RuntimeError);
    for (const [, script] of places(hash)) {
      const thrown = thrownBy(() => run(new V8Runner(), script, { crypto: { sha256 } }));
      expect(thrown).toMatchObject({ code: "HOST_FAULT" });
    }
  });

  it("leaves the runner as it was: the next call runs, and reads its own frame", () => {
    const runner = new V8Runner();
    for (const [, script] of places(hash)) {
      expect(thrownBy(() => run(runner, script, failing))).toBeDefined();
      const end = run(runner, script);
      expect(end.status).toBe(CallStatus.success);
    }
  });
});

describe("an EngineError of state inside a host call", () => {
  const missing = new EngineError({ code: "WITNESS_MISSING", message: "the path is not opened" });
  const runners = (): [string, FrameRunner][] => [
    ["V8", new V8Runner()],
    ["the word interpreter", new WordRunner(rules)],
  ];

  it.each(runners())(
    "comes out as itself from every frame on %s, whatever called it",
    (_, runner) => {
      for (const [, script] of places(() => new Script().host("storage_open", FAULTY_KEY))) {
        expect(thrownBy(() => run(runner, script, { state: missing }))).toBe(missing);
      }
    },
  );
});

describe("the native stack", () => {
  it("carries the depth budget here", () => {
    expect(() => testStack(new V8Runner())).not.toThrow();
  });

  it("is not found sound by a test that ends in anything but our depth trap", () => {
    const end = { status: CallStatus.trap, gasLeft: 0, output: new Uint8Array(0) } as const;
    const small: FrameRunner = { run: () => ({ ...end, trap: TrapCode.wasm }) };
    expect(thrownBy(() => testStack(small))).toMatchObject({ code: "HOST_FAULT" });
  });

  it("is a host fault where it overflows under a contract, at whatever point, never an outcome", () => {
    const runner = new V8Runner();
    const inner = new Script().host("sha256", 0, 1, 0).recurse(1_500).host("enter", 1);
    const script = new Script()
      .host("enter", 1)
      .recurse(1_000)
      .call(B, new Script().call(A, inner.bytes()).call(B, new Uint8Array(0)).bytes());
    const whole = run(runner, script);
    expect(whole.status).toBe(CallStatus.success);
    const faults: unknown[] = [];
    let level = 0;
    let ran = 0;
    /** Fills the stack, then runs the contract again and again with a little more room. */
    const descend = (): void => {
      try {
        descend();
      } catch (overflow) {
        if (!(overflow instanceof RangeError)) throw overflow;
      }
      if (ran === 3) return;
      level += 1;
      if (level % 20 !== 0) return;
      const thrown = thrownBy(() => {
        const end = run(runner, script);
        ran += 1;
        if (end.status !== whole.status || end.gasLeft !== whole.gasLeft) throw end;
      });
      if (thrown !== undefined) faults.push(thrown);
    };
    descend();
    expect(ran).toBe(3);
    // A RangeError is one from the JavaScript around the frame: nothing ran, or nothing could be said.
    const named = faults.map((fault) =>
      fault instanceof RangeError ? "HOST_FAULT" : (fault as EngineError).code,
    );
    expect(named.length).toBeGreaterThan(10);
    expect(new Set(named)).toEqual(new Set(["HOST_FAULT"]));
  });
});
