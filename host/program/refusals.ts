// The refusals of prepare as data: number (docs/formats.md section 9), public code, what it says and
// how to fix it. assembly/prepare/refusal.ts has the same numbers (a test compares). Texts may become
// better; numbers and codes are public and stay.
import type { ErrorCode } from "../errors.ts";

/** `text` completes the sentence "module refused: …"; `profile` marks valid Wasm that we do not run. */
export interface RefusalKind {
  readonly code: ErrorCode;
  readonly text: string;
  readonly profile: boolean;
}

const malformed = (code: ErrorCode, text: string): RefusalKind => ({ code, text, profile: false });
const profile = (code: ErrorCode, text: string): RefusalKind => ({ code, text, profile: true });

/** The limits of the prepare rules, in order; refusal 130 + i is limit i. */
export const limitNames = [
  "bytes of the module",
  "functions, imports included",
  "bytes of one body",
  "instructions of one body",
  "nested blocks",
  "entries of one br_table",
  "entries of all br_tables",
  "locals of one function, parameters included",
  "locals of all functions",
  "parameters of one type",
  "types",
  "globals",
  "table entries",
  "data segments",
  "imports",
  "exports",
  "memory pages",
  "merges of locals at branches and loops",
] as const;

const FIRST_LIMIT = 130;

const limitCodes: readonly ErrorCode[] = [
  "WASM_LIMIT_BYTES",
  "WASM_LIMIT_FUNCTIONS",
  "WASM_LIMIT_BODY_BYTES",
  "WASM_LIMIT_BODY_INSTRUCTIONS",
  "WASM_LIMIT_NESTING",
  "WASM_LIMIT_BR_TABLE",
  "WASM_LIMIT_BR_TABLE_TOTAL",
  "WASM_LIMIT_LOCALS",
  "WASM_LIMIT_LOCALS_TOTAL",
  "WASM_LIMIT_PARAMS",
  "WASM_LIMIT_TYPES",
  "WASM_LIMIT_GLOBALS",
  "WASM_LIMIT_TABLE",
  "WASM_LIMIT_DATA_SEGMENTS",
  "WASM_LIMIT_IMPORTS",
  "WASM_LIMIT_EXPORTS",
  "WASM_LIMIT_PAGES",
  "WASM_LIMIT_MERGES",
];

/** Every refusal by its number. */
export const refusalKinds: ReadonlyMap<number, RefusalKind> = new Map<number, RefusalKind>([
  [1, malformed("WASM_PREPARE_RULES", "the prepare rules are absent or malformed")],
  [10, malformed("WASM_MAGIC", "the bytes do not start with \\0asm")],
  [11, malformed("WASM_VERSION", "the binary version is not 1")],
  [12, malformed("WASM_TRUNCATED", "the bytes end too early")],
  [13, malformed("WASM_INTEGER_TOO_LONG", "an integer has too many bytes")],
  [14, malformed("WASM_INTEGER_TOO_LARGE", "an integer sets bits that its type does not have")],
  [15, malformed("WASM_SECTION_ID", "there is no section with this id")],
  [16, malformed("WASM_SECTION_ORDER", "a section stands twice or out of order")],
  [17, malformed("WASM_SECTION_SIZE", "a section's content does not fill its declared size")],
  [18, malformed("WASM_UTF8", "a name is not valid UTF-8")],
  [19, malformed("WASM_BODY_COUNT", "the function and code sections have different counts")],
  [20, malformed("WASM_BODY_SIZE", "a body's end is not where its declared size says")],
  [21, malformed("WASM_TYPE_FORM", "a type is no function type")],
  [22, malformed("WASM_VALUE_TYPE", "the byte is no value type")],
  [23, malformed("WASM_BLOCK_TYPE", "the bytes are no block type")],
  [24, malformed("WASM_OPCODE", "there is no instruction with this opcode")],
  [25, malformed("WASM_LIMITS_FLAG", "the flag of a memory's or table's limits is unknown")],
  [26, malformed("WASM_MUTABILITY", "a global's mutability is neither 0 nor 1")],
  [27, malformed("WASM_EXTERNAL_KIND", "the kind of an import or export is unknown")],
  [28, malformed("WASM_DATA_COUNT", "the data count differs from the data section")],
  [29, malformed("WASM_RESERVED_BYTE", "a reserved byte is not zero")],
  [30, malformed("WASM_SEGMENT_FORM", "the form of a segment is unknown")],
  [31, malformed("WASM_ELSE_WITHOUT_IF", "an else stands outside an if")],
  [40, malformed("WASM_TYPE_INDEX", "there is no type with this index")],
  [41, malformed("WASM_FUNCTION_INDEX", "there is no function with this index")],
  [42, malformed("WASM_LOCAL_INDEX", "there is no local with this index")],
  [43, malformed("WASM_GLOBAL_INDEX", "there is no global with this index")],
  [44, malformed("WASM_LABEL_INDEX", "a branch leaves more blocks than there are")],
  [45, malformed("WASM_TABLE_INDEX", "there is no table with this index")],
  [46, malformed("WASM_MEMORY_INDEX", "there is no memory with this index")],
  [47, malformed("WASM_TYPE_MISMATCH", "an operand has another type than the instruction takes")],
  [48, malformed("WASM_STACK_UNDERFLOW", "an operand is missing")],
  [49, malformed("WASM_STACK_LEFT", "operands are left over at the end of a block")],
  [50, malformed("WASM_IF_WITHOUT_ELSE", "an if with a result has no else")],
  [51, malformed("WASM_ALIGNMENT", "an alignment is larger than the access")],
  [52, malformed("WASM_GLOBAL_IMMUTABLE", "an immutable global is set")],
  [53, malformed("WASM_CONST_EXPRESSION", "an initial value is not one constant")],
  [54, malformed("WASM_EXPORT_DUPLICATE", "two exports have the same name")],
  [55, malformed("WASM_LIMITS_ORDER", "a maximum is less than the initial size")],
  [56, profile("WASM_DATA_BOUNDS", "a data segment does not fit the initial memory")],
  [57, profile("WASM_ELEMENT_BOUNDS", "an element segment does not fit the table")],
  [58, malformed("WASM_BR_TABLE_ARITY", "the labels of a br_table carry different values")],
  [80, profile("WASM_FLOAT_REFUSED", "floating point is not allowed in contracts")],
  [81, profile("WASM_SIMD_REFUSED", "SIMD is not allowed in contracts")],
  [82, profile("WASM_THREADS_REFUSED", "atomic instructions are not allowed in contracts")],
  [83, profile("WASM_REFERENCE_TYPES_REFUSED", "reference types are not allowed in contracts")],
  [84, profile("WASM_TAIL_CALL_REFUSED", "tail calls are not allowed in contracts")],
  [85, profile("WASM_EXCEPTIONS_REFUSED", "exception handling is not allowed in contracts")],
  [86, profile("WASM_MULTI_VALUE_REFUSED", "more than one result is not allowed in contracts")],
  [87, profile("WASM_MEMORY64_REFUSED", "64-bit memories are not allowed in contracts")],
  [88, profile("WASM_MULTI_MEMORY_REFUSED", "a contract has at most one memory")],
  [89, profile("WASM_START_REFUSED", "a start section is not allowed in contracts")],
  [90, profile("WASM_PASSIVE_SEGMENT_REFUSED", "passive segments are not allowed in contracts")],
  [91, profile("WASM_TABLE_BULK_REFUSED", "a contract's table never changes")],
  [92, profile("WASM_SHARED_MEMORY_REFUSED", "shared memories are not allowed in contracts")],
  [93, profile("WASM_MULTI_TABLE_REFUSED", "a contract has at most one table")],
  [94, profile("WASM_GC_REFUSED", "garbage-collected types are not allowed in contracts")],
  [110, profile("WASM_IMPORT_UNKNOWN", "there is no such host call")],
  [111, profile("WASM_IMPORT_SIGNATURE", "a host call is imported with another signature")],
  [112, profile("WASM_IMPORT_NOT_ALLOWED", "the rules do not allow this host call")],
  [113, profile("WASM_IMPORT_TABLE", "a contract imports no table")],
  [114, profile("WASM_IMPORT_MEMORY", "a contract imports no memory")],
  [115, profile("WASM_IMPORT_GLOBAL", "a contract imports no global")],
  [120, profile("WASM_ENTRY_MISSING", "the module exports no function main")],
  [121, profile("WASM_ENTRY_TYPE", "main and _start must be functions without values")],
  [122, profile("WASM_EXPORT_RESERVED", "export names that start with plasma: are reserved")],
  ...limitCodes.map((code, i): [number, RefusalKind] => [
    FIRST_LIMIT + i,
    profile(code, `too many ${limitNames[i]}`),
  ]),
]);
