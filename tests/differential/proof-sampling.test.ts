// The blocks of the fixture scenarios, deployments included, from their bundles alone: every step of runs up to
// 10,000 steps, and drawn ones of longer runs, are proven by the machine and judged by both judges. The seed that
// draws them is in the title, PLASMA_SEED takes another; PLASMA_PROOFS=all takes one in 64 of every run.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeBundle } from "../../host/chain/bundle.ts";
import { callCli } from "../support/cli.ts";
import { proveSample } from "../support/proof-sampling.ts";
import { root } from "../support/source-files.ts";

const SEED = Number(process.env.PLASMA_SEED ?? 73_000);
const scenarios = readdirSync(join(root, "fixtures/scenarios"));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plasma-proofs-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe(`steps drawn with seed ${SEED}`, () => {
  it.each(scenarios)(
    "of the blocks of %s are proven to both judges",
    { timeout: 300_000 },
    async (name) => {
      const out = join(folder, name);
      const { code, stderr } = await callCli(["run", `fixtures/scenarios/${name}`, "-o", out]);
      expect(stderr).toBe("");
      expect(code).toBe(0);
      const files = readdirSync(out).filter((file) => file.endsWith(".bundle"));
      expect(files.length).toBeGreaterThan(0);
      files.sort().forEach((file, i) => {
        const bundle = decodeBundle(new Uint8Array(readFileSync(join(out, file))));
        const { steps, proven } = proveSample(bundle, SEED + i);
        expect(proven, `${name} ${file}`).toBeGreaterThan(0);
        expect(proven, `${name} ${file}`).toBeLessThanOrEqual(Number(steps));
      });
    },
  );
});
