// The part of the rules that prepare reads: what account 0x…01 holds under "prepare.rules", byte for
// byte as docs/program.md section 7 lists it. Its keccak stands in every code record, so a contract
// keeps the schedule it was deployed under. Bundles may carry schedules of the past: their prices lie in
// the same ranges as those of rules.
import { ByteReader } from "../codec/reader.ts";
import { ByteWriter } from "../codec/writer.ts";
import { assert } from "../errors.ts";
import { type Field, fields, pathText } from "./fields.ts";
import { hostCallNames } from "./host-call-names.ts";
import { readField } from "./read-field.ts";
import { instructionClasses, moduleLimitNames, PROGRAM_VERSION, type Rules } from "./rules.ts";

const PREPARE_RULES_VERSION = 1;

/** Canonical bytes of the schedule, the allowed host calls and the module limits. */
export function prepareRulesBlob(rules: Rules): Uint8Array {
  const out = new ByteWriter();
  out.u8(PREPARE_RULES_VERSION);
  out.u16(PROGRAM_VERSION);
  out.u8(instructionClasses.length);
  for (const name of instructionClasses) out.u16(rules.gas.instructions[name]);
  out.u8(hostCallNames.length);
  for (const name of hostCallNames) {
    const { base, unit } = rules.gas.hostCalls[name];
    out.u8(rules.hostCallsAllowed.includes(name) ? 1 : 0);
    out.u32(base);
    out.u32(unit);
  }
  const { base, perKiB, perPage } = rules.gas.entry;
  out.u32(base);
  out.u32(perKiB);
  out.u32(perPage);
  out.u8(moduleLimitNames.length);
  for (const name of moduleLimitNames) out.u32(rules.module[name]);
  return out.finish();
}

const PRICES_BYTES = 3 + (1 + 2 * instructionClasses.length) + (1 + 9 * hostCallNames.length) + 12;
const SIZE = PRICES_BYTES + 1 + 4 * moduleLimitNames.length;

const fieldAt: ReadonlyMap<string, Field> = new Map(
  fields.map((field) => [pathText(field.path), field]),
);

function checkPrice(path: string, value: number): void {
  const field = fieldAt.get(`gas.${path}`);
  assert(field !== undefined, "every price of the prepare rules is a field of the rules");
  readField(field, value);
}

/**
 * Refuses prepare rules with prices that no rules could have. What prepare refuses anyway (another
 * version, size or count, limits over the largest) is left to it.
 * @throws RULES_RANGE when a price is out of range
 */
export function checkPrepareRules(blob: Uint8Array): void {
  if (blob.length !== SIZE) return;
  const input = new ByteReader(blob);
  if (input.u8() !== PREPARE_RULES_VERSION || input.u16() !== PROGRAM_VERSION) return;
  if (input.u8() !== instructionClasses.length) return;
  for (const name of instructionClasses) checkPrice(`instructions.${name}`, input.u16());
  if (input.u8() !== hostCallNames.length) return;
  for (const name of hostCallNames) {
    input.u8();
    checkPrice(`hostCalls.${name}.base`, input.u32());
    checkPrice(`hostCalls.${name}.unit`, input.u32());
  }
  for (const name of ["base", "perKiB", "perPage"]) checkPrice(`entry.${name}`, input.u32());
}
