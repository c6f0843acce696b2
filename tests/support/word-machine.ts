// The reference machine on single frames of words, without the phases around them: what the oracle is compared
// with. Steps are proven and judged at a stride.
import { expect } from "vitest";
import { toHex } from "../../host/codec/hex.ts";
import { judgeStep } from "../../host/dispute/judge.ts";
import { type Header, Region, Status, stateHash } from "../../host/dispute/judge-header.ts";
import { recordRoot } from "../../host/dispute/judge-run.ts";
import type { Prepared } from "../../host/program/prepare.ts";
import type { Ended, Entry } from "./both-executors.ts";
import { type FrameTrees, JudgeMachine } from "./judge-machine.ts";
import { KnownPieces } from "./judge-pieces.ts";
import { ReferenceTrie } from "./reference-trie.ts";

const HOST = 0x211;

/** A machine without entries and without state. */
export function bareMachine(): JudgeMachine {
  const state = new ReferenceTrie();
  const known = new KnownPieces({ body: [], deployers: [], receipts: [], state });
  const record = Array.from({ length: 16 }, () => new Uint8Array(128));
  const roots: Uint8Array[] = Array.from({ length: 6 }, () => new Uint8Array(32));
  roots[Region.record] = recordRoot(record);
  const header: Header = {
    ...{ roots, parent: new Uint8Array(32), pc: 0, sp: 0, fp: 0, pages: 0, depth: 0 },
    ...{ gas: 0n, status: Status.phase, phase: 1, resume: 0 },
  };
  return new JudgeMachine({ header, record }, known);
}

/** Takes a step, proves it and lets the judge agree; the proof. */
export function proveAndJudge(machine: JudgeMachine): Uint8Array {
  const before = stateHash(machine.header);
  const at = `step ${machine.steps}, pc ${machine.header.pc}, phase ${machine.header.phase}`;
  const proof = machine.prove();
  const judged = judgeStep(before, proof);
  const text = "post" in judged ? toHex(judged.post) : `rejected ${judged.rejected}`;
  expect(text, at).toBe(toHex(stateHash(machine.header)));
  return proof;
}

export interface WordRun {
  /** Undefined where the run reached a host word. */
  readonly ended: Ended | undefined;
  readonly steps: number;
  readonly proven: number;
}

export interface WordRunInput {
  readonly prepared: Prepared;
  readonly trees: FrameTrees;
  readonly entry: Entry;
  readonly gas: bigint;
  readonly depth: number;
  /** Of so many steps one is proven. */
  readonly stride: number;
  readonly stepsMax: number;
}

/** Runs an entry until its frame is left, a host word is reached or there are too many steps. */
export function runOnMachine(input: WordRunInput): WordRun {
  const { prepared, entry, stride } = input;
  const { layout, words } = prepared;
  const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
  const machine = bareMachine();
  const { funcidx, args } = entry;
  const pc = funcidx === undefined ? layout.entryPc : view.getUint32(funcidx * 16 + 4, true);
  const registers = { pc, sp: args.length + 1, fp: 0, pages: layout.pagesInitial };
  machine.beginFrame(
    input.trees,
    { ...registers, depth: input.depth, gas: input.gas, status: Status.run, phase: 0 },
    [...args, 0n],
  );
  let proven = 0;
  while (machine.header.status === Status.run) {
    if (machine.word?.op === HOST || machine.steps >= input.stepsMax) {
      return { ended: undefined, steps: machine.steps, proven };
    }
    if (machine.steps % stride === 0) {
      machine.hashRegions();
      proveAndJudge(machine);
      proven += 1;
    } else {
      machine.skip();
    }
  }
  return { ended: endOf(machine, input), steps: machine.steps, proven };
}

function endOf({ header, trees }: JudgeMachine, { prepared, entry }: WordRunInput): Ended {
  const { layout } = prepared;
  const isSuccess = header.phase === 10;
  const fn =
    entry.funcidx === undefined
      ? undefined
      : layout.functions[entry.funcidx - layout.imports.length];
  const slots = (region: Region, count: number): bigint[] => {
    const bytes = trees[region]!.bytes(0, 8 * count);
    return Array.from(new BigUint64Array(bytes.buffer));
  };
  return {
    outcome: isSuccess ? "success" : "trap",
    trap: isSuccess ? 0 : header.resume - 0x100,
    gas: isSuccess ? header.gas : undefined,
    result: isSuccess && fn?.results === 1 ? slots(Region.stack, 1)[0] : undefined,
    globals: slots(Region.globals, layout.globalCount),
    memory: trees[Region.memory]!.bytes(0, header.pages * 65_536),
  };
}
