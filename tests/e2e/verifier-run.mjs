// Runs the one-file verifier as a module in whatever runtime starts this file: every bundle in a folder and
// every proof of the vectors; prints what it said as one JSON document.
//   node tests/e2e/verifier-run.mjs FOLDER
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex, stepJudges, toHex, verifyFile } from "../../dist/plasma-verify.mjs";

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
const vectors = (name) => JSON.parse(readFileSync(`fixtures/vectors/${name}.json`, "utf8")).proofs;
const judgedBy = (judge) =>
  vectors("step-proofs").map(({ pre, proof }) => {
    const verdict = judge(fromHex(pre, 32), fromHex(proof));
    return verdict.valid ? toHex(verdict.post) : verdict.rejection;
  });
const judged = [judgedBy(stepJudges.typescript), judgedBy(stepJudges.assemblyscript)];
const files = [];
for (const { file } of vectors("proof-files")) {
  const { result } = await verifyFile(fromHex(file));
  const { verdict, finding, shown = {} } = result;
  const value = shown.value ? { value: toHex(shown.value) } : {};
  files.push({
    verdict: finding === undefined ? verdict : `${verdict} ${finding.code}`,
    shows: { ...shown, ...value },
  });
}
const plain = (_key, value) => (typeof value === "bigint" ? String(value) : value);
process.stdout.write(JSON.stringify({ bundles, judged, files, faults }, plain));
