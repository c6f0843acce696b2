// Prepare rules for tests that need no environment: small round prices, every host call that has a
// number up to 16, the default limits. Tests that need others pass what differs.
import { ByteWriter } from "../../host/codec/writer.ts";

export interface TestPrepareRules {
  /** Costs of classes 0 … 19 (docs/program.md section 7). */
  readonly costs: readonly number[];
  /** Allowed host calls by number. */
  readonly hostCalls: readonly number[];
  readonly hostBase: number;
  readonly hostUnit: number;
  /** Base, per started KiB of Wasm, per initial page. */
  readonly entry: readonly [number, number, number];
  /** Limits 0 … 17. */
  readonly limits: readonly number[];
}

export const defaultTestRules: TestPrepareRules = {
  costs: [1, 2, 4, 6, 1, 1, 2, 2, 1, 2, 8, 1, 10, 1000, 4, 1, 2, 1, 20, 1],
  hostCalls: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
  hostBase: 50,
  hostUnit: 10,
  entry: [500, 100, 200],
  limits: [
    262_144, 4_096, 65_536, 16_384, 512, 1_024, 8_192, 256, 20_000, 32, 512, 256, 2_048, 256, 64,
    64, 256, 1_048_576,
  ],
};

/** Names of the limits by index, for tests of one limit. */
export const testLimit = {
  wasmBytes: 0,
  functions: 1,
  bodyBytes: 2,
  bodyInstructions: 3,
  nesting: 4,
  brTableEntries: 5,
  brTableEntriesTotal: 6,
  locals: 7,
  localsTotal: 8,
  params: 9,
  types: 10,
  globals: 11,
  table: 12,
  dataSegments: 13,
  imports: 14,
  exports: 15,
  pages: 16,
  merges: 17,
} as const;

/** The bytes of these rules (docs/program.md section 7). */
export function testPrepareRules(changes: Partial<TestPrepareRules> = {}): Uint8Array {
  const rules = { ...defaultTestRules, ...changes };
  const out = new ByteWriter();
  out.u8(1);
  out.u16(1);
  out.u8(rules.costs.length);
  for (const cost of rules.costs) out.u16(cost);
  out.u8(19);
  for (let number = 1; number <= 19; number++) {
    out.u8(rules.hostCalls.includes(number) ? 1 : 0);
    out.u32(rules.hostBase);
    out.u32(rules.hostUnit);
  }
  for (const price of rules.entry) out.u32(price);
  out.u8(rules.limits.length);
  for (const limit of rules.limits) out.u32(limit);
  return out.finish();
}

/** The default limits with one changed. */
export function limitsWith(index: number, value: number): number[] {
  return defaultTestRules.limits.map((limit, i) => (i === index ? value : limit));
}
