// The first eleven bytes of every file of ours (docs/formats.md section 13): who wrote it, what it is,
// which version of the layout follows. Readers of each kind start here.
import { EngineError, type ErrorWhere } from "../errors.ts";
import { ByteReader } from "./reader.ts";
import type { ByteWriter } from "./writer.ts";

export const FileKind = {
  bundle: 1,
  stepProof: 2,
  stateProof: 3,
  disputeLog: 4,
  ledgerLog: 5,
} as const;
export type FileKind = (typeof FileKind)[keyof typeof FileKind];

/** The version of all file layouts. */
export const FILE_FORMAT = 1;

const MAGIC = new TextEncoder().encode("PLASMAVM");
const KIND_AT = 8;
const KIND_NAMES = [
  "unknown",
  "bundle",
  "step proof",
  "state proof",
  "dispute log",
  "ledger log",
] as const;

function hasMagic(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

export function writeFileHeader(writer: ByteWriter, kind: FileKind): void {
  writer.raw(MAGIC).u8(kind).u16(FILE_FORMAT);
}

/** Which kind of our files these bytes start, or undefined. Reads nothing else. */
export function fileKindOf(bytes: Uint8Array): FileKind | undefined {
  if (!hasMagic(bytes)) return undefined;
  return Object.values(FileKind).find((kind) => kind === bytes[KIND_AT]);
}

/**
 * A reader of the body of a file of `kind`.
 * @throws FILE_MAGIC, FILE_KIND, FILE_FORMAT · BYTES_TRUNCATED inside the header
 */
export function openFile(bytes: Uint8Array, kind: FileKind, where: ErrorWhere = {}): ByteReader {
  const reader = new ByteReader(bytes, where);
  if (!hasMagic(bytes)) {
    throw new EngineError({
      code: "FILE_MAGIC",
      message: "the file does not start with PLASMAVM",
      where: { ...where, byteOffset: 0 },
    });
  }
  reader.fixed(MAGIC.length);
  const got = reader.u8();
  if (got !== kind) {
    const name = KIND_NAMES[got] ?? "unknown";
    throw reader.error("FILE_KIND", "file kind", `${got} (${name})`, KIND_NAMES[kind], KIND_AT);
  }
  const format = reader.u16();
  if (format !== FILE_FORMAT) {
    throw reader.error("FILE_FORMAT", "file format", format, FILE_FORMAT, KIND_AT + 1);
  }
  return reader;
}
