// Whoever claims something else than a block comes to, with a machine that was tampered with at one place: a verifier
// like any other, but for what it takes to be true.
import { decodeBundle } from "../../host/chain/bundle.ts";
import { type FalseRunKind, falseRun } from "../../host/dispute/false-run.ts";
import { nativeStateHasher } from "../../host/environment/native.ts";
import { later } from "../../host/machine/run-states.ts";
import type { OwnChain } from "../../host/node/own-chain.ts";
import { type ClaimedRun, honestRun, Verifier } from "../../host/node/verifier.ts";
import { addressOf, type Person } from "./world.ts";

export interface LiarOptions {
  readonly chain: OwnChain;
  readonly person: Person;
  readonly kind?: FalseRunKind;
  /** Which heights it lies about. */
  readonly lies: (height: bigint) => boolean;
  readonly claimsAfter?: bigint;
}

export function liar({
  chain,
  person,
  kind = "wrong-state-root",
  lies,
  claimsAfter = 0n,
}: LiarOptions): Verifier {
  const runs = new Map<bigint, ClaimedRun>();
  const lie = async (height: bigint): Promise<ClaimedRun> => {
    const { bundle } = await chain.executed(height);
    const run = falseRun(decodeBundle(bundle!), { kind }, nativeStateHasher());
    const { result } = run.end();
    return { result, open: async () => ({ ...later(run), close: async () => undefined }) };
  };
  const claimedRun = async (own: OwnChain, height: bigint): Promise<ClaimedRun> => {
    if (!lies(height)) return honestRun(own, height);
    const known = runs.get(height) ?? (await lie(height));
    runs.set(height, known);
    return known;
  };
  const account = addressOf(person);
  return new Verifier({ chain, account, bondMax: 10n ** 15n, claimsAfter, claimedRun });
}
