// The kernels of `plasma bench metering` as single frames: the built fixtures, called with run(n) on an empty
// state, for any frame runner.
import { readFileSync } from "node:fs";
import { encodeCall } from "../../host/abi/encode-call.ts";
import { parseAbi } from "../../host/abi/parse-abi.ts";
import { keccak256Into } from "../../host/codec/keccak.ts";
import { nobleSignatureChecker } from "../../host/codec/signature.ts";
import { DEPTH_BUDGET } from "../../host/limits.ts";
import { prepareModule } from "../../host/program/prepare.ts";
import { prepareRulesBlob } from "../../host/rules/prepare-rules.ts";
import { presetRules } from "../../host/rules/presets.ts";
import { EnteredCode } from "../../host/sandbox/entered-code.ts";
import { EventList } from "../../host/sandbox/event-list.ts";
import { Frame, type FrameEnd, type FrameRunner } from "../../host/sandbox/frame.ts";
import { Outbox } from "../../host/sandbox/outbox.ts";
import type { Program } from "../../host/sandbox/program-source.ts";
import { noState, Overlay } from "../../host/state/overlay.ts";
import { pureStateHasher } from "../../host/state/state-hasher.ts";

export const kernelNames = [
  "fib",
  "sieve",
  "matrix",
  "sha256",
  "sort",
  "map",
  "text",
  "wide",
  "table",
  "bulk",
] as const;
export type KernelName = (typeof kernelNames)[number];

/** More than any kernel takes. */
export const KERNEL_GAS = 2 ** 46;

export interface KernelFrame {
  readonly program: Program;
  readonly input: Uint8Array;
}

const rules = prepareRulesBlob(presetRules("general"));

export function kernelFrame(name: KernelName, n: number): KernelFrame {
  const at = `fixtures/contracts/build/kernels-${name}`;
  const prepared = prepareModule(new Uint8Array(readFileSync(`${at}.wasm`)), rules);
  const abi = parseAbi(JSON.parse(readFileSync(`${at}.abi.json`, "utf8")));
  const program = {
    recordHash: prepared.recordHash,
    prepared,
    pagesInitial: prepared.layout.pagesInitial,
    compiled: undefined,
  };
  return { program, input: encodeCall(abi, "run", [String(n)]) };
}

const address = new Uint8Array(20);

/** Runs the kernel as a top-level frame. */
export function runKernel(runner: FrameRunner, kernel: KernelFrame, gas = KERNEL_GAS): FrameEnd {
  const frame = new Frame({
    transaction: {
      state: new Overlay(noState),
      events: new EventList(),
      outbox: new Outbox(presetRules("general").messages),
      enteredCode: new EnteredCode(16_384),
      programs: {
        get() {
          throw new TypeError("kernels call no contract");
        },
      },
      runner,
      crypto: {
        keccak256Into,
        sha256: pureStateHasher.sha256,
        recover: nobleSignatureChecker.recover,
      },
      environmentId: new Uint8Array(32),
      origin: address,
      producer: address,
      height: 1n,
      time: 1n,
      price: 0n,
      nonce: 0n,
      gasLimit: gas,
    },
    self: address,
    caller: address,
    value: 0n,
    input: kernel.input,
    gas,
    depth: DEPTH_BUDGET,
    callDepth: 1,
    livePages: 0,
    readOnly: false,
    deployment: false,
  });
  return runner.run(frame, kernel.program);
}
