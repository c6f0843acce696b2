// Parent states that nobody can have reached, under roots that were made up for them: found by the fuzzer.
// They were assertions of ours or were read past their ends; a replay must call such evidence unusable.
import { describe, expect, it } from "vitest";
import { keccak256 } from "../../host/codec/keccak.ts";
import { bytesHash } from "../../host/codec/trees.ts";
import { prepareModule } from "../../host/program/prepare.ts";
import { decodeAccount } from "../../host/sandbox/account.ts";
import { callTopLevel } from "../../host/sandbox/call-contract.ts";
import type { FrameInput } from "../../host/sandbox/frame.ts";
import { ProgramCache, ProgramSource } from "../../host/sandbox/program-source.ts";
import { noState, Overlay } from "../../host/state/overlay.ts";
import { ACCOUNT_KEY, StateClass } from "../../host/state/state-key.ts";
import { testPrepareRules } from "../support/prepare-rules.ts";
import { mainModule } from "../support/wasm-bytes.ts";

const impossible = expect.objectContaining({ code: "STATE_IMPOSSIBLE" });

describe("a state that no execution makes", () => {
  it.each([0, 1, 63, 65, 1_000])("is refused when an account has %i bytes", (length) => {
    expect(() => decodeAccount(new Uint8Array(length))).toThrowError(impossible);
    expect(decodeAccount(new Uint8Array(64)).nonce).toBe(0n);
  });

  it("is refused when an account with code has no code record", () => {
    const state = new Overlay(noState);
    const self = new Uint8Array(20);
    state.set(StateClass.account, self, ACCOUNT_KEY, new Uint8Array(64).fill(1));
    const input = { transaction: { state }, self, gas: 1 } as unknown as FrameInput;
    expect(() => callTopLevel(input)).toThrowError(impossible);
  });

  it("is refused when a code record is another than its hash says, known program or not", () => {
    const wasm = mainModule([]);
    const rules = testPrepareRules();
    const { record, recordHash } = prepareModule(wasm, rules);
    const wasmHash = bytesHash(wasm).join();
    const library = {
      wasm: (hash: Uint8Array) => (hash.join() === wasmHash ? wasm : undefined),
      prepareRules: () => rules,
    };
    const cache = new ProgramCache();
    expect(new ProgramSource(library, cache).get(record, recordHash).recordHash).toEqual(
      keccak256(record),
    );
    const forged = record.slice();
    forged[190] = (forged[190] ?? 0) ^ 1;
    const mismatch = expect.objectContaining({ code: "CODE_MISMATCH" });
    for (const programs of [cache, new ProgramCache()]) {
      const source = new ProgramSource(library, programs);
      expect(() => source.get(forged, recordHash)).toThrowError(mismatch);
    }
  });
});
