// Host faults that the machine makes good: V8 fails at random host calls, frames and instances, and blocks
// come out as if it had not; where the machine fails too, nothing is committed.
import { beforeAll, describe, expect, it } from "vitest";
import { repeatInMachine } from "../../../host/chain/repeat-in-machine.ts";
import { joinDeployInput } from "../../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../../host/codec/hex.ts";
import { EnvironmentCore } from "../../../host/environment/environment-core.ts";
import {
  nativeHostCrypto,
  nativeSignatureChecker,
  nativeStateHasher,
} from "../../../host/environment/native.ts";
import { AssertionError, EngineError } from "../../../host/errors.ts";
import { FallbackRunner } from "../../../host/machine/fallback-runner.ts";
import { CallStatus, Outcome } from "../../../host/outcome.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import { EnteredCode } from "../../../host/sandbox/entered-code.ts";
import { EventList } from "../../../host/sandbox/event-list.ts";
import type {
  Frame,
  FrameEnd,
  FrameObserver,
  FrameRunner,
  TransactionContext,
} from "../../../host/sandbox/frame.ts";
import { Outbox } from "../../../host/sandbox/outbox.ts";
import { type Program, ProgramCache } from "../../../host/sandbox/program-source.ts";
import { V8Runner } from "../../../host/sandbox/v8-runner.ts";
import { memoryStore } from "../../../host/state/memory-store.ts";
import { noState, Overlay } from "../../../host/state/overlay.ts";
import { StateClass } from "../../../host/state/state-key.ts";
import { BothRunners } from "../../support/both-runners.ts";
import { proberWasm, Script } from "../../support/prober.ts";
import { Random } from "../../support/random.ts";
import { addressOfName, PRODUCER, TestChain } from "../../support/test-chain.ts";

const SEED = 41_253;
const GAS_LIMIT = 40_000_000;
const rules = presetRules("general");
const PROBER = proberWasm();
const NOTHING = new Uint8Array(0);
const overflow = () => new RangeError("Maximum call stack size exceeded");

/** V8 that fails at every n-th host call, and now and then around a frame; the machine is left alone. */
class FaultyV8 implements FrameRunner {
  fired = 0;
  /** Host calls from one fault to the next; 0: none. */
  everyCalls = 0;
  /** Frames from one fault to the next; 0: none. */
  everyFrames = 0;
  readonly machineRunner: FrameRunner = {
    run: (frame, program) => {
      this.#inMachine += 1;
      try {
        return this.#machine.run(frame, program);
      } finally {
        this.#inMachine -= 1;
      }
    },
  };
  #calls = 0;
  #frames = 0;
  #inMachine = 0;
  readonly #native = new V8Runner();
  readonly #machine = new FallbackRunner();
  readonly #observer: FrameObserver = {
    hostCall: () => {
      if (this.everyCalls === 0 || this.#inMachine > 0) return;
      this.#calls += 1;
      if (this.#calls % this.everyCalls !== 0) return;
      this.fired += 1;
      throw overflow();
    },
  };

  run(frame: Frame, program: Program): FrameEnd {
    (frame.transaction as { observer?: FrameObserver }).observer = this.#observer;
    this.#frames += 1;
    if (this.everyFrames === 0 || this.#frames % this.everyFrames !== 0) {
      return this.#native.run(frame, program);
    }
    this.fired += 1;
    if (this.#frames % 2 === 0) throw overflow();
    return withoutInstances(() => new V8Runner().run(frame, program));
  }
}

/** Runs `body` where no module can be instantiated. */
function withoutInstances<T>(body: () => T): T {
  const { Instance } = WebAssembly;
  class Failing {
    constructor() {
      throw new RangeError("WebAssembly.Instance(): Out of memory");
    }
  }
  Object.assign(WebAssembly, { Instance: Failing });
  try {
    return body();
  } finally {
    Object.assign(WebAssembly, { Instance });
  }
}

function scripts(random: Random, addresses: readonly Uint8Array[]): Script[] {
  const key = () => new Uint8Array(32).fill(random.below(6));
  const other = addresses[1] as Uint8Array;
  const inner = () =>
    new Script()
      .host("storage_set", key(), key(), 1 + random.below(32))
      .host("emit", key(), 1, key(), random.below(32));
  return [
    inner().host("storage_open", key()).host("sha256", 0, 64, 0x100).show(0x100, 32),
    inner().call(other, inner().bytes(), { value: 3n }).host("storage_delete", key()),
    inner().call(other, inner().trap().bytes(), { gas: 200_000n }).host("storage_open", key()),
    inner()
      .call(other, inner().host("revert", key(), 5).bytes())
      .returned(5),
    inner().host("revert", key(), 7),
    inner()
      .grow(2)
      .load(0x4_0000)
      .host("account", addresses[0] as Uint8Array, 0),
    inner().trap(),
  ];
}

describe("a transaction on which V8 fails", () => {
  const faulty = new FaultyV8();
  let chains: BothRunners;
  let addresses: Uint8Array[];
  beforeAll(async () => {
    chains = await BothRunners.open(["alice"], rules, faulty, faulty.machineRunner);
    addresses = await chains.deploy("alice", [PROBER, PROBER]);
  });

  it.each([
    ["at random host calls", { calls: 23, frames: 0 }],
    ["around random frames and in instantiate", { calls: 0, frames: 5 }],
    ["at both", { calls: 61, frames: 7 }],
  ])(`comes out as if it had not, %s (seed ${SEED})`, async (_, { calls, frames }) => {
    const random = new Random(SEED);
    const firedBefore = faulty.fired;
    for (let block = 0; block < 4; block++) {
      faulty.everyCalls = calls === 0 ? 0 : 1 + random.below(calls);
      faulty.everyFrames = frames === 0 ? 0 : 2 + random.below(frames);
      const bodies = scripts(random, addresses).map((script) =>
        chains.sign("alice", {
          kind: "call",
          to: addresses[0] as Uint8Array,
          input: script.bytes(),
          gasLimit: 12_000_000,
          value: 10n,
        }),
      );
      const init = new Script().host("storage_set", addresses[0] as Uint8Array, 0, 4);
      const deployed = chains.sign("alice", {
        kind: "deploy",
        input: joinDeployInput(PROBER, init.bytes()),
        gasLimit: GAS_LIMIT,
      });
      const { entries } = await chains.block([...bodies, deployed]);
      const outcomes = entries.map(({ outcome }) => outcome);
      expect(outcomes).toEqual([0, 0, 0, 0, Outcome.revert, 0, Outcome.trap, 0]);
    }
    faulty.everyCalls = 0;
    faulty.everyFrames = 0;
    expect(faulty.fired - firedBefore).toBeGreaterThan(20);
  });
});

describe("what is noted of a host fault", () => {
  it("names the transaction, the program whose frame failed, and what failed", async () => {
    const faulty = new FaultyV8();
    const chain = await TestChain.open(["alice"], rules, faulty, faulty.machineRunner);
    const input = joinDeployInput(PROBER, NOTHING);
    const sign = () => chain.sign("alice", { kind: "deploy", input, gasLimit: GAS_LIMIT });
    const quiet = await chain.block([sign()]);
    expect(quiet.hostFaults).toEqual([]);
    faulty.everyFrames = 3;
    const block = await chain.block([sign(), sign()]);
    expect(block.entries.map(({ outcome }) => outcome)).toEqual([0, 0]);
    expect(block.hostFaults).toHaveLength(1);
    const [note] = block.hostFaults;
    expect(note?.transaction).toBe(0);
    expect(note?.program).toMatch(/^0x[0-9a-f]{64}$/);
    expect(note?.message).toContain("Out of memory");
    const report = chain.replay(block.bundle);
    expect(report.verdict).toBe("valid");
    expect(report.hostFaults.length).toBeGreaterThan(0);
  });

  it("is the innermost program", async () => {
    const faulty = new FaultyV8();
    const chain = await TestChain.open(["alice"], rules, faulty, faulty.machineRunner);
    const wasms = [proberWasm(256), proberWasm(255)];
    const deploys = wasms.map((wasm) =>
      chain.sign("alice", {
        kind: "deploy",
        input: joinDeployInput(wasm, NOTHING),
        gasLimit: GAS_LIMIT,
      }),
    );
    const deployed = await chain.block(deploys);
    const [outer, inner] = deployed.entries.map(({ contract }) => fromHex(contract as Hex, 20));
    const call = (script: Script) =>
      chain.sign("alice", { kind: "call", to: outer as Uint8Array, input: script.bytes() });
    // Its own instance fails in the first, that of the contract that it calls in the second.
    faulty.everyFrames = 5;
    const first = await chain.block([call(new Script())]);
    faulty.everyFrames = 7;
    const second = await chain.block([call(new Script().call(inner as Uint8Array, NOTHING))]);
    const programs = [...first.hostFaults, ...second.hostFaults].map(({ program }) => program);
    expect(programs).toHaveLength(2);
    expect(new Set(programs).size).toBe(2);
  });
});

describe("where the machine fails too", () => {
  it("is a HOST_FAULT as without it: nothing is committed, and both failures are told", async () => {
    let broken = true;
    const machine = new FallbackRunner();
    const machineRunner: FrameRunner = {
      run(frame, program) {
        if (broken) throw new RangeError("no memory for the machine");
        return machine.run(frame, program);
      },
    };
    const faulty = new FaultyV8();
    faulty.everyFrames = 1;
    const chain = await TestChain.open(["alice"], rules, faulty, machineRunner);
    const head = chain.core.head();
    const input = joinDeployInput(PROBER, NOTHING);
    const deploy = chain.sign("alice", { kind: "deploy", input, gasLimit: GAS_LIMIT });
    const fault = await chain.block([deploy]).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(EngineError);
    expect(fault).toMatchObject({ code: "HOST_FAULT" });
    expect((fault as EngineError).message).toMatch(
      /cannot instantiate.*the machine failed too: no memory/,
    );
    expect(chain.core.head()).toEqual(head);
    broken = false;
    const block = await chain.block([deploy]);
    expect(block.entries[0]?.outcome).toBe(Outcome.success);
    expect(block.hostFaults).toHaveLength(1);
  });
});

describe("a deployment that runs twice", () => {
  it("hands its Wasm over once", async () => {
    const hasher = nativeStateHasher();
    const store = memoryStore({ hasher });
    let puts = 0;
    const putBlob = store.putBlob.bind(store);
    store.putBlob = (hash, bytes) => {
      puts += 1;
      putBlob(hash, bytes);
    };
    const faulty = new FaultyV8();
    const chain = await TestChain.open(["alice"], rules);
    const core = await EnvironmentCore.open(
      store,
      { rules, accounts: [{ address: addressOfName("alice"), balance: 10n ** 24n }] },
      {
        runner: faulty,
        machineRunner: faulty.machineRunner,
        crypto: nativeHostCrypto,
        signatures: nativeSignatureChecker,
        programs: new ProgramCache(),
      },
    );
    puts = 0;
    // Prepare ran through, the first call of the new contract fails.
    faulty.everyFrames = 2;
    const input = joinDeployInput(PROBER, NOTHING);
    const deploy = chain.sign("alice", {
      kind: "deploy",
      input,
      gasLimit: GAS_LIMIT,
      environmentId: core.id,
    });
    const block = await core.executeBlock({ time: 1n, producer: PRODUCER, transactions: [deploy] });
    expect(block.entries.map(({ outcome }) => outcome)).toEqual([Outcome.success]);
    expect(block.hostFaults).toHaveLength(1);
    expect(puts).toBe(1);
  });
});

describe("the second run", () => {
  const end: FrameEnd = { status: CallStatus.success, trap: 0, gasLeft: 1, output: NOTHING };
  const key = new Uint8Array(32);
  const address = new Uint8Array(20);
  const machineRunner: FrameRunner = { run: () => end };

  function run(fault: unknown) {
    const heard: string[] = [];
    const state = new Overlay(noState);
    const events = new EventList();
    let repeats = 0;
    const context = {
      state,
      events,
      outbox: new Outbox(presetRules("general").messages),
      enteredCode: new EnteredCode(16_384),
      runner: { run: () => end },
      log: (_: Uint8Array, line: Uint8Array) => heard.push(toHex(line)),
      observer: {
        repeat: () => {
          repeats += 1;
        },
      },
    } as unknown as TransactionContext;
    const notes: unknown[] = [];
    const result = () =>
      repeatInMachine({
        context,
        machineRunner,
        onHostFault: (note) => notes.push(note),
        run: (attempt) => {
          const inMachine = attempt.runner === machineRunner;
          expect(state.get(StateClass.storage, address, key)).toBeUndefined();
          expect(events.length).toBe(0);
          state.set(StateClass.storage, address, key, NOTHING);
          events.add({ emitter: address, topics: NOTHING, data: NOTHING });
          attempt.log?.(address, Uint8Array.of(inMachine ? 2 : 1));
          if (!inMachine) throw fault;
          return end;
        },
      });
    return { result, heard, notes, state, events, repeats: () => repeats };
  }

  it("starts from the state and the events before the first, and only its log lines are heard", () => {
    const { result, heard, notes, events, repeats } = run(new RangeError("stack"));
    expect(result()).toBe(end);
    expect(heard).toEqual(["0x02"]);
    expect(events.length).toBe(1);
    expect(notes).toEqual([{ message: "stack" }]);
    expect(repeats()).toBe(1);
  });

  it("is not made for failures of state or code, nor for our own bugs", () => {
    const missing = new EngineError({ code: "WITNESS_MISSING", message: "no path" });
    for (const fault of [missing, new AssertionError("a bug")]) {
      const { result, notes } = run(fault);
      expect(result).toThrow(fault);
      expect(notes).toEqual([]);
    }
  });

  it("is not made without a machine", () => {
    const fault = new EngineError({ code: "HOST_FAULT", message: "stack" });
    const thrower = () =>
      repeatInMachine({
        context: {} as TransactionContext,
        machineRunner: undefined,
        onHostFault: () => {},
        run: () => {
          throw fault;
        },
      });
    expect(thrower).toThrow(fault);
  });
});
