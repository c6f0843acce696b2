// Modules that no environment may run: damaged bytes, forged lengths and counts, features outside the
// profile, imports that reach for more than a host call, and bombs for whoever compiles before checking.
import {
  body,
  concat,
  custom,
  F64,
  functionType,
  HEADER,
  I32,
  I64,
  leb,
  MAIN,
  mainModule,
  moduleOf,
  moduleWith,
  name,
  repeat,
  section,
  signed,
} from "./wasm-bytes.mjs";

const MAX = [0xff, 0xff, 0xff, 0xff, 0x0f];
const plain = mainModule([]);
const types = (...list) => ({ types: [functionType([], []), ...list] });
const import_ = (module, field, description) => ({
  imports: [[...name(module), ...name(field), ...description]],
  exports: [[...name("main"), 0, 1]],
});
const memory = (...limits) => ({ memories: [limits] });
const i32 = (value) => [0x41, ...signed(value)];
/** A section of one forged count and nothing else, behind the types. */
const forged = (id, count = MAX) => moduleOf(section(1, [1, 0x60, 0, 0]), section(id, count));
const brTable = (entries) => concat(i32(0), [0x0e], leb(entries), repeat(entries + 1, [0]));
const functionsOf = (count, made) => ({
  functions: Array.from({ length: count }, () => [0]),
  bodies: Array.from({ length: count }, () => made),
});

const damaged = [
  ["empty", new Uint8Array(0), "WASM_TRUNCATED"],
  ["magic-alone", HEADER.slice(0, 4), "WASM_TRUNCATED"],
  ["magic-other", [0x7f, 0x45, 0x4c, 0x46, 1, 0, 0, 0], "WASM_MAGIC"],
  ["version-2", [...HEADER.slice(0, 4), 2, 0, 0, 0], "WASM_VERSION"],
  ["component", [...HEADER.slice(0, 4), 0x0d, 0, 1, 0], "WASM_VERSION"],
  ["no-sections", HEADER, "WASM_ENTRY_MISSING"],
  ["cut-in-section-size", [...HEADER, 1, 0x80], "WASM_TRUNCATED"],
  ["cut-in-body", plain.slice(0, -1), "WASM_TRUNCATED"],
  ["cut-in-name", plain.slice(0, 24), "WASM_TRUNCATED"],
  ["trailing-bytes", concat(plain, [0xde, 0xad]), "WASM_TRUNCATED"],
  ["section-twice", concat(plain, section(10, [0])), "WASM_SECTION_ORDER"],
  ["section-unknown", concat(plain, section(99, [])), "WASM_SECTION_ID"],
  ["section-too-long", moduleOf([1, 5, 1, 0x60, 0, 0, 0]), "WASM_SECTION_SIZE"],
  ["integer-too-long", moduleOf([1, 0x84, 0x80, 0x80, 0x80, 0x80, 0]), "WASM_INTEGER_TOO_LONG"],
  ["integer-too-large", moduleOf([1, 0x84, 0x80, 0x80, 0x80, 0x70]), "WASM_INTEGER_TOO_LARGE"],
  [
    "integer-sign-bits",
    mainModule([0x41, 0xff, 0xff, 0xff, 0xff, 0x4f, 0x1a]),
    "WASM_INTEGER_TOO_LARGE",
  ],
  ["utf8-in-export", mainModule([], { exports: [[2, 0xc3, 0x28, 0, 0], MAIN] }), "WASM_UTF8"],
  ["utf8-surrogate", mainModule([], { exports: [[3, 0xed, 0xa0, 0x80, 0, 0], MAIN] }), "WASM_UTF8"],
  ["utf8-in-custom", concat(plain, section(0, [1, 0xff])), "WASM_UTF8"],
  [
    "body-missing",
    moduleWith({
      types: [functionType([], [])],
      functions: [[0], [0]],
      exports: [MAIN],
      bodies: [body([])],
    }),
    "WASM_BODY_COUNT",
  ],
  ["body-longer-than-said", mainModule([], { bodies: [[2, 0, 0x01, 0x0b]] }), "WASM_TRUNCATED"],
  [
    "body-shorter-than-said",
    mainModule([], { bodies: [[4, 0, 0x0b, 0x01, 0x0b]] }),
    "WASM_BODY_SIZE",
  ],
  ["opcode-none", mainModule([0x27]), "WASM_OPCODE"],
];

const forgeries = [
  ["forged-section-size", moduleOf([1, ...MAX]), "WASM_TRUNCATED"],
  ["forged-custom-size", concat(plain, [0, ...MAX]), "WASM_TRUNCATED"],
  ["forged-name-length", concat(plain, section(0, MAX)), "WASM_TRUNCATED"],
  ["forged-type-count", moduleOf(section(1, MAX)), "WASM_LIMIT_TYPES"],
  ["forged-import-count", forged(2), "WASM_LIMIT_IMPORTS"],
  ["forged-function-count", forged(3), "WASM_LIMIT_FUNCTIONS"],
  ["forged-table-count", forged(4), "WASM_TRUNCATED"],
  ["forged-memory-count", forged(5), "WASM_TRUNCATED"],
  ["forged-global-count", forged(6), "WASM_LIMIT_GLOBALS"],
  ["forged-export-count", forged(7), "WASM_LIMIT_EXPORTS"],
  ["forged-element-count", forged(9), "WASM_TRUNCATED"],
  ["forged-body-count", forged(10), "WASM_BODY_COUNT"],
  ["forged-data-count", forged(11), "WASM_LIMIT_DATA_SEGMENTS"],
  ["forged-body-size", mainModule([], { bodies: [MAX] }), "WASM_TRUNCATED"],
  [
    "forged-locals-sum",
    mainModule([], {}, [
      [0xffffffff, I32],
      [0xffffffff, I32],
    ]),
    "WASM_LIMIT_LOCALS",
  ],
  ["forged-br-table", mainModule([...i32(0), 0x0e, ...MAX, 0]), "WASM_LIMIT_BR_TABLE"],
  [
    "forged-data-length",
    mainModule([], { ...memory(0, 1), data: [[0, 0x41, 0, 0x0b, ...MAX]] }),
    "WASM_TRUNCATED",
  ],
];

const profile = [
  ["float-parameter", mainModule([], types(functionType([F64], []))), "WASM_FLOAT_REFUSED"],
  [
    "float-instruction",
    mainModule([0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f, 0x1a]),
    "WASM_FLOAT_REFUSED",
  ],
  ["float-local", mainModule([], {}, [[1, F64]]), "WASM_FLOAT_REFUSED"],
  ["simd", mainModule([0xfd, 0x0c, ...new Array(16).fill(0), 0x1a]), "WASM_SIMD_REFUSED"],
  [
    "threads",
    mainModule([...i32(0), 0xfe, 0x10, 2, 0, 0x1a], memory(0, 1)),
    "WASM_THREADS_REFUSED",
  ],
  ["shared-memory", mainModule([], memory(3, 1, 1)), "WASM_SHARED_MEMORY_REFUSED"],
  [
    "exceptions-tag",
    concat(plain.slice(0, 18), section(13, [1, 0, 0]), plain.slice(18)),
    "WASM_EXCEPTIONS_REFUSED",
  ],
  ["exceptions-try", mainModule([0x06, 0x40, 0x19, 0x0b]), "WASM_EXCEPTIONS_REFUSED"],
  ["tail-call", mainModule([0x12, 0]), "WASM_TAIL_CALL_REFUSED"],
  ["multi-value", mainModule([], types(functionType([], [I32, I64]))), "WASM_MULTI_VALUE_REFUSED"],
  ["externref", mainModule([], types(functionType([0x6f], []))), "WASM_REFERENCE_TYPES_REFUSED"],
  ["gc-struct", mainModule([], types([0x5f, 0])), "WASM_GC_REFUSED"],
  ["memory64", mainModule([], memory(5, 1, 1)), "WASM_MEMORY64_REFUSED"],
  [
    "two-memories",
    mainModule([], {
      memories: [
        [1, 1, 1],
        [1, 1, 1],
      ],
    }),
    "WASM_MULTI_MEMORY_REFUSED",
  ],
  [
    "two-tables",
    mainModule([], {
      tables: [
        [0x70, 0, 1],
        [0x70, 0, 1],
      ],
    }),
    "WASM_MULTI_TABLE_REFUSED",
  ],
  [
    "start-section",
    moduleOf(
      section(1, [1, 0x60, 0, 0]),
      section(3, [1, 0]),
      section(7, [1, ...MAIN]),
      section(8, [0]),
      section(10, [1, 2, 0, 0x0b]),
    ),
    "WASM_START_REFUSED",
  ],
  [
    "passive-data",
    mainModule([], { ...memory(0, 1), data: [[1, 1, 7]] }),
    "WASM_PASSIVE_SEGMENT_REFUSED",
  ],
  [
    "table-grow",
    mainModule([0xd0, 0x70, ...i32(1), 0xfc, 0x0f, 0, 0x1a], { tables: [[0x70, 0, 1]] }),
    "WASM_REFERENCE_TYPES_REFUSED",
  ],
  [
    "table-copy",
    mainModule([...i32(0), ...i32(0), ...i32(0), 0xfc, 0x0e, 0, 0], { tables: [[0x70, 0, 1]] }),
    "WASM_TABLE_BULK_REFUSED",
  ],
];

const reaching = [
  ["import-unknown", mainModule([], import_("env", "clock", [0, 0])), "WASM_IMPORT_UNKNOWN"],
  [
    "import-wasi",
    mainModule([], import_("wasi_snapshot_preview1", "random_get", [0, 0])),
    "WASM_IMPORT_UNKNOWN",
  ],
  ["import-prototype", mainModule([], import_("env", "__proto__", [0, 0])), "WASM_IMPORT_UNKNOWN"],
  [
    "import-constructor",
    mainModule([], import_("constructor", "constructor", [0, 0])),
    "WASM_IMPORT_UNKNOWN",
  ],
  [
    "import-log",
    mainModule([], { ...types(functionType([I32, I32], [])), ...import_("env", "log", [0, 1]) }),
    "WASM_IMPORT_NOT_ALLOWED",
  ],
  ["import-signature", mainModule([], import_("env", "input", [0, 0])), "WASM_IMPORT_SIGNATURE"],
  [
    "import-memory",
    mainModule([], { ...import_("env", "memory", [2, 0, 1]), exports: [MAIN] }),
    "WASM_IMPORT_MEMORY",
  ],
  [
    "import-table",
    mainModule([], { ...import_("env", "table", [1, 0x70, 0, 1]), exports: [MAIN] }),
    "WASM_IMPORT_TABLE",
  ],
  [
    "import-global",
    mainModule([], { ...import_("env", "gas", [3, I64, 1]), exports: [MAIN] }),
    "WASM_IMPORT_GLOBAL",
  ],
  ["memory-too-large", mainModule([], memory(1, 0, ...leb(65_536))), "WASM_LIMIT_PAGES"],
  ["memory-initial-4-billion", mainModule([], memory(0, ...MAX)), "WASM_LIMIT_PAGES"],
  ["memory-maximum-below-initial", mainModule([], memory(1, 2, 1)), "WASM_LIMITS_ORDER"],
  ["table-4-billion", mainModule([], { tables: [[0x70, 0, ...MAX]] }), "WASM_LIMIT_TABLE"],
  [
    "data-outside",
    mainModule([], { ...memory(0, 1), data: [[0, ...i32(-1), 0x0b, 1, 7]] }),
    "WASM_DATA_BOUNDS",
  ],
  [
    "element-outside",
    mainModule([], { tables: [[0x70, 0, 1]], elements: [[0, ...i32(1), 0x0b, 1, 0]] }),
    "WASM_ELEMENT_BOUNDS",
  ],
  ["main-with-parameters", mainModule([], { types: [functionType([I32], [])] }), "WASM_ENTRY_TYPE"],
  ["export-twice", mainModule([], { exports: [MAIN, MAIN] }), "WASM_EXPORT_DUPLICATE"],
  [
    "export-reserved",
    mainModule([], { exports: [MAIN, [...name("plasma:enter"), 0, 0]] }),
    "WASM_EXPORT_RESERVED",
  ],
];

const invalid = [
  ["stack-underflow", mainModule([0x1a]), "WASM_STACK_UNDERFLOW"],
  ["type-mismatch", mainModule([0x42, 0, ...i32(0), 0x6a, 0x1a]), "WASM_TYPE_MISMATCH"],
  ["label-outside", mainModule([0x0c, ...MAX]), "WASM_LABEL_INDEX"],
  ["local-outside", mainModule([0x20, ...MAX, 0x1a]), "WASM_LOCAL_INDEX"],
  ["function-outside", mainModule([0x10, ...MAX]), "WASM_FUNCTION_INDEX"],
  [
    "global-set-immutable",
    mainModule([...i32(0), 0x24, 0], { globals: [[I32, 0, 0x41, 0, 0x0b]] }),
    "WASM_GLOBAL_IMMUTABLE",
  ],
];

const bombs = [
  ["bomb-locals", mainModule([], {}, [[50_000, I64]]), "WASM_LIMIT_LOCALS"],
  [
    "bomb-locals-total",
    mainModule([], functionsOf(100, body([], [[250, I64]]))),
    "WASM_LIMIT_LOCALS_TOTAL",
  ],
  [
    "bomb-nesting",
    mainModule(concat(repeat(600, [0x02, 0x40]), repeat(600, [0x0b]))),
    "WASM_LIMIT_NESTING",
  ],
  ["bomb-instructions", mainModule(repeat(20_000, [0x01])), "WASM_LIMIT_BODY_INSTRUCTIONS"],
  ["bomb-br-table", mainModule(brTable(2_000)), "WASM_LIMIT_BR_TABLE"],
  [
    "bomb-br-table-total",
    mainModule([], functionsOf(10, body(brTable(1_000)))),
    "WASM_LIMIT_BR_TABLE_TOTAL",
  ],
  ["bomb-functions", mainModule([], functionsOf(5_000, [2, 0, 0x0b])), "WASM_LIMIT_FUNCTIONS"],
  [
    "bomb-parameters",
    mainModule([], types(functionType(new Array(1_000).fill(I64), []))),
    "WASM_LIMIT_PARAMS",
  ],
];

/** `loops` nested loops around code that changes all `locals`; each may go on. */
const nestedLoops = (loops, locals) =>
  concat(
    repeat(loops, [0x03, 0x40]),
    ...Array.from({ length: locals }, (_, i) => [0x20, ...leb((i + 1) % locals), 0x21, ...leb(i)]),
    repeat(loops, [0x20, 0, 0x0d, 0, 0x0b]),
  );

/** As above, with a branch from behind each loop to the outermost one. */
const branchesOutOfLoops = (loops, locals) =>
  concat(
    repeat(loops, [0x03, 0x40]),
    ...Array.from({ length: loops }, (_, i) => [
      ...[0x20, ...leb((i + 1) % locals), 0x21, ...leb(i % locals)],
      ...[0x20, ...leb(i % locals), 0x0d, ...leb(loops - 1 - i), 0x0b],
    ]),
  );

/** Each took V8's optimising compiler seconds, and the baseline compiler milliseconds. */
const mergeBombs = [
  ["bomb-loops-locals", mainModule(nestedLoops(250, 250), {}, [[250, I32]])],
  ["bomb-branches-out-of-loops", mainModule(branchesOutOfLoops(250, 60), {}, [[60, I32]])],
].map(([title, bytes]) => [title, bytes, "WASM_LIMIT_MERGES"]);

/** Too large to commit; written when the tests run. */
const large = [
  ["bomb-br-table-65k", () => mainModule(brTable(65_000)), "WASM_LIMIT_BR_TABLE"],
  [
    "bomb-ten-br-tables-65k",
    () => mainModule([], functionsOf(10, body(brTable(65_000)))),
    "WASM_LIMIT_BYTES",
  ],
  [
    "bomb-100k-blocks",
    () => mainModule(concat(repeat(85_000, [0x02, 0x40]), repeat(85_000, [0x0b]))),
    "WASM_LIMIT_BODY_BYTES",
  ],
  [
    "bomb-2m-instructions",
    () => mainModule(repeat(2_000_000, [...i32(1), 0x1a])),
    "WASM_LIMIT_BYTES",
  ],
  [
    "bomb-5m-sections",
    () => concat(plain, custom("zeros", []), repeat(5_000_000, [0, 1, 0])),
    "WASM_LIMIT_BYTES",
  ],
  [
    "bomb-20-functions-of-loops",
    () => mainModule([], functionsOf(20, body(nestedLoops(500, 250), [[250, I32]]))),
    "WASM_LIMIT_MERGES",
  ],
  [
    "bomb-4000-loops",
    () => mainModule(repeat(4_000, [0x03, 0x40, ...i32(0), 0x0d, 0, 0x0b])),
    "WASM_LIMIT_MERGES",
  ],
  ["too-large-to-read", () => new Uint8Array(16 * 1_048_576 + 1), "FILE_TOO_LARGE"],
];

const checked = ([title, bytes, code], generated = false) => ({
  name: `wasm/${title}`,
  files: { [`wasm/${title}.wasm`]: bytes },
  args: ["check", `wasm/${title}.wasm`],
  exit: 1,
  code,
  generated,
});

export const wasmCases = [
  ...[damaged, forgeries, profile, reaching, invalid, bombs, mergeBombs]
    .flat()
    .map((row) => checked(row)),
  ...large.map((row) => checked(row, true)),
];

export { plain as plainModule };
