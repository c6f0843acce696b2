// Files of step and state proofs: what they hold, what both judges say of them, and what becomes of them when a
// byte is changed, cut or added. fixtures/vectors/proof-files.json has one of each kind with its verdict;
// UPDATE_GOLDEN=1 writes it anew.
import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeBundle } from "../../../host/chain/bundle.ts";
import { joinDeployInput } from "../../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../../host/codec/hex.ts";
import { keccak256 } from "../../../host/codec/keccak.ts";
import { proveStep } from "../../../host/dispute/prove-step.ts";
import { decodeStateProof, encodeStateProof } from "../../../host/dispute/state-proof-file.ts";
import { decodeStepProof, encodeStepProof } from "../../../host/dispute/step-proof-file.ts";
import {
  type JudgeName,
  type StepJudges,
  typescriptJudge,
  type VerifiedProof,
  verifyProof,
} from "../../../host/dispute/verify-proof.ts";
import { BundleRun } from "../../../host/machine/bundle-run.ts";
import { StepVerifier } from "../../../host/machine/verify-step.ts";
import { pureStateHasher } from "../../../host/state/state-hasher.ts";
import { Random } from "../../support/random.ts";
import { addressOfName, TestChain } from "../../support/test-chain.ts";
import { wasmOf } from "../../support/wat.ts";

const FILE = "fixtures/vectors/proof-files.json";
const update = process.env.UPDATE_GOLDEN === "1";
const HEADER_BYTES = 11;

const verifier = new StepVerifier();
const judges: StepJudges = {
  typescript: typescriptJudge,
  assemblyscript: (pre, proof) => verifier.verify(pre, proof),
};
const verify = (bytes: Uint8Array, judge?: JudgeName): VerifiedProof =>
  verifyProof(bytes, judges, judge);

/** Stores 40 bytes, `value`, under the key of 32 bytes 0x07. */
const STORING = wasmOf(`(module
  (import "env" "storage_set" (func $set (param i32 i32 i32)))
  (memory (export "memory") 1 1)
  (func (export "main")
    (memory.fill (i32.const 0) (i32.const 7) (i32.const 32))
    (memory.fill (i32.const 64) (i32.const 9) (i32.const 40))
    (call $set (i32.const 0) (i32.const 64) (i32.const 40))))`);
const KEY = toHex(new Uint8Array(32).fill(7));
const ABSENT = toHex(new Uint8Array(32).fill(8));

let chain: TestChain;
let contract: Hex;
let bundle: Uint8Array;
let steps: bigint;
let genesisProof: Uint8Array;
let firstProof: Uint8Array;
beforeAll(async () => {
  chain = await TestChain.open();
  const account = { kind: "account", address: addressOfName("alice") } as const;
  genesisProof = chain.core.proveState(account);
  const input = joinDeployInput(STORING, new Uint8Array(0));
  const block = await chain.block([chain.sign("alice", { kind: "deploy", input })]);
  contract = block.entries[0]?.contract as Hex;
  firstProof = chain.core.proveState(account);
  const to = fromHex(contract, 20);
  ({ bundle } = await chain.block([chain.sign("alice", { kind: "call", to, value: 5n })]));
  steps = new BundleRun(decodeBundle(bundle), pureStateHasher).end().steps;
});

const stepFile = (step: bigint): Uint8Array => proveStep(bundle, step, pureStateHasher);
const codeOf = (verified: VerifiedProof): string =>
  verified.verdict === "stands" ? "stands" : `${verified.verdict} ${verified.finding.code}`;

function flipped(bytes: Uint8Array, at: number, bit = 1): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= bit;
  return copy;
}

/** Where the parts of a step proof file begin. */
const At = { order: 11, parentResult: 192, step: 297, pre: 305, length: 337, proof: 341 } as const;

describe("a step proof file", () => {
  it("is read as it was written", () => {
    const bytes = stepFile(steps / 2n);
    const file = decodeStepProof(bytes);
    expect(toHex(encodeStepProof(file))).toBe(toHex(bytes));
    expect(file.step).toBe(steps / 2n);
    expect(file.order).toEqual(decodeBundle(bundle).order);
  });

  it("stands for every judge, at any step of the run and in the halted tail", () => {
    for (const step of [0n, 1n, 2n, steps / 2n, steps - 2n, steps - 1n, steps, steps + 7n]) {
      const bytes = stepFile(step);
      for (const judge of ["both", "typescript", "assemblyscript"] as const) {
        const verified = verify(bytes, judge);
        expect(verified).toMatchObject({ kind: "step proof", judge, verdict: "stands" });
        expect(verified).toMatchObject({
          shown: { step, height: 2n, environmentId: toHex(chain.core.id) },
        });
      }
    }
  });

  it("that claims another state is refuted with the right one", () => {
    const bytes = stepFile(steps / 2n);
    const right = decodeStepProof(bytes).post;
    for (const at of [bytes.length - 32, bytes.length - 1]) {
      const verified = verify(flipped(bytes, at));
      expect(codeOf(verified)).toBe("refuted STEP_MISMATCH");
      expect(verified).toMatchObject({ finding: { expected: toHex(right) } });
    }
  });

  it("with a changed proof or first state shows nothing", () => {
    const bytes = stepFile(steps / 2n);
    const random = new Random(16_101);
    const places = [At.pre, At.pre + 31, At.proof, bytes.length - 33];
    for (let i = 0; i < 40; i++) places.push(At.proof + random.below(bytes.length - 32 - At.proof));
    for (const at of places) {
      expect(codeOf(verify(flipped(bytes, at))), `byte ${at}`).toBe("unusable PROOF_REFUSED");
    }
  });

  it("names its run by hash, and says of the step what its maker says", () => {
    const bytes = stepFile(steps / 2n);
    const shownOf = (verified: VerifiedProof) =>
      verified.kind === "step proof" && verified.verdict === "stands" ? verified.shown : undefined;
    const shown = shownOf(verify(bytes))!;
    // A byte of the order's producer: the order is another one then, and everybody sees it.
    const other = shownOf(verify(flipped(bytes, At.order + 100)))!;
    expect(other.order).not.toBe(shown.order);
    expect({ ...other, order: shown.order }).toEqual(shown);
    expect(shownOf(verify(flipped(bytes, At.step + 7)))).toEqual({
      ...shown,
      step: (steps / 2n) ^ 1n,
    });
  });

  it("of another kind, format or length is unusable", () => {
    const bytes = stepFile(3n);
    expect(codeOf(verify(flipped(bytes, 0)))).toBe("unusable FILE_MAGIC");
    expect(codeOf(verify(flipped(bytes, 8, 6)))).toBe("unusable FILE_KIND");
    expect(codeOf(verify(flipped(bytes, 10)))).toBe("unusable FILE_FORMAT");
    expect(codeOf(verify(flipped(bytes, At.order)))).toBe("unusable ORDER_INVALID");
    expect(codeOf(verify(flipped(bytes, At.parentResult)))).toBe("unusable RESULT_INVALID");
    expect(codeOf(verify(flipped(bytes, At.length, 0x80)))).toBe("unusable BYTES_TOO_LONG");
    expect(codeOf(verify(Uint8Array.from([...bytes, 0])))).toBe("unusable BYTES_TRAILING");
    for (let length = 0; length < bytes.length; length += length < At.proof ? 1 : 37) {
      const code = length < HEADER_BYTES - 3 ? "FILE_MAGIC" : "BYTES_TRUNCATED";
      expect(codeOf(verify(bytes.subarray(0, length))), `${length} bytes`).toBe(`unusable ${code}`);
    }
    expect(verify(bundle)).toMatchObject({ kind: null, finding: { code: "FILE_KIND" } });
  });

  it("holds a proof of 9,216 bytes and no longer one", () => {
    const file = decodeStepProof(stepFile(3n));
    const sized = (length: number) => encodeStepProof({ ...file, proof: new Uint8Array(length) });
    expect(codeOf(verify(sized(9_216)))).toBe("unusable PROOF_REFUSED");
    expect(codeOf(verify(sized(9_217)))).toBe("unusable BYTES_TOO_LONG");
  });

  it("on which the judges differ gets no verdict", () => {
    const bytes = stepFile(3n);
    const post = new Uint8Array(32);
    for (const other of [
      { ...judges, assemblyscript: () => ({ valid: true, post }) as const },
      { ...judges, typescript: () => ({ valid: false, rejection: 8 }) as const },
    ]) {
      expect(() => verifyProof(bytes, other)).toThrow(
        expect.objectContaining({ code: "JUDGES_DIFFER" }),
      );
    }
    expect(
      codeOf(
        verifyProof(
          bytes,
          { ...judges, typescript: () => ({ valid: true, post }) },
          "assemblyscript",
        ),
      ),
    ).toBe("stands");
  });
});

describe("a state proof file", () => {
  const head = () => chain.core.head();
  const queries = () =>
    ({
      account: { kind: "account", address: addressOfName("alice") },
      "new account": { kind: "account", address: toHex(new Uint8Array(20).fill(0x31)) },
      storage: { kind: "storage", address: contract, key: KEY },
      "storage that is absent": { kind: "storage", address: contract, key: ABSENT },
      code: { kind: "code", address: contract },
    }) as const;
  const all = () =>
    Object.entries(queries()).map(([name, query]) => [name, chain.core.proveState(query)] as const);
  const shownOf = (bytes: Uint8Array) => {
    const verified = verify(bytes);
    if (verified.kind === "state proof" && verified.verdict === "stands") return verified.shown;
    return undefined;
  };

  it("is read as it was written, and shows what the head's state has", () => {
    const values = all().map(([name, bytes]) => {
      expect(toHex(encodeStateProof(decodeStateProof(bytes))), name).toBe(toHex(bytes));
      const shown = shownOf(bytes)!;
      const { blockHash, resultHash, stateRoot } = head();
      expect(shown, name).toMatchObject({
        height: 2n,
        block: blockHash,
        result: resultHash,
        stateRoot,
        environmentId: toHex(chain.core.id),
      });
      return [name, shown.value === null ? null : toHex(shown.value)];
    });
    const found = Object.fromEntries(values);
    expect(found.account).toMatch(/^0x0000000000000002[0-9a-f]{112}$/);
    expect(found.storage).toBe(toHex(new Uint8Array(40).fill(9)));
    expect(found.code).toHaveLength(2 + 2 * 235);
    expect([found["new account"], found["storage that is absent"]]).toEqual([null, null]);
  });

  it("speaks of genesis where no block has been made, and of the block on it after that", () => {
    expect(shownOf(genesisProof)).toMatchObject({ height: 0n, block: null, environmentId: null });
    const first = shownOf(firstProof)!;
    const { order, parentResult } = decodeBundle(bundle);
    expect(first.height).toBe(1n);
    expect(first.result).toBe(toHex(keccak256(bundle.slice(192, 297))));
    expect(first.stateRoot).toBe(toHex(parentResult.stateRoot));
    expect(order.height).toBe(2n);
  });

  it("never shows another value of the key in that block, whatever byte is changed", () => {
    for (const [name, bytes] of all()) {
      const shown = shownOf(bytes)!;
      let other = 0;
      for (let at = 0; at < bytes.length; at++) {
        const now = shownOf(flipped(bytes, at, 1 << (at % 8)));
        if (now === undefined) continue;
        if (now.address !== shown.address || now.key !== shown.key) {
          // The way to an absent key may show the absence of its neighbours too.
          expect([shown.value, now.value], `${name}, byte ${at}`).toEqual([null, null]);
          continue;
        }
        // Of another order or result: the block is another one, and its hash says so.
        expect(now.block, `${name}, byte ${at}`).not.toBe(shown.block);
        expect(at, `${name}, byte ${at}`).toBeLessThan(12 + 181 + 105 + 105);
        other += 1;
      }
      expect(other).toBeGreaterThan(100);
    }
  });

  it("cut, longer, or not canonical is unusable", () => {
    const [, bytes] = all()[2]!;
    for (let length = 12; length < bytes.length; length++) {
      expect(codeOf(verify(bytes.subarray(0, length)))).toBe("unusable BYTES_TRUNCATED");
    }
    expect(codeOf(verify(Uint8Array.from([...bytes, 0])))).toBe("unusable BYTES_TRAILING");
    const file = decodeStateProof(bytes);
    const changed = (more: Partial<typeof file>) =>
      codeOf(verify(encodeStateProof({ ...file, ...more })));
    expect(changed({})).toBe("stands");
    expect(changed({ end: { terminal: "empty" } })).toBe("unusable STATE_PROOF_ROOT");
    expect(changed({ siblings: file.siblings.slice(1) })).toBe("unusable STATE_PROOF_ROOT");
    expect(changed({ cls: 0 })).toBe("unusable BYTES_NOT_CANONICAL");
    const depth = bytes.length - 32 * file.siblings.filter((s) => s.some((b) => b > 0)).length - 2;
    expect(file.siblings.length).toBeLessThan(8);
    expect(codeOf(verify(flipped(bytes, depth + 1, 1)))).toBe("unusable BYTES_NOT_CANONICAL");
    const zeroed = bytes.slice();
    zeroed.fill(0, bytes.length - 32);
    expect(codeOf(verify(zeroed))).toBe("unusable BYTES_NOT_CANONICAL");
    expect(codeOf(verify(flipped(bytes, 11, 2)))).toBe("unusable BYTES_NOT_CANONICAL");
  });

  it("does not pass a key's own leaf off as another's", () => {
    const file = decodeStateProof(all()[2]![1]);
    const { path, commitment } = ownLeaf(file);
    const end = { terminal: "other", path, commitment } as const;
    expect(codeOf(verify(encodeStateProof({ ...file, end })))).toBe("unusable STATE_PROOF_ROOT");
  });
});

/** The leaf of the key of a proof, from an absence that ends there: the neighbour's view of it. */
function ownLeaf({ cls, address, key, end }: ReturnType<typeof decodeStateProof>) {
  const value = end.terminal === "value" ? end.value : new Uint8Array(0);
  const packed = Uint8Array.from([cls, ...address, ...key]);
  const path = pureStateHasher.sha256(packed);
  const chunk = new Uint8Array(64);
  chunk.set(value);
  const chunks = pureStateHasher.sha256(chunk);
  const preimage = new Uint8Array(64);
  preimage.set(chunks);
  preimage[63] = value.length;
  return { path, commitment: pureStateHasher.sha256(preimage) };
}

interface Vector {
  readonly name: string;
  readonly file: Hex;
  readonly verdict: string;
  readonly shows: Readonly<Record<string, string | null>>;
}

function vectorOf(name: string, bytes: Uint8Array): Vector {
  const verified = verify(bytes);
  const shown = verified.verdict === "unusable" ? {} : verified.shown;
  const shows = Object.fromEntries(
    Object.entries(shown).map(([field, value]) => [
      field,
      value === null ? null : value instanceof Uint8Array ? toHex(value) : String(value),
    ]),
  );
  return { name, file: toHex(bytes), verdict: codeOf(verified), shows };
}

describe("the vectors of proof files", () => {
  it.runIf(update)("are written anew", () => {
    const step = stepFile(steps / 2n);
    const alice = { kind: "account", address: addressOfName("alice") } as const;
    const storage = (key: Hex) =>
      chain.core.proveState({ kind: "storage", address: contract, key });
    const proofs = [
      vectorOf("step proof", step),
      vectorOf("step proof that claims another state", flipped(step, step.length - 1)),
      vectorOf("step proof with a changed leaf", flipped(step, At.proof + 300)),
      vectorOf("state proof of an account", chain.core.proveState(alice)),
      vectorOf("state proof of a stored value", storage(KEY)),
      vectorOf("state proof of an absent value", storage(ABSENT)),
      vectorOf("state proof with another value", flipped(storage(KEY), 470)),
      vectorOf("state proof at genesis", genesisProof),
    ];
    const about = "docs/formats.md sections 14 and 15: the verdict on a file, and what it shows";
    writeFileSync(FILE, `${JSON.stringify({ v: 1, about, proofs }, undefined, 1)}\n`);
  });

  it("are what the judges say", () => {
    const { proofs } = JSON.parse(readFileSync(FILE, "utf8")) as { proofs: readonly Vector[] };
    for (const vector of proofs)
      expect(vectorOf(vector.name, fromHex(vector.file))).toEqual(vector);
    expect(proofs.map(({ verdict }) => verdict.split(" ")[0])).toEqual([
      "stands",
      "refuted",
      "unusable",
      "stands",
      "stands",
      "stands",
      "unusable",
      "stands",
    ]);
  });
});
