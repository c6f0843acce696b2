// Runs the one-file verifier as a module in whatever runtime starts this file: every bundle in a folder and
// every step proof of the vectors; prints what it said as one JSON document.
//   node tests/e2e/verifier-run.mjs FOLDER
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex, judgeStepProof, verifyFile } from "../../dist/plasma-verify.mjs";

const folder = process.argv[2];
const bundles = {};
let faults = 0;
for (const name of readdirSync(folder).sort()) {
  if (!name.endsWith(".bundle")) continue;
  const { result } = await verifyFile(new Uint8Array(readFileSync(join(folder, name))));
  const { hostFaults, ...rest } = result;
  faults += hostFaults.length;
  bundles[name] = rest;
}
const { proofs } = JSON.parse(readFileSync("fixtures/vectors/step-proofs.json", "utf8"));
const judged = proofs.map(({ pre, proof }) => {
  const verdict = judgeStepProof(fromHex(pre, 32), fromHex(proof));
  return verdict.valid ? verdict.post : verdict.rejection;
});
const plain = (_key, value) => (typeof value === "bigint" ? String(value) : value);
process.stdout.write(JSON.stringify({ bundles, judged, faults }, plain));
