// The small fixed layouts: order, result, receipt, code record, body entry, file header. Whatever decodes
// has exactly the encoding that it was decoded from.
import { mutateBytes } from "../mutate-bytes.mjs";
import { answered, holds, sameBytes } from "./laws.mjs";

const kinds = ["Order", "BlockResult", "Receipt", "CodeRecord"];

/** The native checker and the pure one say the same of any bytes. */
function sameSignatures(engine, bytes) {
  const { nativeSignatureChecker: native, nobleSignatureChecker: pure } = engine;
  const [digest, signature] = [bytes.slice(0, 32), bytes.slice(32, 96)];
  const key = bytes.slice(96, 160);
  const verified = native.verify(digest, signature, key);
  holds(verified === pure.verify(digest, signature, key), "two checkers verify alike");
  const [ours, theirs] = [native, pure].map((one) => one.recover(digest, bytes.slice(32, 97)));
  holds((ours === undefined) === (theirs === undefined), "two checkers recover alike");
  if (ours !== undefined) holds(sameBytes(ours, theirs), "two checkers recover one key");
}

export const recordsTarget = {
  name: "records",
  weight: 2,
  make({ records }, random) {
    const bytes = random.pick(records);
    return random.oneIn(10) ? random.bytes(random.size(400)) : mutateBytes(random, bytes);
  },
  run({ engine }, bytes) {
    let decoded = 0;
    for (const kind of kinds) {
      const value = answered(engine, () => engine[`decode${kind}`](bytes));
      if (value === undefined) continue;
      decoded += 1;
      holds(sameBytes(engine[`encode${kind}`](value), bytes), `${kind} has one encoding`);
    }
    const entry = engine.readEntry(bytes);
    holds(sameBytes(entry.hash, engine.transactionHash(bytes)), "an entry has one hash");
    holds(
      (entry.transaction === undefined) !== (entry.fault === undefined),
      "an entry decodes or not",
    );
    engine.fileKindOf(bytes);
    if (bytes.length > 160) sameSignatures(engine, bytes);
    return decoded > 0 ? "decoded" : "refused";
  },
};
