// Runs that lie, as the saboteurs of disputes show them: honest up to the lie, wrong in one step that the judge
// refutes, the same each time they are asked, and with the result that the liar claims.
import { describe, expect, it } from "vitest";
import { type Bundle, decodeBundle } from "../../../host/chain/bundle.ts";
import type { LieKind } from "../../../host/chain/lies.ts";
import { encodeResult } from "../../../host/chain/result.ts";
import { tamperBundle } from "../../../host/chain/tamper.ts";
import { equalBytes, toHex } from "../../../host/codec/hex.ts";
import { type Falsehood, falseRun } from "../../../host/dispute/false-run.ts";
import { judgeStep } from "../../../host/dispute/judge.ts";
import { nativeStateHasher } from "../../../host/environment/native.ts";
import { BundleRun } from "../../../host/machine/bundle-run.ts";
import type { RunStates } from "../../../host/machine/run-states.ts";
import { disputedBlock, lieGround } from "../../support/dispute-table.ts";

const hasher = nativeStateHasher();
const calls = decodeBundle(disputedBlock("calls"));
const transfers = decodeBundle(disputedBlock("transfers"));
const lieOf = (block: string, kind: LieKind): Bundle =>
  decodeBundle(tamperBundle(disputedBlock(block), { kind }, lieGround));

/** The first step after which two runs differ. */
function firstDifference(one: RunStates, two: RunStates): bigint {
  const count = Number(one.end().steps) + 20;
  const [a, b] = [one, two].map((run) => run.commit(0n, 1n, count));
  for (let i = 0; i < count; i++) {
    const at = 32 * i;
    if (!equalBytes(a!.slice(at, at + 32), b!.slice(at, at + 32))) return BigInt(i);
  }
  throw new RangeError("the runs do not differ");
}

/** A lie differs from a step on, and the step before it refutes it. */
function checkLie(bundle: Bundle, falsehood: Falsehood): { honest: BundleRun; lying: RunStates } {
  const honest = new BundleRun(bundle, hasher);
  const lying = falseRun(bundle, falsehood, hasher);
  const step = firstDifference(honest, lying);
  const { pre, proof, post } = honest.prove(step - 1n);
  expect(judgeStep(pre, proof)).toEqual({ post });
  expect(toHex(lying.stateAt(step - 1n).hash)).toBe(toHex(pre));
  expect(toHex(lying.stateAt(step).hash)).not.toBe(toHex(post));
  if (falsehood.step !== undefined) expect(step).toBeGreaterThanOrEqual(falsehood.step);
  checkAccess(lying, step);
  return { honest, lying };
}

/** The same states from before, from behind and one by one. */
function checkAccess(run: RunStates, step: bigint): void {
  const from = step > 3n ? step - 3n : 0n;
  const dense = run.commit(from, 1n, 8);
  for (const i of [7, 0, 4, 3, 6]) {
    const alone = run.stateAt(from + BigInt(i));
    expect(toHex(alone.hash)).toBe(toHex(dense.slice(32 * i, 32 * i + 32)));
  }
  const wide = run.commit(0n, 3n, 50);
  for (const i of [49, 1]) {
    expect(toHex(run.stateAt(3n * BigInt(i)).hash)).toBe(toHex(wide.slice(32 * i, 32 * i + 32)));
  }
}

describe("a run that lies", () => {
  for (const kind of [
    "flipped-memory",
    "skipped-storage-write",
    "forged-storage-read",
    "wrong-sub-call",
    "premature-halt",
    "random-tail",
    "wrong-state-root",
    "extra-steps",
    "non-canonical-state",
  ] as const) {
    it(`is wrong in one step, at or after the one asked for: ${kind}`, () => {
      checkLie(calls, { kind, step: 2_500n });
      if (kind === "random-tail" || kind === "premature-halt") checkLie(transfers, { kind });
    });
  }

  it("halts with the right result where its lie is another", () => {
    const { honest, lying } = checkLie(transfers, { kind: "non-canonical-state" });
    expect(encodeResult(lying.end().result)).toEqual(encodeResult(honest.end().result));
  });

  it("goes on for three steps after the halt", () => {
    const { honest, lying } = checkLie(transfers, { kind: "extra-steps" });
    expect(lying.end().steps).toBe(honest.end().steps + 3n);
  });

  it("executes what is skipped for its signature or nonce", () => {
    for (const kind of ["accepted-bad-signature", "accepted-wrong-nonce"] as const) {
      const { honest, lying } = checkLie(transfers, { kind });
      const [told, right] = [lying.end().result, honest.end().result];
      expect(toHex(told.receiptsRoot)).not.toBe(toHex(right.receiptsRoot));
    }
  });

  it("comes to what a lying bundle claims", () => {
    for (const [block, kind] of [
      ["calls", "wrong-receipt"],
      ["calls", "accepted-wrong-nonce"],
      ["transfers", "wrong-state-root"],
      ["transfers", "skipped-write"],
      ["transfers", "wrong-gas"],
      ["transfers", "accepted-bad-signature"],
      ["transfers", "accepted-wrong-nonce"],
    ] as const) {
      const bundle = lieOf(block, kind);
      const { lying } = checkLie(bundle, { kind: "claimed" });
      expect(toHex(encodeResult(lying.end().result)), kind).toBe(
        toHex(encodeResult(bundle.result)),
      );
    }
  });

  it("is told apart from another of its kind by its seed", () => {
    const [one, two] = [1, 2].map((seed) =>
      falseRun(transfers, { kind: "random-tail", step: 5n, seed }, hasher),
    );
    expect(firstDifference(one!, two!)).toBe(5n);
  });

  it("proves what a halted state proves, and nothing of what it made up", () => {
    const run = falseRun(transfers, { kind: "random-tail", step: 5n }, hasher);
    const made = run.prove(6n);
    expect(judgeStep(made.pre, made.proof)).toHaveProperty("rejected");
    const halted = run.prove(run.end().steps + 2n);
    expect(judgeStep(halted.pre, halted.proof)).toEqual({ post: halted.pre });
  });

  it("refuses a step that the run does not have, and a block without place for the lie", () => {
    const code = "LIE_NOT_POSSIBLE";
    const { steps } = new BundleRun(transfers, hasher).end();
    for (const falsehood of [
      { kind: "random-tail", step: 0n },
      { kind: "random-tail", step: steps + 1n },
      { kind: "flipped-memory" },
      { kind: "skipped-storage-write" },
      { kind: "forged-storage-read" },
      { kind: "wrong-sub-call" },
      { kind: "wrong-prepare" },
    ] as const) {
      expect(() => falseRun(transfers, falsehood, hasher)).toThrow(
        expect.objectContaining({ code }),
      );
    }
    for (const kind of ["accepted-bad-signature", "accepted-wrong-nonce"] as const) {
      expect(() => falseRun(calls, { kind }, hasher)).toThrow(expect.objectContaining({ code }));
    }
    falseRun(transfers, { kind: "random-tail", step: steps }, hasher);
    falseRun(transfers, { kind: "random-tail", step: 1n }, hasher);
  });
});
