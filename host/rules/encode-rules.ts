// Rules <-> canonical bytes (docs/formats.md section 12, docs/rules.md), and their hash, which every
// order names. Numbers stand in the order of fields.ts, big-endian, without names or padding. Both
// directions run every range check, so bytes that decode are rules that an environment may have.
import { compareBytes, fromHex, type Hex, toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { ByteReader } from "../codec/reader.ts";
import { ByteWriter } from "../codec/writer.ts";
import { EngineError } from "../errors.ts";
import { type Field, fields, setAt, valueAt } from "./fields.ts";
import { hostCallNames } from "./host-call-names.ts";
import { parseRules, rulesToJson } from "./parse-rules.ts";
import { readField } from "./read-field.ts";
import type { DataRules, Rules } from "./rules.ts";

function writeAddresses(out: ByteWriter, addresses: readonly Hex[]): void {
  out.u8(addresses.length);
  for (const address of addresses) out.raw(fromHex(address, 20));
}

function readAddresses(input: ByteReader): Hex[] {
  const count = input.u8();
  return Array.from({ length: count }, () => toHex(input.fixed(20)));
}

function writeValue(out: ByteWriter, field: Field, value: unknown): void {
  switch (field.form) {
    case "integer":
      if (field.bytes === 1) out.u8(value as number);
      else if (field.bytes === 2) out.u16(value as number);
      else out.u32(value as number);
      return;
    case "decimal":
      if (field.bytes === 8) out.u64(value as bigint);
      else out.u128(value as bigint);
      return;
    case "hostCallsAllowed":
      for (const name of hostCallNames) out.u8((value as readonly string[]).includes(name) ? 1 : 0);
      return;
    case "deployers":
      out.u8(value === "anyone" ? 0 : 1);
      if (value !== "anyone") writeAddresses(out, value as readonly Hex[]);
      return;
    case "data": {
      const data = value as DataRules;
      out.u8(data === "settlement" ? 0 : 1);
      if (data === "settlement") return;
      writeAddresses(out, data.committee);
      out.u8(data.threshold);
      return;
    }
    case "guardian":
      out.u8(value === null ? 0 : 1);
      if (value !== null) out.raw(fromHex(value as Hex, 20));
  }
}

function readFlag(input: ByteReader, field: string): boolean {
  const flag = input.u8();
  if (flag > 1) {
    throw new EngineError({
      code: "BYTES_NOT_CANONICAL",
      message: `${field}: got flag ${flag}, expected 0 or 1`,
      where: { field },
    });
  }
  return flag === 1;
}

function readValue(input: ByteReader, field: Field): unknown {
  switch (field.form) {
    case "integer":
      return field.bytes === 1 ? input.u8() : field.bytes === 2 ? input.u16() : input.u32();
    case "decimal":
      return field.bytes === 8 ? input.u64() : input.u128();
    case "hostCallsAllowed":
      return hostCallNames.filter(() => readFlag(input, field.form));
    case "deployers":
      return readFlag(input, field.form) ? readAddresses(input) : "anyone";
    case "data":
      return readFlag(input, field.form)
        ? { committee: readAddresses(input), threshold: input.u8() }
        : "settlement";
    case "guardian":
      return readFlag(input, field.form) ? toHex(input.fixed(20)) : null;
  }
}

/** Canonical bytes of rules. @throws RULES_… when a value is outside its range */
export function encodeRules(rules: Rules): Uint8Array {
  const checked = parseRules(rulesToJson(rules));
  const out = new ByteWriter();
  for (const field of fields) writeValue(out, field, valueAt(checked, field.path));
  return out.finish();
}

/**
 * Rules from canonical bytes, such as a bundle's.
 * @throws BYTES_… when the bytes are no canonical encoding; RULES_… when a value is outside its range
 */
export function decodeRules(bytes: Uint8Array): Rules {
  const input = new ByteReader(bytes);
  const raw: Record<string, unknown> = {};
  for (const field of fields) {
    setAt(raw, field.path, readValue(input, field));
    // A later version has another layout, so nothing after a foreign version is worth a message.
    if (field.path.length === 1 && field.form === "integer")
      readField(field, valueAt(raw, field.path));
  }
  input.end();
  const rules = parseRules(rulesToJson(raw as unknown as Rules));
  if (compareBytes(encodeRules(rules), bytes) !== 0) {
    throw new EngineError({
      code: "BYTES_NOT_CANONICAL",
      message: "got addresses out of order, expected them ascending",
      where: { field: "rules" },
    });
  }
  return rules;
}

/** keccak of the canonical bytes. */
export function rulesHash(rules: Rules): Uint8Array {
  return keccak256(encodeRules(rules));
}
