// Runs prepare natively: Wasm bytes and prepare rules in, program and code record out, or a refusal
// with its place and fix. The module is ours (assembly/prepare), so the loader may instantiate it;
// every call gets a fresh instance, because prepare keeps its state in globals and never frees.
// Equal inputs give equal records on every machine and in the sandbox; nothing is decided here.
import { instantiateSync } from "@assemblyscript/loader";
import { keccak256, keccak256Into } from "../codec/keccak.ts";
import { ByteReader } from "../codec/reader.ts";
import { assert, EngineError, type ErrorWhere } from "../errors.ts";
import { NO_FUNCTION } from "../outcome.ts";
import { findAdvice } from "./advice.ts";
import { type CodeRecord, decodeCodeRecord } from "./code-record.ts";
import { decodeLayout, type ProgramLayout } from "./layout.ts";
import { functionName, importNames } from "./names.ts";
import { prepareModule as prepareWasm } from "./prepare-module.ts";
import { refusalKinds } from "./refusals.ts";

/** A module that prepare accepted. */
export interface Prepared {
  /** The original bytes. */
  readonly wasm: Uint8Array;
  /** The prepare rules that it was prepared under; their hash stands in the record. */
  readonly rules: Uint8Array;
  /** The code record, 235 bytes, and its decoded fields. */
  readonly record: Uint8Array;
  readonly codeRecord: CodeRecord;
  /** keccak of the record, 32 bytes. */
  readonly recordHash: Uint8Array;
  /** Machine words, 16 bytes each. */
  readonly words: Uint8Array;
  readonly layout: ProgramLayout;
  /** How much of the limit on merges it uses. */
  readonly merges: number;
}

export interface PrepareOptions {
  /** Whether the module must be a contract, with an exported `main`. Default true. */
  readonly entryRequired?: boolean;
}

/** Why prepare refused a module. `refusal` is the number in revert data (docs/formats.md section 9). */
export class ModuleRefusal extends EngineError {
  readonly refusal: number;
  readonly detail: number;

  constructor(
    input: ConstructorParameters<typeof EngineError>[0],
    refusal: number,
    detail: number,
  ) {
    super(input);
    this.refusal = refusal;
    this.detail = detail;
  }
}

const REFUSAL_BYTES = 15;
const REVERT_KIND = 4;
const IMPORT_REFUSALS = { first: 110, last: 119 } as const;
const LIMIT_REFUSALS = { first: 130, last: 149 } as const;

/** What prepare's `revert` leaves Wasm with. Caught here, always. */
class Reverted {
  readonly data: Uint8Array;
  constructor(data: Uint8Array) {
    this.data = data;
  }
}

interface PrepareExports extends Record<string, unknown> {
  readonly memory: WebAssembly.Memory;
  readonly _start?: () => void;
  readonly prepareContract: () => void;
  readonly prepareLibrary: () => void;
  readonly layoutAddress: () => number;
  readonly layoutBytes: () => number;
  readonly wordsAddress: () => number;
  readonly wordsBytes: () => number;
  readonly mergesUsed: () => number;
}

let compiled: WebAssembly.Module | undefined;

/**
 * Prepares a module under prepare rules (docs/program.md section 7).
 * @throws ModuleRefusal with a WASM_… code when the module, or the rules, are refused
 */
export function prepareModule(
  wasm: Uint8Array,
  rules: Uint8Array,
  { entryRequired = true }: PrepareOptions = {},
): Prepared {
  const host = new PrepareHost(wasm, rules);
  compiled ??= new WebAssembly.Module(prepareWasm as Uint8Array<ArrayBuffer>);
  const { exports } = instantiateSync<PrepareExports>(compiled as never, {
    env: host.imports() as never,
  });
  host.memory = exports.memory;
  try {
    exports._start?.();
    if (entryRequired) exports.prepareContract();
    else exports.prepareLibrary();
  } catch (thrown) {
    if (thrown instanceof Reverted) throw describeRefusal(wasm, thrown.data);
    throw thrown;
  }
  const bytes = (address: number, length: number) =>
    new Uint8Array(exports.memory.buffer, address >>> 0, length >>> 0).slice();
  assert(host.record !== undefined, "prepare ended without a record");
  return {
    wasm,
    rules,
    record: host.record,
    codeRecord: decodeCodeRecord(host.record),
    recordHash: keccak256(host.record),
    words: bytes(exports.wordsAddress(), exports.wordsBytes()),
    layout: decodeLayout(bytes(exports.layoutAddress(), exports.layoutBytes())),
    merges: exports.mergesUsed() >>> 0,
  };
}

/** The six host calls of prepare over plain bytes. */
class PrepareHost {
  memory: WebAssembly.Memory | undefined;
  record: Uint8Array | undefined;
  readonly #wasm: Uint8Array;
  readonly #rules: Uint8Array;
  #view = new Uint8Array(0);

  constructor(wasm: Uint8Array, rules: Uint8Array) {
    this.#wasm = wasm;
    this.#rules = rules;
  }

  /** Guest memory; growth replaces the buffer. */
  private guest(): Uint8Array {
    assert(this.memory !== undefined, "prepare called its host before it was instantiated");
    if (this.#view.buffer !== this.memory.buffer) this.#view = new Uint8Array(this.memory.buffer);
    return this.#view;
  }

  private slice(ptr: number, length: number): Uint8Array {
    return this.guest().slice(ptr >>> 0, (ptr >>> 0) + (length >>> 0));
  }

  imports(): Record<string, (...args: number[]) => number | undefined> {
    return {
      input: (ptr = 0, offset = 0, length = 0) => {
        this.guest().set(this.#wasm.subarray(offset, offset + length), ptr >>> 0);
        return this.#wasm.length;
      },
      output: (ptr = 0, length = 0) => {
        this.record = this.slice(ptr, length);
        return undefined;
      },
      revert: (ptr = 0, length = 0) => {
        throw new Reverted(this.slice(ptr, length));
      },
      // The only key that prepare opens is prepare.rules.
      storage_open: () => this.#rules.length,
      value_read: (ptr = 0, offset = 0, length = 0) => {
        this.guest().set(this.#rules.subarray(offset, offset + length), ptr >>> 0);
        return undefined;
      },
      keccak256: (ptr = 0, length = 0, outPtr = 0) => {
        const guest = this.guest();
        keccak256Into(guest, ptr >>> 0, (ptr >>> 0) + length, guest, outPtr >>> 0);
        return undefined;
      },
    };
  }
}

/**
 * The error for the revert data of a refused deployment, or undefined where the data are not prepare's.
 * `wasm` is the module of the deployment: names and hints come from it.
 */
export function readRefusal(wasm: Uint8Array, revertData: Uint8Array): ModuleRefusal | undefined {
  if (revertData.length !== REFUSAL_BYTES || revertData[0] !== REVERT_KIND) return undefined;
  const number = ((revertData[1] ?? 0) << 8) | (revertData[2] ?? 0);
  return refusalKinds.has(number) ? describeRefusal(wasm, revertData) : undefined;
}

function describeRefusal(wasm: Uint8Array, data: Uint8Array): ModuleRefusal {
  const input = new ByteReader(data);
  assert(input.u8() === REVERT_KIND, "prepare reverted with data of another kind");
  const number = input.u16();
  const index = input.u32();
  const byteOffset = input.u32();
  const detail = input.u32();
  const kind = refusalKinds.get(number);
  assert(kind !== undefined, "prepare refused with a number that has no code");
  const inFunction = index === NO_FUNCTION ? undefined : index;
  const name = inFunction === undefined ? undefined : functionName(wasm, inFunction);
  const names = importNames(wasm);
  const isImport = number >= IMPORT_REFUSALS.first && number <= IMPORT_REFUSALS.last;
  const importAtFault = isImport ? names[detail] : undefined;
  const advice = findAdvice(kind, importAtFault, name, names);
  const where: ErrorWhere = {
    ...(inFunction === undefined ? {} : { function: inFunction }),
    ...(name === undefined ? {} : { functionName: name }),
    byteOffset,
    ...(importAtFault === undefined ? {} : { field: importAtFault }),
  };
  const subject = advice?.what ?? importAtFault;
  const isLimit = number >= LIMIT_REFUSALS.first && number <= LIMIT_REFUSALS.last;
  const message = `${kind.text}${subject === undefined ? "" : ` (${subject})`}${
    isLimit ? `, the limit is ${detail}` : ""
  }`;
  return new ModuleRefusal(
    {
      code: kind.code,
      message,
      where,
      ...(advice === undefined ? {} : { hint: advice.fix }),
      details: { refusal: number, detail },
    },
    number,
    detail,
  );
}
