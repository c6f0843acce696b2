// Accounts through the overlay: what was read or written is not taken apart again, and nobody can tell.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Account,
  addBalance,
  decodeAccount,
  readAccount,
  writeAccount,
} from "../../../host/sandbox/account.ts";
import { noState, Overlay } from "../../../host/state/overlay.ts";
import { ACCOUNT_KEY, StateClass } from "../../../host/state/state-key.ts";

const address = new Uint8Array(20).fill(7);
const absent: Account = { nonce: 0n, balance: 0n, codeHash: undefined };

/** The account as its bytes in the overlay say. */
function decoded(state: Overlay, of = address): Account {
  const value = state.get(StateClass.account, of, ACCOUNT_KEY);
  return value === undefined ? absent : decodeAccount(value);
}

describe("an account", () => {
  it("reads as its bytes do, also where they cut what does not fit", () => {
    const state = new Overlay(noState);
    const edges = [0n, 1n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 128n - 1n, 2n ** 128n, -1n];
    for (const nonce of edges) {
      for (const balance of edges) {
        writeAccount(state, address, { nonce, balance, codeHash: undefined });
        expect([nonce, balance, readAccount(state, address)]).toEqual([
          nonce,
          balance,
          decoded(state),
        ]);
      }
    }
  });

  it("reads as its bytes do after any writes, additions, raw writes and rollbacks", () => {
    const addresses = [address, new Uint8Array(20).fill(8)];
    const step = fc.record({
      of: fc.nat(1),
      kind: fc.constantFrom("add", "write", "raw", "delete", "mark", "back"),
      amount: fc.bigInt(0n, 2n ** 100n),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const state = new Overlay(noState);
        const marks: number[] = [];
        for (const { of, kind, amount } of steps) {
          const at = addresses[of]!;
          if (kind === "add") addBalance(state, at, amount);
          else if (kind === "write") {
            writeAccount(state, at, { nonce: amount % 2n, balance: amount, codeHash: undefined });
          } else if (kind === "raw") {
            const value = new Uint8Array(64).fill(Number(amount % 256n));
            state.set(StateClass.account, at, ACCOUNT_KEY, value);
          } else if (kind === "delete") state.delete(StateClass.account, at, ACCOUNT_KEY);
          else if (kind === "mark") marks.push(state.checkpoint());
          else state.rollback(marks.pop() ?? 0);
          for (const each of addresses) {
            expect(readAccount(state, each)).toEqual(decoded(state, each));
          }
        }
      }),
      { seed: 29, numRuns: 200 },
    );
  });
});
