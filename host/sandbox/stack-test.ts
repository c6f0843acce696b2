// Proves at start that the thread's native stack carries the whole depth budget: contracts that recurse
// for ever, once through small frames and once through large ones, must end with our `depth` trap and
// never with the engine's own overflow (research: V8's limit varies from 14,500 to 157,000 frames).

import { keccak256Into } from "../codec/keccak.ts";
import { EngineError } from "../errors.ts";
import { CallStatus, TrapCode } from "../outcome.ts";
import { prepareModule } from "../program/prepare.ts";
import { prepareRulesBlob } from "../rules/prepare-rules.ts";
import { presetRules } from "../rules/presets.ts";
import { noState, Overlay } from "../state/overlay.ts";
import { EnteredCode } from "./entered-code.ts";
import { EventList } from "./event-list.ts";
import { Frame, type FrameRunner, NO_BYTES } from "./frame.ts";
import { Outbox } from "./outbox.ts";
import type { Program } from "./program-source.ts";

/** Declared i64 locals of the recursing function in the two tests. */
const LOCALS = [0, 200];

/**
 * Runs both recursions on `runner`.
 * @throws HOST_FAULT when this thread's stack is too small for the depth budget
 */
export function testStack(runner: FrameRunner): void {
  for (const locals of LOCALS) {
    const end = runner.run(frameFor(runner), recursion(locals));
    if (end.status !== CallStatus.trap || end.trap !== TrapCode.depth) {
      throw new EngineError({
        code: "HOST_FAULT",
        message: `the stack test with ${locals} locals ended with status ${end.status}, trap ${end.trap}`,
        hint: "run execution in a worker with resourceLimits.stackSizeMb of at least 16",
      });
    }
  }
}

/** `main` calls a function that declares `locals` i64 locals and calls itself for ever. */
function recursion(locals: number): Program {
  const declared = locals === 0 ? [0] : [1, (locals & 0x7f) | 0x80, locals >> 7, 0x7e];
  const body = [...declared, 0x10, 0x01, 0x0b];
  const main = [0, 0x10, 0x01, 0x0b];
  const code = [2, main.length, ...main, body.length, ...body];
  const wasm = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...[1, 4, 1, 0x60, 0, 0], // types: [] -> []
    ...[3, 3, 2, 0, 0], // functions 0 main, 1 recursing
    ...[7, 8, 1, 4, 0x6d, 0x61, 0x69, 0x6e, 0, 0], // export "main"
    ...[10, code.length, ...code],
  ]);
  const prepared = prepareModule(wasm, prepareRulesBlob(presetRules("general")));
  return {
    recordHash: prepared.recordHash,
    prepared,
    pagesInitial: 0,
    compiled: undefined,
  };
}

function frameFor(runner: FrameRunner): Frame {
  const address = new Uint8Array(20);
  return new Frame({
    transaction: {
      state: new Overlay(noState),
      events: new EventList(),
      outbox: new Outbox({ outboxPerBlockMax: 0, messageBytesMax: 0 }),
      enteredCode: new EnteredCode(0),
      programs: {
        get() {
          throw new EngineError({
            code: "CODE_MISSING",
            message: "the stack test calls no contract",
          });
        },
      },
      runner,
      crypto: { keccak256Into, sha256: () => new Uint8Array(32), recover: () => undefined },
      environmentId: new Uint8Array(32),
      origin: address,
      producer: address,
      height: 0n,
      time: 0n,
      price: 0n,
      nonce: 0n,
      gasLimit: 2 ** 40,
    },
    self: address,
    caller: address,
    value: 0n,
    input: NO_BYTES,
    gas: 2 ** 40,
    callDepth: 1,
    livePages: 0,
    readOnly: true,
    deployment: false,
  });
}
