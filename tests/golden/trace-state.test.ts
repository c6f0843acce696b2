// States before steps as people read them: `plasma trace --at` on a word, a host call, operations that take
// several steps, phases, a step inside prepare, a sub-call, and the halted end. One golden file each under
// expected/trace-state. Steps are found by what they do, so that new numbers are read in the golden files.
import picocolors from "picocolors";
import { beforeAll, describe, expect, it } from "vitest";
import { stateText } from "../../cli/state-text.ts";
import { decodeBundle } from "../../host/chain/bundle.ts";
import { BundleRun, type RunView } from "../../host/machine/bundle-run.ts";
import { wordAt } from "../../host/trace/step-text.ts";
import { entrySteps, traceState } from "../../host/trace/trace-state.ts";
import type { TracedState } from "../../host/trace/traced-state.ts";
import { expectGolden } from "../support/golden.ts";
import { openTracedChain, type TracedChain } from "../support/traced-chain.ts";

const colors = picocolors.createColors(false);
/** Steps of an entry that are looked at. */
const LOOKED_AT = 4_000n;
let traced: TracedChain;
const runs = new Map<number, BundleRun>();
beforeAll(async () => {
  traced = await openTracedChain();
});

function runOf(height: number): BundleRun {
  const run =
    runs.get(height) ??
    new BundleRun(decodeBundle(traced.bundles[height - 1]!), traced.chain.ground.hasher);
  runs.set(height, run);
  return run;
}

const stateAt = (height: number, step: bigint): TracedState =>
  traceState(traced.bundles[height - 1]!, { step }, traced.chain.ground.hasher);

/** The state before the first step of a transaction that is `wanted`. */
function find(name: string, wanted: (view: RunView) => boolean): TracedState {
  const [height, index] = traced.places.get(name)!;
  const run = runOf(height);
  const { first, last } = entrySteps(run, index);
  for (let step = first; step <= last && step < first + LOOKED_AT; step += 1n) {
    if (wanted(run.viewAt(step))) return stateAt(height, step);
  }
  throw new TypeError(`no such step in ${name}`);
}

const phase = (number: number) => (view: RunView) =>
  view.header[252] === 0 && view.header[253] === number;
const word =
  (text: string | RegExp, more: (view: RunView) => boolean = () => true) =>
  (view: RunView): boolean => {
    if (view.frame === undefined) return false;
    const { text: found } = wordAt(view.frame);
    const fits = typeof text === "string" ? found.split(" ")[0] === text : text.test(found);
    return fits && more(view);
  };
const depth = (count: number) => (view: RunView) => view.callers.length === count - 1;
const operands = (count: number) => (view: RunView) => view.frame!.sp - view.frame!.fp > count;

const STORAGE_SET = /^host call 7 /;
const cases: Readonly<Record<string, () => TracedState>> = {
  word: () => find("divide by zero", word("i32.div_u", operands(2))),
  call: () => find("success", word("call", operands(4))),
  charge: () => find("success", word("charge_units")),
  "host call": () => find("success", word(STORAGE_SET)),
  "host call, second stage": () =>
    find(
      "success",
      word(STORAGE_SET, (view) => view.frame!.phase === 1),
    ),
  "copied piece by piece": () =>
    find(
      "deploy",
      word(/^host call 1 /, ({ frame }) => frame!.slot(frame!.fp + 1) > 128n),
    ),
  "resumed word": () =>
    find(
      "deploy",
      word("locals", (view) => view.frame!.resume > 0),
    ),
  "inside prepare": () => find("deploy", word("i32.load8_u", operands(6))),
  "sub-call": () => find("nested success", word("i64.const", depth(2))),
  "phase next": () => find("success", phase(1)),
  "phase sender": () => find("success", phase(3)),
  "phase receipt of a skip": () => find("skipped nonce", phase(16)),
  "phase of a deployment": () => find("deploy", phase(4)),
  "phase of prepare": () => find("deploy", phase(9)),
  "phase back to the caller": () => find("nested revert", phase(11)),
  "end of the body": () => stateAt(4, runOf(4).end().steps - 1n),
  "halted end": () => stateAt(4, runOf(4).end().steps),
};

describe("the state before a step", () => {
  it.each(Object.keys(cases))("shows what a debugger shows: %s", (name) => {
    const state = cases[name]!();
    const file = name.replaceAll(",", "").replaceAll(" ", "-");
    expectGolden(`trace-state/${file}.txt`, `${stateText(state, colors)}\n`);
    const [height] = [Number(state.height)];
    const { hash } = runOf(height).viewAt(state.step);
    expect(state.stateHash).toBe(`0x${Buffer.from(hash).toString("hex")}`);
  });
});
