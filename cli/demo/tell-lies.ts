// Every lie of host/chain/lies.ts about one honest bundle, and what replay says to each. Each lying bundle
// is kept, so that the reader can replay it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../../host/chain/finding.ts";
import { type Lie, type LieKind, lieKinds, lies } from "../../host/chain/lies.ts";
import { type ReplayResult, replayBundle, tamperBundle } from "../../host/environment/replay.ts";

export interface ToldLie {
  readonly kind: LieKind;
  readonly verdict: ReplayResult["verdict"];
  readonly finding: Finding | undefined;
  /** What replay says when it is told which block it should be; only for a lie that stands alone. */
  readonly withExpect: Finding | undefined;
  readonly asExpected: boolean;
}

const findingOf = (result: ReplayResult): Finding | undefined =>
  result.verdict === "valid" ? undefined : result.finding;

/** Whether a finding is the one that the table of lies names. */
function isNamed(lie: Lie, finding: Finding | undefined): boolean {
  const { code } = lie;
  if (code === undefined) return finding === undefined;
  if (finding === undefined) return false;
  return code.endsWith("_") ? finding.code.startsWith(code) : finding.code === code;
}

/** Tells every lie about the bundle in `honest`, whose block hash is `block`, into `folder`. */
export async function* tellLies(
  honest: Uint8Array,
  block: `0x${string}`,
  folder: string,
): AsyncGenerator<ToldLie> {
  for (const kind of lieKinds) {
    const lie: Lie = lies[kind];
    const bytes = await tamperBundle(honest, { kind, seed: "demo" });
    writeFileSync(join(folder, `${kind}.bundle`), bytes);
    const result = await replayBundle(bytes);
    const finding = findingOf(result);
    const alone = result.verdict === lie.verdict && isNamed(lie, finding);
    if (lie.verdict !== "valid") {
      const { verdict } = result;
      yield { kind, verdict, finding, withExpect: undefined, asExpected: alone };
      continue;
    }
    const withExpect = findingOf(await replayBundle(bytes, { expect: block }));
    const asExpected = alone && withExpect?.code === "BLOCK_NOT_EXPECTED";
    yield { kind, verdict: result.verdict, finding, withExpect, asExpected };
  }
}
