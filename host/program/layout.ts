// The layout that prepare leaves for the V8 back end (docs/program.md section 5), decoded from its u32
// little-endian form into named fields. It comes from our own module, so a malformed one is our bug
// and an assertion, never an error. Points stay flat: emit-wasm walks them once.
import { assert } from "../errors.ts";
import { NO_FUNCTION } from "../outcome.ts";

/** What a point inserts; see docs/program.md section 5 for the meaning of each value. */
export const PointKind = { charge: 1, chargeCheck: 2, units: 3, dead: 4 } as const;
export type PointKind = (typeof PointKind)[keyof typeof PointKind];

export interface ImportLayout {
  readonly hostCall: number;
  /** Least index of an equal type in the type section. */
  readonly type: number;
  readonly params: number;
  readonly results: number;
}

/** A defined function. Offsets are bytes of the original module. */
export interface FunctionLayout {
  /** Of the size that starts its entry in the code section. */
  readonly bodyOffset: number;
  /** Of its first instruction, behind the local declarations. */
  readonly firstInstruction: number;
  /** Past its final `end`. */
  readonly end: number;
  readonly type: number;
  readonly params: number;
  readonly results: number;
  /** Declared locals, without parameters. */
  readonly locals: number;
  readonly exported: boolean;
  /** Slots it takes from the depth budget at entry; 0 when a caller has paid. */
  readonly depthWeight: number;
  /** Index of its first point, counted in points. */
  readonly firstPoint: number;
}

export interface ProgramLayout {
  readonly imports: readonly ImportLayout[];
  /** Function index = imports.length + position. */
  readonly functions: readonly FunctionLayout[];
  /** Three numbers each: byte offset, PointKind, value; ascending by offset, then by insertion. */
  readonly points: Uint32Array;
  readonly typeCount: number;
  readonly wordCount: number;
  readonly entryPc: number;
  /** Function index of the dispatcher and of the static initialiser, where the module has them. */
  readonly mainFunction: number | undefined;
  readonly startFunction: number | undefined;
  readonly entryGas: bigint;
  readonly entryDepth: number;
  readonly pagesInitial: number;
  readonly pagesMax: number;
  readonly tableSize: number;
  readonly globalCount: number;
}

const LAYOUT_VERSION = 1;
const HEADER_FIELDS = 16;
const IMPORT_FIELDS = 4;
const FUNCTION_FIELDS = 10;
const POINT_FIELDS = 3;

/** Decodes the bytes that prepare's `layoutAddress` and `layoutBytes` name. */
export function decodeLayout(bytes: Uint8Array): ProgramLayout {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const field = (index: number) => view.getUint32(index * 4, true);
  const functionOrNone = (index: number) => (index === NO_FUNCTION ? undefined : index);
  assert(field(0) === LAYOUT_VERSION, "prepare wrote another layout version");
  const importCount = field(1);
  const definedCount = field(2);
  const pointCount = field(4);
  const functionsAt = HEADER_FIELDS + importCount * IMPORT_FIELDS;
  const pointsAt = functionsAt + definedCount * FUNCTION_FIELDS;
  assert(
    bytes.length === 4 * (pointsAt + pointCount * POINT_FIELDS),
    "the layout has another size",
  );
  return {
    imports: Array.from({ length: importCount }, (_, i) =>
      importLayout((k) => field(HEADER_FIELDS + i * IMPORT_FIELDS + k)),
    ),
    functions: Array.from({ length: definedCount }, (_, i) =>
      functionLayout((k) => field(functionsAt + i * FUNCTION_FIELDS + k)),
    ),
    points: Uint32Array.from({ length: pointCount * POINT_FIELDS }, (_, i) => field(pointsAt + i)),
    typeCount: field(3),
    wordCount: field(5),
    entryPc: field(6),
    mainFunction: functionOrNone(field(7)),
    startFunction: functionOrNone(field(8)),
    entryGas: BigInt(field(9)) | (BigInt(field(10)) << 32n),
    entryDepth: field(11),
    pagesInitial: field(12),
    pagesMax: field(13),
    tableSize: field(14),
    globalCount: field(15),
  };
}

function importLayout(field: (index: number) => number): ImportLayout {
  return { hostCall: field(0), type: field(1), params: field(2), results: field(3) };
}

function functionLayout(field: (index: number) => number): FunctionLayout {
  return {
    bodyOffset: field(0),
    firstInstruction: field(1),
    end: field(2),
    type: field(3),
    params: field(4),
    results: field(5),
    locals: field(6),
    exported: field(7) === 1,
    depthWeight: field(8),
    firstPoint: field(9),
  };
}
