// The code record: 235 bytes that state holds for each contract (docs/formats.md section 9). They bind
// the Wasm, the machine words and every initial region to the prepare rules in force at deployment.
// prepare writes records; this file reads them, and writes them for tests and tools. Never trust a
// record from outside state without preparing its Wasm again.
import { ByteReader, readU32 } from "../codec/reader.ts";
import { ByteWriter } from "../codec/writer.ts";
import { EngineError } from "../errors.ts";

export const CODE_RECORD_BYTES = 235;
const RECORD_VERSION = 1;

/** Hashes and roots are 32 bytes. */
export interface CodeRecord {
  readonly programVersion: number;
  readonly wasmLength: number;
  readonly wasmHash: Uint8Array;
  readonly wordCount: number;
  readonly codeRoot: Uint8Array;
  readonly memoryRoot: Uint8Array;
  readonly globalsRoot: Uint8Array;
  readonly tableRoot: Uint8Array;
  readonly pagesInitial: number;
  readonly pagesMax: number;
  readonly globalCount: number;
  readonly tableSize: number;
  readonly entryPc: number;
  /** Charge of the entry stub, paid from the gas forwarded to the contract. */
  readonly entryGas: bigint;
  readonly entryDepth: number;
  readonly rulesHash: Uint8Array;
}

/** Bytes of the Wasm that a record names, and the pages that its frame starts with. */
export function sizesOfRecord(record: Uint8Array): { wasmLength: number; pagesInitial: number } {
  return { wasmLength: readU32(record, 3), pagesInitial: readU32(record, 171) };
}

/** The 235 bytes of a record. @throws BYTES_OUT_OF_RANGE when a field does not fit */
export function encodeCodeRecord(record: CodeRecord): Uint8Array {
  const out = new ByteWriter();
  out.u8(RECORD_VERSION);
  out.u16(record.programVersion);
  out.u32(record.wasmLength);
  out.fixed(record.wasmHash, 32);
  out.u32(record.wordCount);
  out.fixed(record.codeRoot, 32);
  out.fixed(record.memoryRoot, 32);
  out.fixed(record.globalsRoot, 32);
  out.fixed(record.tableRoot, 32);
  out.u32(record.pagesInitial);
  out.u32(record.pagesMax);
  out.u32(record.globalCount);
  out.u32(record.tableSize);
  out.u32(record.entryPc);
  out.u64(record.entryGas);
  out.u32(record.entryDepth);
  out.fixed(record.rulesHash, 32);
  return out.finish();
}

/**
 * Reads a record; its hashes are views into `bytes`.
 * @throws CODE_RECORD_VERSION for a version this software does not know; BYTES_… for another length
 */
export function decodeCodeRecord(bytes: Uint8Array): CodeRecord {
  const input = new ByteReader(bytes);
  const version = input.u8();
  if (version !== RECORD_VERSION) {
    throw new EngineError({
      code: "CODE_RECORD_VERSION",
      message: `got code record version ${version}, expected ${RECORD_VERSION}`,
      where: { byteOffset: 0 },
    });
  }
  const record: CodeRecord = {
    programVersion: input.u16(),
    wasmLength: input.u32(),
    wasmHash: input.fixed(32),
    wordCount: input.u32(),
    codeRoot: input.fixed(32),
    memoryRoot: input.fixed(32),
    globalsRoot: input.fixed(32),
    tableRoot: input.fixed(32),
    pagesInitial: input.u32(),
    pagesMax: input.u32(),
    globalCount: input.u32(),
    tableSize: input.u32(),
    entryPc: input.u32(),
    entryGas: input.u64(),
    entryDepth: input.u32(),
    rulesHash: input.fixed(32),
  };
  input.end();
  return record;
}
