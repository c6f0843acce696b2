// Modules whose code is harmless and whose `plasma.abi` section is not: `run` reads it to encode calls,
// `inspect` shows it. Also honest ABIs called with hostile arguments.
import { nested } from "./rules-cases.mjs";
import { concat, custom, text } from "./wasm-bytes.mjs";
import { plainModule } from "./wasm-cases.mjs";

const abi = (fields) => ({
  abi: 1,
  contract: "Hostile",
  asc: "0.28.20",
  types: {},
  methods: [],
  events: [],
  errors: [],
  storage: [],
  ...fields,
});
const init = (...types) => ({
  methods: [
    {
      name: "init",
      kind: "init",
      params: types.map((type, i) => ({ name: `p${i}`, type })),
      returns: "void",
    },
  ],
});
const structs = (entries) => ({ types: Object.fromEntries(entries) });
const struct = (...types) => ({ fields: types.map((type, i) => ({ name: `f${i}`, type })) });
/** Each struct holds the next one ten times: 10^15 fields in 2 KB. */
const laughs = Array.from({ length: 16 }, (_, i) => [
  `S${i}`,
  struct(...new Array(10).fill(i === 15 ? "u8" : `S${i + 1}`)),
]);
const document = (fields) => JSON.stringify(abi(fields));

const sections = [
  ["empty", "", "ABI_SYNTAX"],
  ["not-json", "{", "ABI_SYNTAX"],
  ["bad-utf8", Uint8Array.of(0x22, 0xff, 0xff, 0x22), "ABI_SYNTAX"],
  ["null", "null", "ABI_SYNTAX"],
  ["nested", nested(20_000), "ABI_SYNTAX"],
  [
    "version-object",
    document({}).replace('"abi":1', '"abi":{"toString":1,"valueOf":1}'),
    "ABI_SYNTAX",
  ],
  ["version-nested", document({}).replace('"abi":1', `"abi":${nested(20_000)}`), "ABI_SYNTAX"],
  ["unknown-field", document({ evil: true }), "ABI_SYNTAX"],
  ["types-null", document({ types: null }), "ABI_SYNTAX"],
  [
    "types-proto",
    document({}).replace(
      '"types":{}',
      '"types":{"__proto__":{"fields":[{"name":"a","type":"u8"}]}}',
    ),
    "ABI_SYNTAX",
  ],
  ["name-proto", document({ contract: "__proto__" }), "ABI_SYNTAX"],
  ["name-escape", document({ contract: "\u001b[2J" }), "ABI_SYNTAX"],
  ["type-unknown", document(init("f64")), "ABI_SYNTAX"],
  ["type-nested", document(init(`u8${"[]".repeat(100)}`)), "ABI_SYNTAX"],
  ["type-huge-array", document(init("u256[65537]")), "ABI_SYNTAX"],
  [
    "type-cycle",
    document({
      ...structs([
        ["A", struct("B")],
        ["B", struct("A?")],
      ]),
      ...init("A"),
    }),
    "ABI_SYNTAX",
  ],
  ["type-billion-fields", document({ ...structs(laughs), ...init("S0") }), "ABI_ARGUMENT_COUNT"],
  [
    "selector-wrong",
    document({
      methods: [{ name: "a", kind: "call", params: [], returns: "void", selector: "0x00000000" }],
    }),
    "ABI_SYNTAX",
  ],
  [
    "selector-object",
    document({
      methods: [{ name: "a", kind: "call", params: [], returns: "void", selector: "@" }],
    }).replace('"@"', '{"toString":1,"valueOf":1}'),
    "ABI_SYNTAX",
  ],
];

const argumentsOf = [
  ["argument-number", init("u64"), "[1.5]", "ABI_ARGUMENT"],
  ["argument-overflow", init("u64"), '["18446744073709551616"]', "ABI_ARGUMENT"],
  ["argument-10k-digits", init("u256"), `["${"9".repeat(10_000)}"]`, "ABI_ARGUMENT"],
  ["argument-count", init("u64"), "[]", "ABI_ARGUMENT_COUNT"],
  ["argument-hex", init("bytes"), '["0x0g"]', "ABI_ARGUMENT"],
  ["argument-surrogate", init("string"), '["\\ud800"]', "ABI_ARGUMENT"],
  ["argument-name", init("address"), '["@nobody"]', "SCENARIO_NAME_UNKNOWN"],
  ["argument-name-long", init("address"), `["@${"n".repeat(10_000)}"]`, "SCENARIO_NAME_UNKNOWN"],
  [
    "argument-proto",
    { ...structs([["S", struct("u8")]]), ...init("S") },
    '[{"__proto__":{"f0":1}}]',
    "ABI_ARGUMENT",
  ],
  ["argument-nested", init("u8[][][]"), `[${nested(20_000)}]`, "SCENARIO_SYNTAX"],
  ["argument-array-length", init("u8[3]"), "[[1,2]]", "ABI_ARGUMENT"],
];

const scenario = (module, args) =>
  `{"rules":"general","seed":"hostile","accounts":{"alice":{"balance":"1000000000"}},"blocks":[{"transactions":[{"from":"alice","deploy":"${module}.wasm","args":${args}}]}]}`;
const withSection = (content) => {
  const bytes = typeof content === "string" ? text(content) : content;
  return concat(plainModule, custom("plasma.abi", bytes));
};
const run = (title, section, args, code) => ({
  name: `abi/${title}`,
  files: {
    [`abi/${title}.json`]: scenario(title, args),
    [`abi/${title}.wasm`]: withSection(section),
  },
  args: ["run", `abi/${title}.json`, "-o", "out"],
  exit: 1,
  code,
});
/** What cannot be deployed can still be looked at: an ABI that is none is shown as none. */
const inspect = (title, section) => ({
  name: `abi/inspect-${title}`,
  files: { [`abi/inspect-${title}.wasm`]: withSection(section) },
  args: ["inspect", `abi/inspect-${title}.wasm`],
  exit: 0,
  code: null,
});

export const abiCases = [
  ...sections.map(([title, section, code]) => run(title, section, "[]", code)),
  ...argumentsOf.map(([title, fields, args, code]) => run(title, document(fields), args, code)),
  inspect("nested", nested(20_000)),
  inspect("contract-object", '{"contract":{"toString":1,"valueOf":1}}'),
];
