// The thin path through every real part: deploy, call, root, bundle, replay, and every lie answered.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { encodeCall, encodeInit } from "../../../host/abi/encode-call.ts";
import { lieKinds, lies } from "../../../host/chain/lies.ts";
import { joinDeployInput } from "../../../host/chain/transaction.ts";
import { fromHex, toHex } from "../../../host/codec/hex.ts";
import { buildContract, type ContractBuild } from "../../../host/contract/build.ts";
import type { ExecutedBlock } from "../../../host/environment/environment-core.ts";
import { Outcome } from "../../../host/outcome.ts";
import { TestChain } from "../../support/test-chain.ts";

const ENTRY = "fixtures/contracts/counter.ts";

describe("a counter from source to refuted lie", () => {
  let built: ContractBuild;
  let chain: TestChain;
  let deployed: ExecutedBlock & { readonly bundle: Uint8Array };
  let counted: ExecutedBlock & { readonly bundle: Uint8Array };

  beforeAll(async () => {
    built = await buildContract({ entry: ENTRY, files: { [ENTRY]: readFileSync(ENTRY, "utf8") } });
    chain = await TestChain.open();
    const input = joinDeployInput(built.wasm, encodeInit(built.abi, [1n]));
    deployed = await chain.block([chain.sign("alice", { kind: "deploy", input })]);
    const to = fromHex(deployed.entries[0]?.contract ?? "0x", 20);
    const increment = encodeCall(built.abi, "increment", [5n]);
    const call = (name: string) => chain.sign(name, { kind: "call", to, input: increment });
    counted = await chain.block([call("alice"), call("bob"), call("alice")]);
  });

  it("deploys through prepare and counts", () => {
    expect(deployed.entries.map(({ outcome }) => outcome)).toEqual([Outcome.success]);
    expect(counted.entries.map(({ output }) => toHex(output))).toEqual([
      "0x0000000000000006",
      "0x000000000000000b",
      "0x0000000000000010",
    ]);
  });

  it("replays from the bundles alone", () => {
    const first = chain.replay(deployed.bundle);
    expect(first).toMatchObject({ verdict: "valid", anchored: false, signaturesChecked: 1 });
    const parent = first.shown;
    const second = chain.replay(counted.bundle, {
      ...(parent === undefined ? {} : { expectParent: parent.result }),
      expect: fromHex(counted.blockHash, 32),
    });
    expect(second).toMatchObject({ verdict: "valid", anchored: true, signaturesChecked: 3 });
  });

  it("finds another block than the expected one unusable", () => {
    const report = chain.replay(counted.bundle, { expect: fromHex(deployed.blockHash, 32) });
    expect(report).toMatchObject({
      verdict: "unusable",
      anchored: false,
      finding: { code: "BLOCK_NOT_EXPECTED" },
    });
  });

  it.each(lieKinds)("answers %s as promised", (kind) => {
    const lie = lies[kind];
    const report = chain.replay(chain.tamper(counted.bundle, { kind, seed: "skeleton" }));
    expect(report.verdict).toBe(lie.verdict);
    if (lie.code === undefined) expect(report.finding).toBeUndefined();
    else expect(report.finding?.code.startsWith(lie.code)).toBe(true);
  });

  it("refuses to tell a lie about a transaction that is not there", () => {
    const tell = () => chain.tamper(counted.bundle, { kind: "wrong-gas", transaction: 3 });
    expect(tell).toThrowError(expect.objectContaining({ code: "LIE_NOT_POSSIBLE" }));
  });
});
