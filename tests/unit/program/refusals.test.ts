// Every reason for which prepare refuses a module outside of limits: the smallest module that has it,
// the code, and the byte that it names.
import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../../host/errors.ts";
import { ModuleRefusal, prepareModule } from "../../../host/program/prepare.ts";
import { refusalKinds } from "../../../host/program/refusals.ts";
import { testPrepareRules } from "../../support/prepare-rules.ts";
import {
  body,
  contentAt,
  functionType,
  I32,
  I64,
  instructionsAt,
  MAIN,
  mainModule,
  moduleOf,
  moduleWith,
  name,
  section,
  vector,
} from "../../support/wasm-bytes.ts";

const rules = testPrepareRules();

function refusal(wasm: Uint8Array, prepareRules = rules, entryRequired = true): ModuleRefusal {
  try {
    prepareModule(wasm, prepareRules, { entryRequired });
  } catch (error) {
    if (error instanceof ModuleRefusal) return error;
    throw error;
  }
  throw new RangeError("the module was accepted");
}

const memory = { memories: [[0x00, 0x01]] };
const table = { tables: [[0x70, 0x00, 0x01]] };
const host = (field: string, kind: readonly number[], module = "env") => [
  ...name(module),
  ...name(field),
  ...kind,
];
const types = [functionType([], []), functionType([I32], []), functionType([], [I32])];
const prefix = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const typeSection = section(1, vector([functionType([], [])]));

/** Refused in the first body, `offset` bytes into its instructions. */
interface InBody {
  readonly code: ErrorCode;
  readonly what: string;
  readonly instructions: readonly number[];
  readonly offset: number;
  readonly more?: Parameters<typeof mainModule>[1];
  readonly locals?: readonly (readonly number[])[];
}

const inBody: readonly InBody[] = [
  { code: "WASM_TRUNCATED", what: "an immediate cut off", instructions: [0x41], offset: 2 },
  {
    code: "WASM_INTEGER_TOO_LONG",
    what: "an i32 of six bytes",
    instructions: [0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 0x1a],
    offset: 1,
  },
  {
    code: "WASM_INTEGER_TOO_LARGE",
    what: "an i32 with an unused bit",
    instructions: [0x41, 0x80, 0x80, 0x80, 0x80, 0x10, 0x1a],
    offset: 1,
  },
  {
    code: "WASM_INTEGER_TOO_LARGE",
    what: "an i64 whose sign is not repeated",
    instructions: [0x42, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x1a],
    offset: 1,
  },
  { code: "WASM_BLOCK_TYPE", what: "a block type 0x41", instructions: [0x02, 0x41], offset: 1 },
  { code: "WASM_OPCODE", what: "opcode 0x27", instructions: [0x27], offset: 0 },
  { code: "WASM_OPCODE", what: "opcode 0xff", instructions: [0xff], offset: 0 },
  { code: "WASM_OPCODE", what: "prefixed opcode 18", instructions: [0xfc, 0x12], offset: 0 },
  {
    code: "WASM_RESERVED_BYTE",
    what: "memory 1 in memory.size",
    instructions: [0x3f, 0x01, 0x1a],
    offset: 1,
    more: memory,
  },
  {
    code: "WASM_ELSE_WITHOUT_IF",
    what: "else in a block",
    instructions: [0x02, 0x40, 0x05],
    offset: 2,
  },
  {
    code: "WASM_BODY_SIZE",
    what: "bytes after the end",
    instructions: [0x01, 0x0b, 0x01],
    offset: 2,
  },
  { code: "WASM_TYPE_INDEX", what: "block type 7", instructions: [0x02, 0x07], offset: 1 },
  {
    code: "WASM_TYPE_INDEX",
    what: "call_indirect of type 7",
    instructions: [0x41, 0x00, 0x11, 0x07, 0x00],
    offset: 2,
    more: table,
  },
  { code: "WASM_FUNCTION_INDEX", what: "call 1", instructions: [0x10, 0x01], offset: 0 },
  { code: "WASM_LOCAL_INDEX", what: "local 0", instructions: [0x20, 0x00, 0x1a], offset: 0 },
  { code: "WASM_GLOBAL_INDEX", what: "global 0", instructions: [0x23, 0x00, 0x1a], offset: 0 },
  { code: "WASM_LABEL_INDEX", what: "br 1", instructions: [0x0c, 0x01], offset: 0 },
  {
    code: "WASM_TABLE_INDEX",
    what: "call_indirect without a table",
    instructions: [0x41, 0x00, 0x11, 0x00, 0x00],
    offset: 2,
  },
  {
    code: "WASM_MEMORY_INDEX",
    what: "memory.size without one",
    instructions: [0x3f, 0x00],
    offset: 0,
  },
  {
    code: "WASM_MEMORY_INDEX",
    what: "a load without a memory",
    instructions: [0x41, 0x00, 0x28, 0x02, 0x00, 0x1a],
    offset: 2,
  },
  {
    code: "WASM_TYPE_MISMATCH",
    what: "i32.add of an i64",
    instructions: [0x41, 0x00, 0x42, 0x00, 0x6a, 0x1a],
    offset: 4,
  },
  {
    code: "WASM_TYPE_MISMATCH",
    what: "select between types",
    instructions: [0x41, 0x00, 0x42, 0x00, 0x41, 0x00, 0x1b, 0x1a],
    offset: 6,
  },
  { code: "WASM_STACK_UNDERFLOW", what: "drop of nothing", instructions: [0x1a], offset: 0 },
  {
    code: "WASM_STACK_UNDERFLOW",
    what: "i32.eqz of nothing",
    instructions: [0x45, 0x1a],
    offset: 0,
  },
  {
    code: "WASM_STACK_LEFT",
    what: "a value left over",
    instructions: [0x01, 0x41, 0x00],
    offset: 3,
  },
  {
    code: "WASM_IF_WITHOUT_ELSE",
    what: "an if with a result alone",
    instructions: [0x41, 0x00, 0x04, I32, 0x41, 0x00, 0x0b, 0x1a],
    offset: 6,
  },
  {
    code: "WASM_ALIGNMENT",
    what: "i32.load8_u aligned to 2",
    instructions: [0x41, 0x00, 0x2d, 0x01, 0x00, 0x1a],
    offset: 2,
    more: memory,
  },
  {
    code: "WASM_GLOBAL_IMMUTABLE",
    what: "global.set of a constant",
    instructions: [0x41, 0x00, 0x24, 0x00],
    offset: 2,
    more: { globals: [[I32, 0x00, 0x41, 0x00, 0x0b]] },
  },
  {
    code: "WASM_BR_TABLE_ARITY",
    what: "labels with and without a value",
    instructions: [0x02, I32, 0x41, 0x00, 0x41, 0x00, 0x0e, 0x01, 0x00, 0x01, 0x0b, 0x1a],
    offset: 6,
  },
  {
    code: "WASM_FLOAT_REFUSED",
    what: "f32.const",
    instructions: [0x43, 0, 0, 0, 0, 0x1a],
    offset: 0,
  },
  { code: "WASM_FLOAT_REFUSED", what: "f64.add", instructions: [0x01, 0xa0], offset: 1 },
  {
    code: "WASM_FLOAT_REFUSED",
    what: "f32.load",
    instructions: [0x2a, 0x02, 0x00],
    offset: 0,
    more: memory,
  },
  {
    code: "WASM_FLOAT_REFUSED",
    what: "saturating truncation",
    instructions: [0xfc, 0x00],
    offset: 0,
  },
  {
    code: "WASM_FLOAT_REFUSED",
    what: "a block of type f64",
    instructions: [0x02, 0x7c],
    offset: 1,
  },
  {
    code: "WASM_VALUE_TYPE",
    what: "a local of type 0x12",
    instructions: [],
    offset: 1,
    locals: [[0x01, 0x12]],
  },
  { code: "WASM_SIMD_REFUSED", what: "v128.load", instructions: [0xfd, 0x00], offset: 0 },
  {
    code: "WASM_THREADS_REFUSED",
    what: "atomic.fence",
    instructions: [0xfe, 0x03, 0x00],
    offset: 0,
  },
  { code: "WASM_REFERENCE_TYPES_REFUSED", what: "ref.null", instructions: [0xd0, 0x70], offset: 0 },
  {
    code: "WASM_REFERENCE_TYPES_REFUSED",
    what: "table.get",
    instructions: [0x25, 0x00],
    offset: 0,
  },
  {
    code: "WASM_REFERENCE_TYPES_REFUSED",
    what: "typed select",
    instructions: [0x1c, 0x01, I32],
    offset: 0,
  },
  {
    code: "WASM_REFERENCE_TYPES_REFUSED",
    what: "table.size",
    instructions: [0xfc, 0x10, 0],
    offset: 0,
  },
  { code: "WASM_TAIL_CALL_REFUSED", what: "return_call", instructions: [0x12, 0x00], offset: 0 },
  { code: "WASM_EXCEPTIONS_REFUSED", what: "try", instructions: [0x06, 0x40, 0x0b], offset: 0 },
  {
    code: "WASM_MULTI_VALUE_REFUSED",
    what: "a block with a type index",
    instructions: [0x02, 0x00, 0x0b],
    offset: 1,
  },
  {
    code: "WASM_PASSIVE_SEGMENT_REFUSED",
    what: "memory.init",
    instructions: [0xfc, 0x08, 0, 0],
    offset: 0,
  },
  {
    code: "WASM_TABLE_BULK_REFUSED",
    what: "table.copy",
    instructions: [0xfc, 0x0e, 0, 0],
    offset: 0,
  },
  { code: "WASM_GC_REFUSED", what: "struct.new", instructions: [0xfb, 0x00], offset: 0 },
];

/** Refused outside of bodies, at `at` of the module. */
interface Outside {
  readonly code: ErrorCode;
  readonly what: string;
  readonly wasm: Uint8Array;
  readonly at: number | ((wasm: Uint8Array) => number);
  readonly rules?: Uint8Array;
}

const inSection = (id: number, offset: number) => (wasm: Uint8Array) =>
  contentAt(wasm, id) + offset;
const importing = (entry: readonly number[], importTypes = types) =>
  mainModule([], { types: importTypes, imports: [entry] });

const outside: readonly Outside[] = [
  {
    code: "WASM_PREPARE_RULES",
    what: "no rules",
    wasm: mainModule([]),
    at: 0,
    rules: new Uint8Array(),
  },
  {
    code: "WASM_PREPARE_RULES",
    what: "a price of zero",
    wasm: mainModule([]),
    at: 0,
    rules: testPrepareRules({ costs: Array.from({ length: 20 }, (_, i) => (i === 7 ? 0 : 1)) }),
  },
  {
    code: "WASM_PREPARE_RULES",
    what: "a limit over what the machine holds",
    wasm: mainModule([]),
    at: 0,
    rules: testPrepareRules({ limits: Array.from({ length: 17 }, (_, i) => (i === 11 ? 257 : 1)) }),
  },
  {
    code: "WASM_MAGIC",
    what: "another magic",
    wasm: Uint8Array.from([0, 1, 2, 3, 1, 0, 0, 0]),
    at: 0,
  },
  {
    code: "WASM_VERSION",
    what: "version 2",
    wasm: Uint8Array.from([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0]),
    at: 4,
  },
  { code: "WASM_TRUNCATED", what: "no bytes", wasm: new Uint8Array(), at: 0 },
  {
    code: "WASM_TRUNCATED",
    what: "half a preamble",
    wasm: Uint8Array.from(prefix.slice(0, 6)),
    at: 6,
  },
  { code: "WASM_TRUNCATED", what: "a section cut off", wasm: moduleOf([1, 4, 1, 0x60]), at: 12 },
  {
    code: "WASM_INTEGER_TOO_LONG",
    what: "a section size of six bytes",
    wasm: moduleOf([1, 0x80, 0x80, 0x80, 0x80, 0x80, 0]),
    at: 9,
  },
  {
    code: "WASM_INTEGER_TOO_LARGE",
    what: "a section size of 33 bits",
    wasm: moduleOf([1, 0x80, 0x80, 0x80, 0x80, 0x10]),
    at: 9,
  },
  { code: "WASM_SECTION_ID", what: "section 14", wasm: moduleOf([14, 0]), at: 8 },
  {
    code: "WASM_SECTION_ORDER",
    what: "types twice",
    wasm: moduleOf(typeSection, typeSection),
    at: 14,
  },
  {
    code: "WASM_SECTION_ORDER",
    what: "exports before functions",
    wasm: moduleOf(section(7, [0]), section(3, [0])),
    at: 11,
  },
  {
    code: "WASM_SECTION_SIZE",
    what: "a byte left in a section",
    wasm: moduleOf([1, 2, 0, 0]),
    at: 11,
  },
  {
    code: "WASM_UTF8",
    what: "an overlong name",
    wasm: moduleOf(section(0, [2, 0xc0, 0x80])),
    at: 10,
  },
  {
    code: "WASM_UTF8",
    what: "a surrogate",
    wasm: moduleOf(section(0, [3, 0xed, 0xa0, 0x80])),
    at: 10,
  },
  {
    code: "WASM_BODY_COUNT",
    what: "functions without code",
    wasm: moduleWith({ types, functions: [0] }),
    at: (wasm) => wasm.length,
  },
  {
    code: "WASM_BODY_COUNT",
    what: "more bodies than functions",
    wasm: mainModule([], { bodies: [body([]), body([])] }),
    at: inSection(10, 0),
  },
  { code: "WASM_TYPE_FORM", what: "form 0x40", wasm: moduleOf(section(1, [1, 0x40])), at: 11 },
  {
    code: "WASM_GC_REFUSED",
    what: "a struct type",
    wasm: moduleOf(section(1, [1, 0x5f, 0])),
    at: 11,
  },
  {
    code: "WASM_VALUE_TYPE",
    what: "type 0x11",
    wasm: moduleOf(section(1, [1, 0x60, 1, 0x11, 0])),
    at: 13,
  },
  {
    code: "WASM_FLOAT_REFUSED",
    what: "a parameter f32",
    wasm: moduleOf(section(1, [1, 0x60, 1, 0x7d, 0])),
    at: 13,
  },
  {
    code: "WASM_SIMD_REFUSED",
    what: "a parameter v128",
    wasm: moduleOf(section(1, [1, 0x60, 1, 0x7b, 0])),
    at: 13,
  },
  {
    code: "WASM_REFERENCE_TYPES_REFUSED",
    what: "a parameter externref",
    wasm: moduleOf(section(1, [1, 0x60, 1, 0x6f, 0])),
    at: 13,
  },
  {
    code: "WASM_EXCEPTIONS_REFUSED",
    what: "a parameter exnref",
    wasm: moduleOf(section(1, [1, 0x60, 1, 0x69, 0])),
    at: 13,
  },
  {
    code: "WASM_MULTI_VALUE_REFUSED",
    what: "two results",
    wasm: moduleWith({ types: [functionType([], [I32, I32])] }),
    at: inSection(1, 3),
  },
  {
    code: "WASM_TYPE_INDEX",
    what: "a function of type 9",
    wasm: moduleWith({ types, functions: [9] }),
    at: inSection(3, 1),
  },
  {
    code: "WASM_LIMITS_FLAG",
    what: "memory flag 8",
    wasm: moduleWith({ memories: [[8, 1]] }),
    at: inSection(5, 1),
  },
  {
    code: "WASM_LIMITS_FLAG",
    what: "table flag 8",
    wasm: moduleWith({ tables: [[0x70, 8, 1]] }),
    at: inSection(4, 2),
  },
  {
    code: "WASM_MEMORY64_REFUSED",
    what: "a 64-bit memory",
    wasm: moduleWith({ memories: [[4, 1]] }),
    at: inSection(5, 1),
  },
  {
    code: "WASM_SHARED_MEMORY_REFUSED",
    what: "a shared memory",
    wasm: moduleWith({ memories: [[3, 1, 1]] }),
    at: inSection(5, 1),
  },
  {
    code: "WASM_MULTI_MEMORY_REFUSED",
    what: "two memories",
    wasm: moduleWith({
      memories: [
        [0, 1],
        [0, 1],
      ],
    }),
    at: inSection(5, 0),
  },
  {
    code: "WASM_MULTI_TABLE_REFUSED",
    what: "two tables",
    wasm: moduleWith({
      tables: [
        [0x70, 0, 1],
        [0x70, 0, 1],
      ],
    }),
    at: inSection(4, 0),
  },
  {
    code: "WASM_REFERENCE_TYPES_REFUSED",
    what: "a table of externref",
    wasm: moduleWith({ tables: [[0x6f, 0, 1]] }),
    at: inSection(4, 1),
  },
  {
    code: "WASM_VALUE_TYPE",
    what: "a table of i32",
    wasm: moduleWith({ tables: [[I32, 0, 1]] }),
    at: inSection(4, 1),
  },
  {
    code: "WASM_LIMITS_ORDER",
    what: "a memory of 2 to 1 pages",
    wasm: moduleWith({ memories: [[1, 2, 1]] }),
    at: inSection(5, 2),
  },
  {
    code: "WASM_LIMITS_ORDER",
    what: "a table of 2 to 1 entries",
    wasm: moduleWith({ tables: [[0x70, 1, 2, 1]] }),
    at: inSection(4, 3),
  },
  {
    code: "WASM_MUTABILITY",
    what: "mutability 2",
    wasm: moduleWith({ globals: [[I32, 2, 0x41, 0, 0x0b]] }),
    at: inSection(6, 2),
  },
  {
    code: "WASM_CONST_EXPRESSION",
    what: "a computed global",
    wasm: moduleWith({ globals: [[I32, 0, 0x41, 0, 0x45, 0x0b]] }),
    at: inSection(6, 5),
  },
  {
    code: "WASM_CONST_EXPRESSION",
    what: "a global of another global",
    wasm: moduleWith({ globals: [[I32, 0, 0x23, 0, 0x0b]] }),
    at: inSection(6, 3),
  },
  {
    code: "WASM_TYPE_MISMATCH",
    what: "an i64 constant for an i32 global",
    wasm: moduleWith({ globals: [[I32, 0, 0x42, 0, 0x0b]] }),
    at: inSection(6, 3),
  },
  {
    code: "WASM_FLOAT_REFUSED",
    what: "a global f64",
    wasm: moduleWith({ globals: [[0x7c, 0, 0x44]] }),
    at: inSection(6, 1),
  },
  {
    code: "WASM_EXTERNAL_KIND",
    what: "an export of kind 5",
    wasm: moduleWith({ exports: [[...name("x"), 5, 0]] }),
    at: inSection(7, 3),
  },
  {
    code: "WASM_EXTERNAL_KIND",
    what: "an import of kind 5",
    wasm: importing(host("input", [5, 0])),
    at: inSection(2, 11),
  },
  {
    code: "WASM_EXPORT_DUPLICATE",
    what: "main twice",
    wasm: mainModule([], {
      exports: [
        [...MAIN, 0],
        [...MAIN, 0],
      ],
    }),
    at: inSection(7, 8),
  },
  {
    code: "WASM_EXPORT_RESERVED",
    what: "an export named plasma:enter",
    wasm: mainModule([], {
      exports: [
        [...MAIN, 0],
        [...name("plasma:enter"), 0, 0],
      ],
    }),
    at: inSection(7, 8),
  },
  {
    code: "WASM_EXPORT_RESERVED",
    what: "an export named plasma: and nothing more",
    wasm: mainModule([], {
      exports: [
        [...MAIN, 0],
        [...name("plasma:"), 0, 0],
      ],
    }),
    at: inSection(7, 8),
  },
  {
    code: "WASM_FUNCTION_INDEX",
    what: "an export of function 1",
    wasm: mainModule([], { exports: [[...MAIN, 1]] }),
    at: inSection(7, 7),
  },
  {
    code: "WASM_TABLE_INDEX",
    what: "an export of no table",
    wasm: moduleWith({ exports: [[...name("x"), 1, 0]] }),
    at: inSection(7, 4),
  },
  {
    code: "WASM_MEMORY_INDEX",
    what: "an export of no memory",
    wasm: moduleWith({ exports: [[...name("x"), 2, 0]] }),
    at: inSection(7, 4),
  },
  {
    code: "WASM_GLOBAL_INDEX",
    what: "an export of no global",
    wasm: moduleWith({ exports: [[...name("x"), 3, 0]] }),
    at: inSection(7, 4),
  },
  {
    code: "WASM_EXCEPTIONS_REFUSED",
    what: "an export of a tag",
    wasm: moduleWith({ exports: [[...name("x"), 4, 0]] }),
    at: inSection(7, 3),
  },
  {
    code: "WASM_EXCEPTIONS_REFUSED",
    what: "a tag section",
    wasm: moduleOf(section(13, [0])),
    at: 8,
  },
  { code: "WASM_START_REFUSED", what: "a start section", wasm: moduleOf(section(8, [0])), at: 8 },
  {
    code: "WASM_SEGMENT_FORM",
    what: "element form 8",
    wasm: mainModule([], { ...table, elements: [[8]] }),
    at: inSection(9, 1),
  },
  {
    code: "WASM_SEGMENT_FORM",
    what: "data form 3",
    wasm: mainModule([], { ...memory, data: [[3]] }),
    at: inSection(11, 1),
  },
  {
    code: "WASM_PASSIVE_SEGMENT_REFUSED",
    what: "passive elements",
    wasm: mainModule([], { ...table, elements: [[1, 0, 0]] }),
    at: inSection(9, 1),
  },
  {
    code: "WASM_PASSIVE_SEGMENT_REFUSED",
    what: "passive data",
    wasm: mainModule([], { ...memory, data: [[1, 0]] }),
    at: inSection(11, 1),
  },
  {
    code: "WASM_REFERENCE_TYPES_REFUSED",
    what: "elements of expressions",
    wasm: mainModule([], { ...table, elements: [[4, 0x41, 0, 0x0b, 0]] }),
    at: inSection(9, 1),
  },
  {
    code: "WASM_MULTI_MEMORY_REFUSED",
    what: "data for a named memory",
    wasm: mainModule([], { ...memory, data: [[2, 0]] }),
    at: inSection(11, 1),
  },
  {
    code: "WASM_TABLE_INDEX",
    what: "elements without a table",
    wasm: mainModule([], { elements: [[0, 0x41, 0, 0x0b, 0]] }),
    at: inSection(9, 1),
  },
  {
    code: "WASM_MEMORY_INDEX",
    what: "data without a memory",
    wasm: mainModule([], { data: [[0, 0x41, 0, 0x0b, 0]] }),
    at: inSection(11, 1),
  },
  {
    code: "WASM_FUNCTION_INDEX",
    what: "function 5 in a table",
    wasm: mainModule([], { ...table, elements: [[0, 0x41, 0, 0x0b, 1, 5]] }),
    at: inSection(9, 6),
  },
  {
    code: "WASM_ELEMENT_BOUNDS",
    what: "elements behind the table",
    wasm: mainModule([], { ...table, elements: [[0, 0x41, 1, 0x0b, 1, 0]] }),
    at: inSection(9, 1),
  },
  {
    code: "WASM_DATA_BOUNDS",
    what: "data behind the memory",
    wasm: mainModule([], { ...memory, data: [[0, 0x41, 0x80, 0x80, 0x04, 0x0b, 1, 0]] }),
    at: inSection(11, 1),
  },
  {
    code: "WASM_DATA_BOUNDS",
    what: "empty data at −1",
    wasm: mainModule([], { ...memory, data: [[0, 0x41, 0x7f, 0x0b, 0]] }),
    at: inSection(11, 1),
  },
  {
    code: "WASM_DATA_COUNT",
    what: "a data count of another number",
    wasm: moduleOf(section(5, [1, 0, 1]), section(12, [2]), section(11, [1, 0, 0x41, 0, 0x0b, 0])),
    at: inSection(11, 0),
  },
  {
    code: "WASM_DATA_COUNT",
    what: "a data count without data",
    wasm: moduleOf(section(12, [1])),
    at: 11,
  },
  {
    code: "WASM_IMPORT_UNKNOWN",
    what: "env.nothing",
    wasm: importing(host("nothing", [0, 0])),
    at: inSection(2, 1),
  },
  {
    code: "WASM_IMPORT_UNKNOWN",
    what: "input of another module",
    wasm: importing(host("input", [0, 0], "sys")),
    at: inSection(2, 1),
  },
  {
    code: "WASM_IMPORT_SIGNATURE",
    what: "input without parameters",
    wasm: importing(host("input", [0, 0])),
    at: inSection(2, 1),
  },
  {
    code: "WASM_IMPORT_SIGNATURE",
    what: "context with an i64",
    wasm: importing(host("context", [0, 0]), [functionType([I64], [])]),
    at: inSection(2, 1),
  },
  {
    code: "WASM_IMPORT_NOT_ALLOWED",
    what: "log",
    wasm: importing(host("log", [0, 3]), [...types, functionType([I32, I32], [])]),
    at: inSection(2, 1),
  },
  {
    code: "WASM_IMPORT_TABLE",
    what: "a table",
    wasm: importing(host("t", [1, 0x70, 0, 1])),
    at: inSection(2, 1),
  },
  {
    code: "WASM_IMPORT_MEMORY",
    what: "a memory",
    wasm: importing(host("memory", [2, 0, 1])),
    at: inSection(2, 1),
  },
  {
    code: "WASM_IMPORT_GLOBAL",
    what: "a global",
    wasm: importing(host("g", [3, I32, 0])),
    at: inSection(2, 1),
  },
  {
    code: "WASM_EXCEPTIONS_REFUSED",
    what: "an imported tag",
    wasm: importing(host("e", [4, 0, 0])),
    at: inSection(2, 7),
  },
  { code: "WASM_ENTRY_MISSING", what: "nothing exported", wasm: moduleWith({ types }), at: 0 },
  {
    code: "WASM_ENTRY_TYPE",
    what: "main with a result",
    wasm: mainModule([0x41, 0], { types: [functionType([], [I32])] }),
    at: inSection(7, 1),
  },
  {
    code: "WASM_ENTRY_TYPE",
    what: "a memory called main",
    wasm: mainModule([], { ...memory, exports: [[...name("main"), 2, 0]] }),
    at: inSection(7, 1),
  },
  {
    code: "WASM_ENTRY_TYPE",
    what: "_start with a parameter",
    wasm: mainModule([], {
      types: [functionType([], []), functionType([I32], [])],
      functions: [0, 1],
      bodies: [body([]), body([])],
      exports: [
        [...MAIN, 0],
        [...name("_start"), 0, 1],
      ],
    }),
    at: inSection(7, 8),
  },
];

describe("prepare refuses", () => {
  for (const { code, what, instructions, offset, more, locals } of inBody) {
    it(`${what} in a body with ${code} at its byte`, () => {
      const wasm = mainModule(instructions, more, locals);
      const found = refusal(wasm);
      expect(found.code).toBe(code);
      const byteOffset = instructionsAt(wasm) + offset;
      expect(found.where).toMatchObject({ function: 0, byteOffset });
    });
  }

  for (const { code, what, wasm, at, rules: otherRules } of outside) {
    it(`${what} with ${code} at its byte`, () => {
      const found = refusal(wasm, otherRules);
      expect(found.code).toBe(code);
      expect(found.where.byteOffset).toBe(typeof at === "number" ? at : at(wasm));
      expect(found.where.function).toBeUndefined();
    });
  }

  it("with every code but those of limits, at least once in this file", () => {
    const tested = new Set([...inBody, ...outside].map(({ code }) => code));
    const missing = [...refusalKinds.values()]
      .map(({ code }) => code)
      .filter((code) => !code.startsWith("WASM_LIMIT_") || code === "WASM_LIMITS_ORDER")
      .filter((code) => !tested.has(code));
    expect(missing).toEqual([]);
  });
});

describe("a library", () => {
  it("is prepared without main where no entry is required", () => {
    const { layout } = prepareModule(moduleWith({ types }), rules, { entryRequired: false });
    expect(layout.mainFunction).toBeUndefined();
  });

  it("with a main of another type has no main", () => {
    const wasm = mainModule([0x41, 0], { types: [functionType([], [I32])] });
    const { layout } = prepareModule(wasm, rules, { entryRequired: false });
    expect(layout.mainFunction).toBeUndefined();
  });
});
