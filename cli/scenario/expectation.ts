// Compares what came of an entry with what the scenario expects. An expected output is encoded by the ABI
// and compared as bytes, so that "5", 5 and @bob mean what they mean in arguments.

import { parseAbiType } from "../../host/abi/abi-type.ts";
import { methodOf } from "../../host/abi/encode-call.ts";
import { encodeValue } from "../../host/abi/encode-value.ts";
import { equalBytes, toHex } from "../../host/codec/hex.ts";
import { ByteWriter } from "../../host/codec/writer.ts";
import type { ExecutedEntry } from "../../host/environment/environment-core.ts";
import { Outcome, SkipCode, TrapCode } from "../../host/outcome.ts";
import { atPath, resolveNames } from "./abi-arguments.ts";
import type { Actors } from "./actors.ts";
import type { BuiltEntry } from "./build-body.ts";
import { decodeEntry, revertName, revertText, valueText } from "./decoded-entry.ts";
import { scenarioError } from "./json-field.ts";

/** One way in which an entry is not what was expected. */
export interface Mismatch {
  readonly field: "outcome" | "code" | "output" | "error";
  readonly got: string;
  readonly expected: string;
}

/**
 * Every mismatch of an executed entry.
 * @throws SCENARIO_ABI_MISSING, ABI_ARGUMENT, SCENARIO_TYPE when the expected output is no such value
 */
export function checkExpectation(
  built: BuiltEntry,
  executed: ExecutedEntry,
  actors: Actors,
): Mismatch[] {
  const { expect } = built.entry;
  const { outcome } = expect;
  if (outcome === undefined) return [];
  const decoded = decodeEntry(built, executed, actors);
  if (executed.outcome !== Outcome[outcome]) {
    const said = decoded.revert === undefined ? "" : `: ${revertText(decoded.revert, actors)}`;
    return [{ field: "outcome", got: `${decoded.outcome}${said}`, expected: outcome }];
  }
  if (expect.code !== undefined) {
    const codes: Readonly<Record<string, number>> = outcome === "trap" ? TrapCode : SkipCode;
    if (codes[expect.code] === executed.code) return [];
    return [{ field: "code", got: decoded.outcome, expected: `${outcome}(${expect.code})` }];
  }
  if (expect.output !== undefined) return checkOutput(built, executed, actors);
  if (expect.error === undefined || decoded.revert === undefined) return [];
  const { revert } = decoded;
  const text = revertText(revert, actors);
  if (revertName(revert) === expect.error || text === expect.error) return [];
  return [{ field: "error", got: text, expected: expect.error }];
}

function checkOutput(built: BuiltEntry, executed: ExecutedEntry, actors: Actors): Mismatch[] {
  const expected = expectedOutput(built, actors);
  if (equalBytes(expected, executed.output)) return [];
  const { result } = decodeEntry(built, executed, actors);
  const got = result === undefined ? toHex(executed.output) : valueText(result, actors);
  return [{ field: "output", got, expected: JSON.stringify(built.entry.expect.output) }];
}

/** Bytes of the expected output: by the ABI of the called method, else given in hexadecimal. */
function expectedOutput({ entry, to, method }: BuiltEntry, actors: Actors): Uint8Array {
  const path = `${entry.path}.expect.output`;
  const { output } = entry.expect;
  const writer = new ByteWriter();
  const abi = to === undefined || method === undefined ? undefined : actors.abi(to);
  if (abi === undefined || method === undefined) {
    if (entry.kind !== "deploy") {
      atPath(path, () => encodeRaw(writer, output));
      return writer.finish();
    }
    const type = parseAbiType("address");
    const value =
      typeof output === "string" && output.startsWith("@")
        ? actors.reference(output, path)
        : output;
    atPath(path, () => encodeValue(writer, type, value, "output"));
    return writer.finish();
  }
  const { returns } = methodOf(abi, method);
  if (returns === "void") {
    const message = `got an output, but ${method} returns nothing`;
    throw scenarioError("SCENARIO_FIELD_CONFLICT", path, message);
  }
  const value = resolveNames(output, returns, abi, actors, path);
  atPath(path, () => encodeValue(writer, parseAbiType(returns, abi.types), value, "output"));
  return writer.finish();
}

function encodeRaw(writer: ByteWriter, output: unknown): void {
  const bytes = new ByteWriter();
  encodeValue(bytes, { kind: "bytes" }, output, "output");
  writer.raw(bytes.finish().subarray(4));
}
