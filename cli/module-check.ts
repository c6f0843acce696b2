// Whether a module can be deployed under rules: prepare's own answer, with source lines where a source
// map is at hand. `plasma check` and `plasma build` show the same refusals.
import type { Colors } from "picocolors/types.js";
import { toHex } from "../host/codec/hex.ts";
import { bytesHash } from "../host/codec/trees.ts";
import { EngineError } from "../host/errors.ts";
import { ModuleRefusal, type Prepared, prepareModule } from "../host/program/prepare.ts";
import { prepareRulesBlob } from "../host/rules/prepare-rules.ts";
import type { Rules } from "../host/rules/rules.ts";
import { SourceLines } from "../host/trace/source-lines.ts";
import { type LimitUse, moduleUse } from "./module-use.ts";
import { whereText } from "./output.ts";
import { type WasmOverview, wasmOverview } from "./wasm-overview.ts";

export interface ShownRefusal {
  readonly code: string;
  readonly message: string;
  readonly function: number | null;
  readonly functionName: string | null;
  readonly byteOffset: number | null;
  /** `path:line:column` of the AssemblyScript source. */
  readonly source: string | null;
  readonly hint: string;
}

export interface ModuleCheck {
  readonly accepted: boolean;
  readonly codeHash: string;
  readonly refusals: readonly ShownRefusal[];
  readonly limits: readonly LimitUse[];
  /** Charge of the contract's entry stub; null for refused modules. */
  readonly entryGas: bigint | null;
}

/** Where a byte of the module comes from. An unusable map is the same as none. */
function sourceOf(sourceMap: string | undefined, byteOffset: number | undefined): string | null {
  if (sourceMap === undefined || byteOffset === undefined) return null;
  return SourceLines.read(sourceMap)?.place(byteOffset)?.source ?? null;
}

function showRefusal(refusal: ModuleRefusal, sourceMap: string | undefined): ShownRefusal {
  const { code, message, where, hint } = refusal;
  return {
    code,
    message,
    function: where.function ?? null,
    functionName: where.functionName ?? null,
    byteOffset: where.byteOffset ?? null,
    source: where.source ?? sourceOf(sourceMap, where.byteOffset),
    hint,
  };
}

/** The sections of a module, or undefined where even they cannot be read. */
function overviewOf(wasm: Uint8Array): WasmOverview | undefined {
  try {
    return wasmOverview(wasm);
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}

/** Prepares the module under the rules; a refusal is a result, not an error. */
export function checkModule(wasm: Uint8Array, rules: Rules, sourceMap?: string): ModuleCheck {
  let prepared: Prepared | undefined;
  const refusals: ShownRefusal[] = [];
  try {
    prepared = prepareModule(wasm, prepareRulesBlob(rules));
  } catch (error) {
    if (!(error instanceof ModuleRefusal)) throw error;
    refusals.push(showRefusal(error, sourceMap));
  }
  return {
    accepted: prepared !== undefined,
    codeHash: toHex(bytesHash(wasm)),
    refusals,
    limits: moduleUse(overviewOf(wasm), prepared, rules),
    entryGas: prepared === undefined ? null : prepared.codeRecord.entryGas,
  };
}

/** Refusals in the form of errors (STYLE.md). */
export function refusalLines(
  file: string,
  refusals: readonly ShownRefusal[],
  colors: Colors,
): readonly string[] {
  return refusals.flatMap((refusal) => {
    const where = whereText({
      file,
      ...(refusal.function === null ? {} : { function: refusal.function }),
      ...(refusal.functionName === null ? {} : { functionName: refusal.functionName }),
      ...(refusal.byteOffset === null ? {} : { byteOffset: refusal.byteOffset }),
      ...(refusal.source === null ? {} : { source: refusal.source }),
    });
    return [
      `${colors.red(`error[${refusal.code}]`)}: ${refusal.message}`,
      `  where: ${where}`,
      `  fix:   ${refusal.hint}`,
    ];
  });
}
