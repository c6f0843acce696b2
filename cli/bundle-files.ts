// The bundles that a command is given: one file, stdin, or the folder of a run, in the order of heights.
// Reads names only; each bundle is read shortly before its turn, so a long chain needs the memory of a few.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { decodeOrder, ORDER_BYTES } from "../host/chain/order.ts";
import { EngineError } from "../host/errors.ts";

const NAME = /^(0|[1-9][0-9]{0,19})\.bundle$/;
/** `PLASMAVM`, kind and format, before the order (docs/formats.md section 13). */
const PREFIX_BYTES = 11;

/** Name of the bundle at `height` in a folder. */
export const bundleName = (height: bigint): string => `${height}.bundle`;

/**
 * Paths of the bundles at `target`: itself, or where it is a folder its `<height>.bundle` files in order.
 * @throws REPLAY_FOLDER_EMPTY without such files, REPLAY_HEIGHT_MISSING when one between them is missing
 */
export function bundleFiles(target: string): readonly string[] {
  if (target === "-" || !existsSync(target) || !statSync(target).isDirectory()) return [target];
  const heights = readdirSync(target)
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(BigInt)
    .sort((a, b) => (a < b ? -1 : 1));
  const [first] = heights;
  if (first === undefined) {
    throw new EngineError({
      code: "REPLAY_FOLDER_EMPTY",
      message: `got a folder without bundles, expected files such as ${bundleName(1n)}`,
      where: { file: target },
    });
  }
  for (const [i, height] of heights.entries()) {
    const expected = first + BigInt(i);
    if (height === expected) continue;
    throw new EngineError({
      code: "REPLAY_HEIGHT_MISSING",
      message: `got ${bundleName(height)} after height ${expected - 1n}, expected ${bundleName(expected)}`,
      where: { file: target },
    });
  }
  return heights.map((height) => join(target, bundleName(height)));
}

/** How many transactions a bundle says it has, for progress only; 1 where it cannot be told. */
export function statedTransactions(bytes: Uint8Array): number {
  try {
    return decodeOrder(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + ORDER_BYTES)).transactionCount;
  } catch {
    return 1;
  }
}
