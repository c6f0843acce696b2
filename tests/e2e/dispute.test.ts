// `plasma dispute` and `plasma verify LOG.dispute` as a user runs them: what is printed, exit codes that speak about
// the bundle's claim, the files that are written, and input that cannot be disputed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { saboteurKinds } from "../../host/dispute/saboteur-kinds.ts";
import { callCli } from "../support/cli.ts";
import { disputedBlock } from "../support/dispute-table.ts";
import { expectGolden } from "../support/golden.ts";

let folder: string;
const plasma = (...args: string[]) => callCli(args, { cwd: folder });
const SLOW = 120_000;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plasma-dispute-"));
  writeFileSync(join(folder, "block.bundle"), disputedBlock("transfers"));
  writeFileSync(join(folder, "calls.bundle"), disputedBlock("calls"));
  for (const kind of ["wrong-gas", "accepted-wrong-nonce", "wrong-receipt"]) {
    await plasma("tamper", "block.bundle", "--lie", kind, "--seed", "e2e", "-o", `${kind}.bundle`);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Times differ from run to run. */
const withoutSeconds = (text: string): string =>
  text.replace(/\d+\.\d{3}$/gm, "0.000").replace(/\d+\.\d seconds/, "0.0 seconds");

describe("plasma dispute", () => {
  it(
    "prints each move, the step that it came down to, and who won",
    async () => {
      const args = ["dispute", "calls.bundle", "--lie", "skipped-storage-write", "--at", "3000"];
      const { code, stdout, stderr } = await plasma(...args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expectGolden("dispute.txt", withoutSeconds(stdout));
    },
    SLOW,
  );

  it(
    "refutes a bundle that lies, and writes log and proof that verify judges",
    async () => {
      const files = ["-o", "game.dispute", "--prove", "game.step.proof"];
      const { code, json } = await plasma("dispute", "wrong-gas.bundle", ...files, "--json");
      expect(code).toBe(3);
      expect(json).toMatchObject({
        ...{ claim: "refuted", winner: "opponent", moves: 10, claims: 2, reason: "step" },
        ...{ instruction: "phase 16 receipt", proof: "game.step.proof", log: "game.dispute" },
      });
      expect(json.after.stateHash).not.toBe(json.claimed);
      const proof = await plasma("verify", "game.step.proof", "--json");
      expect(proof.code).toBe(0);
      expect(proof.json.about).toMatchObject({ step: json.step, post: json.after.stateHash });
      const log = await plasma("verify", "game.dispute", "--json");
      expect(log.code).toBe(0);
      expect(log.json).toMatchObject({
        ...{ kind: "dispute log", judge: "both", claim: "stands" },
        about: { result: json.result, moves: 10, refuted: [{ step: json.step }] },
      });
      const again = await plasma("dispute", "wrong-gas.bundle", ...files, "--json");
      expect([again.code, again.json.error.code]).toEqual([1, "FILE_EXISTS"]);
    },
    SLOW,
  );

  it(
    "plays a bundle against another of the same block, whichever of them lies",
    async () => {
      const stands = await plasma(
        "dispute",
        "block.bundle",
        "--against",
        "wrong-gas.bundle",
        "--json",
      );
      expect([stands.code, stands.json.winner]).toEqual([0, "bundle"]);
      const falls = await plasma(
        "dispute",
        "wrong-gas.bundle",
        "--against",
        "block.bundle",
        "--json",
      );
      expect([falls.code, falls.json.winner]).toEqual([3, "opponent"]);
      expect(falls.json.step).toBe(stands.json.step);
      const both = await plasma(
        ...["dispute", "wrong-gas.bundle", "--against", "wrong-receipt.bundle", "--json"],
      );
      expect([both.code, both.json.winner, both.json.claims]).toEqual([3, "neither", 3]);
      expect(both.json.result).toBe(stands.json.result);
    },
    SLOW,
  );

  it(
    "comes to the step that executes what must be skipped",
    async () => {
      const { code, json } = await plasma("dispute", "accepted-wrong-nonce.bundle", "--json");
      expect(code).toBe(3);
      expect(json).toMatchObject({ transaction: 4, instruction: "phase 2 signature" });
    },
    SLOW,
  );

  it(
    "says why a lie fell that no step refuted",
    async () => {
      const silent = await plasma("dispute", "block.bundle", "--lie", "silent", "--json");
      expect([silent.code, silent.json.reason, silent.json.step]).toEqual([0, "timeout", "0"]);
      const misnamed = await plasma(
        "dispute",
        "block.bundle",
        "--lie",
        "wrong-last-leaf",
        "--json",
      );
      expect([misnamed.code, misnamed.json.reason]).toEqual([0, "refused"]);
      expect(misnamed.json.refused.code).toBe("DISPUTE_RESULT");
      const alone = await plasma("dispute", "block.bundle");
      expect(alone.code).toBe(0);
      expect(alone.stdout).toContain("nobody disputes the claim");
      const prove = ["--lie", "silent", "--prove", "none.step.proof", "--json"];
      const { code, json } = await plasma("dispute", "block.bundle", ...prove);
      expect([code, json.error.code]).toEqual([1, "DISPUTE_NO_STEP"]);
    },
    SLOW,
  );

  it("lists the lies", async () => {
    const { code, json } = await plasma("dispute", "--json");
    expect(code).toBe(0);
    expect(json.lies.map(({ kind }: { kind: string }) => kind)).toEqual(saboteurKinds);
  });

  it(
    "refuses what it cannot dispute",
    async () => {
      const cases: [string[], string][] = [
        [["block.bundle", "--against", "calls.bundle"], "DISPUTE_OTHER_ORDER"],
        [["block.bundle", "--against", "accepted-wrong-nonce.bundle"], "DISPUTE_OTHER_ORDER"],
        [["block.bundle", "--against", "block.bundle"], "DISPUTE_SAME_RESULT"],
        [["block.bundle", "--lie", "random-tail", "--at", "25"], "LIE_NOT_POSSIBLE"],
        [["block.bundle", "--lie", "wrong-sub-call"], "LIE_NOT_POSSIBLE"],
        [["block.bundle", "--lie", "random-tial"], "DISPUTE_LIE_UNKNOWN"],
        [["block.bundle", "--lie", "silent", "--at", "x"], "CLI_ARGUMENT_INVALID"],
        [["block.bundle", "--at", "3"], "CLI_ARGUMENT_MISSING"],
        [["--lie", "silent"], "CLI_ARGUMENT_MISSING"],
        [
          ["block.bundle", "--lie", "silent", "--against", "wrong-gas.bundle"],
          "CLI_ARGUMENT_INVALID",
        ],
        [["gone.bundle"], "FILE_NOT_FOUND"],
      ];
      for (const [args, expected] of cases) {
        const { code, json } = await plasma("dispute", ...args, "--json");
        expect([args.join(" "), code, json.error.code]).toEqual([args.join(" "), 1, expected]);
      }
      const { json } = await plasma("dispute", "block.bundle", "--lie", "random-tial", "--json");
      expect(json.error.hint).toContain("random-tail");
    },
    SLOW,
  );
});

describe("plasma inspect of a log", () => {
  it("tells what it is about, and judges nothing", async () => {
    const file = resolve("fixtures/disputes/wrong-gas.dispute");
    const { code, json } = await plasma("inspect", file, "--json");
    expect(code).toBe(0);
    expect(json).toMatchObject({ kind: "dispute log", height: "2", commands: 16 });
  });
});

describe("plasma verify of a log", () => {
  it("takes a log that does not replay, or ends too early, as unusable", async () => {
    const log = new Uint8Array(readFileSync("fixtures/disputes/wrong-gas.dispute"));
    const broken = log.slice();
    broken[broken.length - 1_200]! ^= 1;
    writeFileSync(join(folder, "broken.dispute"), broken);
    writeFileSync(join(folder, "short.dispute"), log.slice(0, -10));
    for (const [file, expected] of [
      ["broken.dispute", "DISPUTE_LOG_INVALID"],
      ["short.dispute", "BYTES_TRUNCATED"],
    ] as const) {
      const { code, json } = await plasma("verify", file, "--json");
      expect([code, json.claim, json.reason.code]).toEqual([1, null, expected]);
    }
  });
});
