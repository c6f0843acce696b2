// The part of the rules that prepare reads: what account 0x…01 holds under "prepare.rules", byte for
// byte as docs/program.md section 7 lists it. Its keccak stands in every code record, so a contract
// keeps the schedule it was deployed under.
import { ByteWriter } from "../codec/writer.ts";
import { hostCallNames } from "./host-call-names.ts";
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
