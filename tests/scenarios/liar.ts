// Whoever claims something else than a block comes to, with a machine that was tampered with at one place: a verifier
// like any other, but for what it takes to be true.
import { decodeBundle } from "../../host/chain/bundle.ts";
import { resultHash } from "../../host/chain/result.ts";
import { toHex } from "../../host/codec/hex.ts";
import { type FalseRunKind, falseRun } from "../../host/dispute/false-run.ts";
import { nativeStateHasher } from "../../host/environment/native.ts";
import { BundleRun } from "../../host/machine/bundle-run.ts";
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

/**
 * Lies about the gas of every block, each claim built on the one before: the lies have the true states, so that the
 * machine of each goes as far as its liar wants. At heights of `says` it claims what the block truly comes to, but
 * as built on its lie: a stepping stone for what it says next.
 */
export function liarInARow(
  chain: OwnChain,
  person: Person,
  says: (height: bigint) => boolean = () => false,
): Verifier {
  const runs = new Map<string, ClaimedRun>();
  const claimedRun = async (own: OwnChain, height: bigint): Promise<ClaimedRun> => {
    const { final } = own.environment;
    const isFirst = height === final.height + 1n;
    const parentResult = isFirst ? final.result : (await claimedRun(own, height - 1n)).result;
    const name = `${height} ${toHex(resultHash(parentResult))}`;
    const known = runs.get(name);
    if (known !== undefined) return known;
    const bundle = { ...decodeBundle((await own.executed(height)).bundle!), parentResult };
    const hasher = nativeStateHasher();
    const result = { ...bundle.result, gasUsed: bundle.result.gasUsed + 1n };
    const run = says(height)
      ? new BundleRun(bundle, hasher)
      : falseRun({ ...bundle, result }, { kind: "claimed" }, hasher);
    const open = async () => ({ ...later(run), close: async () => undefined });
    const claimed = { result: run.end().result, open };
    runs.set(name, claimed);
    return claimed;
  };
  const account = addressOf(person);
  return new Verifier({ chain, account, bondMax: 10n ** 15n, claimsAfter: 0n, claimedRun });
}
