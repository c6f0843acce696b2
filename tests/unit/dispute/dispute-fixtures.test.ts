// The committed logs of disputes, one against each saboteur: each replays with either judge to the verdict, the
// falls and the transaction that stand beside it, and a log that was cut or changed shows no other verdict.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeBundle } from "../../../host/chain/bundle.ts";
import { resultHash } from "../../../host/chain/result.ts";
import { toHex } from "../../../host/codec/hex.ts";
import {
  decodeDisputeLog,
  encodeDisputeLog,
  replayDisputeLog,
} from "../../../host/dispute/dispute-log.ts";
import { howClaimFell } from "../../../host/dispute/how-claim-fell.ts";
import { saboteurKinds } from "../../../host/dispute/saboteur-kinds.ts";
import { verifyDispute } from "../../../host/dispute/verify-dispute.ts";
import { typescriptJudge } from "../../../host/dispute/verify-proof.ts";
import { nativeStateHasher } from "../../../host/environment/native.ts";
import { BundleRun } from "../../../host/machine/bundle-run.ts";
import { StepVerifier } from "../../../host/machine/verify-step.ts";
import { Random } from "../../support/random.ts";
import { root } from "../../support/source-files.ts";

interface Expected {
  readonly file: string;
  readonly block: string;
  readonly commands: number;
  readonly verdict: string;
  readonly falls: readonly {
    readonly result: string;
    readonly reason: string;
    readonly step: string;
    readonly transaction: number | null;
  }[];
}

const folder = join(root, "fixtures/disputes");
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, name)));
const expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Expected[];
const verifier = new StepVerifier();
const judges = {
  typescript: typescriptJudge,
  assemblyscript: (pre: Uint8Array, proof: Uint8Array) => verifier.verify(pre, proof),
};

describe("the logs of fixtures/disputes", () => {
  it("are there for every saboteur", () => {
    const names = expected.map(({ file }) => file.replace(".dispute", ""));
    expect(names.sort()).toEqual([...saboteurKinds].sort());
  });

  it("replay with both judges to what stands beside them", () => {
    for (const { file, commands, verdict, falls } of expected) {
      const verified = verifyDispute(read(file), judges);
      const steps = falls.filter(({ reason }) => reason === "step");
      expect(verified, file).toMatchObject({
        verdict: "stands",
        shown: {
          commands,
          result: verdict,
          refuted: steps.map(({ result, step }) => ({ result, step: BigInt(step) })),
        },
      });
    }
  });

  it("tell of each claim that a step refuted what it has instead of the right state", () => {
    for (const { file, block } of expected) {
      const { state } = replayDisputeLog(decodeDisputeLog(read(file)));
      const run = new BundleRun(decodeBundle(read(block)), nativeStateHasher());
      for (const claim of state.tournaments.get(state.id)!.claims) {
        const fall = howClaimFell(state, claim);
        if (fall?.reason !== "step") continue;
        expect(toHex(fall.pre), file).toBe(toHex(run.stateAt(fall.step).hash));
        expect(toHex(fall.post), file).toBe(toHex(run.stateAt(fall.step + 1n).hash));
        expect(toHex(fall.claimed), file).not.toBe(toHex(fall.post));
      }
      expect(howClaimFell(state, state.verdict!.survivor!)).toBeUndefined();
      run.close();
    }
  });

  it("name the transaction of the step, and the right result of the block", () => {
    const run = new Map<string, { readonly run: BundleRun; readonly count: number }>();
    for (const { block, verdict, falls } of expected) {
      const bundle = decodeBundle(read(block));
      expect(toHex(resultHash(bundle.result))).toBe(verdict);
      const known = run.get(block) ?? {
        run: new BundleRun(bundle, nativeStateHasher()),
        count: bundle.transactions.length,
      };
      run.set(block, known);
      for (const { step, transaction } of falls) {
        const { entry } = known.run.viewAt(BigInt(step));
        expect(entry < known.count ? entry : null).toBe(transaction);
      }
    }
  });
});

describe("a log that is not whole", () => {
  it("shows nothing where it was cut, and nothing else where a byte was changed", () => {
    const bytes = read("wrong-gas.dispute");
    const log = decodeDisputeLog(bytes);
    const right = expected.find(({ file }) => file === "wrong-gas.dispute")!;
    for (let count = 0; count < log.entries.length; count++) {
      const cut = encodeDisputeLog({ ...log, entries: log.entries.slice(0, count) });
      expect(verifyDispute(cut, judges, "typescript")).toMatchObject({
        verdict: "unusable",
        finding: { code: "DISPUTE_NOT_OVER" },
      });
    }
    const random = new Random(51_200);
    for (let i = 0; i < 150; i++) {
      const changed = bytes.slice();
      changed[random.below(changed.length)]! ^= 1 << random.below(8);
      const verified = verifyDispute(changed, judges, "assemblyscript");
      if (verified.verdict === "unusable") continue;
      // Accounts, bonds and times may be others; the verdict may not.
      expect(verified.shown.result).toBe(right.verdict);
    }
  });

  it("refuses bytes that are no log", () => {
    for (const [bytes, code] of [
      [new Uint8Array(0), "FILE_MAGIC"],
      [read("blocks/transfers.bundle"), "FILE_KIND"],
      [read("wrong-gas.dispute").slice(0, -1), "BYTES_TRUNCATED"],
    ] as const) {
      expect(verifyDispute(bytes, judges)).toMatchObject({
        verdict: "unusable",
        finding: { code },
      });
    }
  });
});
