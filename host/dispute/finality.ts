// How long a dispute can take (docs/dispute.md section 6), for people who choose rules and for tests that hold the
// game to it. In seconds from the first claim to the verdict, if somebody ends matches and tournaments that are over.
import type { Rules } from "../rules/rules.ts";
import type { CommitmentShape } from "./commitment-shape.ts";

/**
 * Rounds of a bracket of so many claims, each as long as the longest match: while it lasts, every match that was
 * open at its start ends and takes at least one of two claims out.
 */
function rounds(claims: number): bigint {
  return claims <= 1 ? 0n : BigInt(Math.ceil(Math.log2(claims)));
}

/**
 * The latest verdict, given how many claims there were in level A, and at most in one level B.
 * A match burns one of two clocks at every moment, or waits for level B, whose window is one clock and one grace.
 */
export function finalityBound(
  { windowSeconds, clockSeconds, graceSeconds }: Rules["dispute"],
  { levels }: CommitmentShape,
  claims: number,
  claimsOfLevelB: number,
): bigint {
  const clock = BigInt(clockSeconds);
  const levelBClock = clock + BigInt(graceSeconds);
  const levelB = levels === 1 ? 0n : levelBClock * (1n + 2n * rounds(claimsOfLevelB));
  return BigInt(windowSeconds) + (2n * clock + levelB) * rounds(claims);
}
