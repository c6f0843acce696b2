// Rules documents and settings that are refused: not JSON, of wrong types, with numbers that no field
// takes, keys that would set a prototype, nesting that overflows a careless walk, and sheer size.

/** JSON nested `depth` times through `open` and `close`. */
export const nested = (depth, open = "[", close = "]") => open.repeat(depth) + close.repeat(depth);
const preset = (fields) => `{"preset":"general",${fields}}`;

const documents = [
  ["empty", "", "RULES_SYNTAX"],
  ["not-json", "{preset: general}", "RULES_SYNTAX"],
  ["cut", '{"preset":"general","gas":{"perBlock":"1', "RULES_SYNTAX"],
  ["nul-bytes", "\0\0\0\0", "RULES_SYNTAX"],
  [
    "bad-utf8",
    Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d),
    "RULES_FIELD_UNKNOWN",
  ],
  ["nan", preset('"fees":{"priceMin":NaN}'), "RULES_SYNTAX"],
  ["array", "[1,2,3]", "RULES_TYPE"],
  ["null", "null", "RULES_TYPE"],
  ["number", "1e400", "RULES_TYPE"],
  ["name-of-nobody", '"toString"', "RULES_PRESET_UNKNOWN"],
  ["preset-prototype", '{"preset":"__proto__"}', "RULES_PRESET_UNKNOWN"],
  ["preset-object", '{"preset":{"toString":1,"valueOf":1}}', "RULES_PRESET_UNKNOWN"],
  ["nothing", "{}", "RULES_FIELD_MISSING"],
  ["unknown-field", preset('"gasPrice":"1"'), "RULES_FIELD_UNKNOWN"],
  ["key-proto", preset('"__proto__":{"perBlock":"1"}'), "RULES_FIELD_UNKNOWN"],
  [
    "key-constructor",
    preset('"constructor":{"prototype":{"polluted":true}}'),
    "RULES_FIELD_UNKNOWN",
  ],
  ["key-proto-inside", preset('"gas":{"__proto__":{"perBlock":"1"}}'), "RULES_FIELD_UNKNOWN"],
  ["key-twice", '{"preset":"general","preset":"nobody"}', "RULES_PRESET_UNKNOWN"],
  ["group-is-text", preset('"gas":"free"'), "RULES_TYPE"],
  ["group-is-array", preset('"gas":[]'), "RULES_TYPE"],
  ["decimal-is-number", preset('"gas":{"perBlock":1000000}'), "RULES_TYPE"],
  ["decimal-nan", preset('"gas":{"perBlock":"NaN"}'), "RULES_TYPE"],
  ["decimal-infinity", preset('"gas":{"perBlock":"Infinity"}'), "RULES_TYPE"],
  ["decimal-hex", preset('"gas":{"perBlock":"0x10"}'), "RULES_TYPE"],
  ["decimal-negative", preset('"gas":{"perBlock":"-1"}'), "RULES_TYPE"],
  ["decimal-leading-zero", preset('"gas":{"perBlock":"01000000"}'), "RULES_TYPE"],
  ["decimal-unicode-digits", preset('"gas":{"perBlock":"１０００"}'), "RULES_TYPE"],
  ["decimal-too-large", preset('"gas":{"perBlock":"18446744073709551616"}'), "RULES_RANGE"],
  ["decimal-10k-digits", preset(`"gas":{"perBlock":"${"9".repeat(10_000)}"}`), "RULES_TYPE"],
  ["integer-fraction", preset('"block":{"intervalSeconds":1.5}'), "RULES_RANGE"],
  ["integer-negative", preset('"block":{"intervalSeconds":-1}'), "RULES_RANGE"],
  ["integer-1e308", preset('"block":{"intervalSeconds":1e308}'), "RULES_RANGE"],
  ["cost-zero", preset('"gas":{"instructions":{"alu":0}}'), "RULES_RANGE"],
  ["cost-overflow", preset('"gas":{"instructions":{"alu":65536}}'), "RULES_RANGE"],
  [
    "host-calls-almost-free",
    preset('"gas":{"hostCalls":{"storage_set":{"base":199}}}'),
    "RULES_RANGE",
  ],
  ["entry-almost-free", preset('"gas":{"entry":{"base":1}}'), "RULES_RANGE"],
  ["host-call-unknown", preset('"hostCallsAllowed":["fetch"]'), "RULES_HOST_CALL_UNKNOWN"],
  ["host-call-object", preset('"hostCallsAllowed":[{"toString":1}]'), "RULES_HOST_CALL_UNKNOWN"],
  ["host-calls-none", preset('"hostCallsAllowed":[]'), "RULES_HOST_CALL_REQUIRED"],
  ["deployers-junk", preset('"deployers":["0x00"]'), "RULES_TYPE"],
  [
    "deployers-too-many",
    preset(`"deployers":[${new Array(17).fill('"0x1111111111111111111111111111111111111111"')}]`),
    "RULES_RANGE",
  ],
  ["limits-refuse-prepare", preset('"module":{"wasmBytes":1024}'), "RULES_PREPARE_REFUSED"],
  [
    "transaction-over-block",
    preset('"gas":{"perTransaction":"200000000","perBlock":"100000000"}'),
    "RULES_CONFLICT",
  ],
  ["nested-arrays", nested(20_000), "RULES_TYPE"],
  ["nested-objects", nested(5_000, '{"gas":', "}").replace(":}", ":1}"), "RULES_FIELD_UNKNOWN"],
  ["nested-value", preset(`"guardian":${nested(20_000)}`), "RULES_TYPE"],
];

const large = [
  ["10-megabytes", () => preset(`"$schema":"${"x".repeat(10 * 1_048_576)}"`), "FILE_TOO_LARGE"],
  [
    "many-fields",
    () =>
      preset(
        new Array(12_000)
          .fill(0)
          .map((_, i) => `"field${i}":${i}`)
          .join(),
      ),
    "RULES_FIELD_UNKNOWN",
  ],
];

const checked = ([title, text, code], generated = false) => ({
  name: `rules/${title}`,
  files: { [`rules/${title}.json`]: text },
  args: ["rules", "check", `rules/${title}.json`],
  exit: 1,
  code,
  generated,
});

/** Settings are read from the folder that a command runs in. */
const configured = ([title, text, code]) => ({
  name: `config/${title}`,
  files: { [`config/${title}/plasma.config.json`]: text },
  cwd: `config/${title}`,
  args: ["config"],
  exit: 1,
  code,
});
const settings = [
  ["not-json", "out = build", "CONFIG_SYNTAX"],
  ["array", "[]", "CONFIG_TYPE"],
  ["null", "null", "CONFIG_TYPE"],
  ["number", '{"out":7}', "CONFIG_TYPE"],
  ["object", '{"rules":{"preset":"general"}}', "CONFIG_TYPE"],
  ["unknown", '{"outt":"build"}', "CONFIG_FIELD_UNKNOWN"],
  ["key-proto", '{"__proto__":{"out":"/"}}', "CONFIG_FIELD_UNKNOWN"],
  ["nested", nested(20_000), "CONFIG_TYPE"],
  ["too-large", `{"out":"${"x".repeat(65_536)}"}`, "FILE_TOO_LARGE"],
];

export const rulesCases = [
  ...documents.map((row) => checked(row)),
  ...large.map((row) => checked(row, true)),
  ...settings.map(configured),
];
