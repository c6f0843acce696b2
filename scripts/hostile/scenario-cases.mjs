// Scenarios that are refused before anything runs: not JSON, names that nothing defines, amounts beyond
// their width, files that are not there or are no modules, values that break a careless message, size.
import { nested } from "./rules-cases.mjs";
import { concat, mainModule, text } from "./wasm-bytes.mjs";
import { plainModule } from "./wasm-cases.mjs";

const scenario = (fields) =>
  JSON.stringify({
    rules: "payments",
    seed: "hostile",
    accounts: { alice: { balance: "1000000000" }, bob: {} },
    blocks: [],
    ...fields,
  });
/** One block of these transactions; text stands as it is. */
const body = (...transactions) =>
  scenario({ blocks: ["@"] }).replace(
    '"@"',
    `{"transactions":[${transactions.map((entry) => (typeof entry === "string" ? entry : JSON.stringify(entry))).join()}]}`,
  );
const send = (fields) => body({ from: "alice", to: "bob", value: "1", ...fields });
const deploy = (file, fields = {}) => body({ from: "alice", deploy: file, ...fields });
/** JSON text that no JSON.stringify would write. */
const raw = (fields) => scenario({}).replace(/}$/, `,${fields}}`);
const unprintable = '{"toString":1,"valueOf":1}';

const refused = [
  ["empty", "", "SCENARIO_SYNTAX"],
  ["cut", scenario({}).slice(0, -1), "SCENARIO_SYNTAX"],
  ["array", "[]", "SCENARIO_TYPE"],
  ["nothing", "{}", "SCENARIO_FIELD_MISSING"],
  ["nested", nested(20_000), "SCENARIO_SYNTAX"],
  ["unknown-field", raw('"contracts":{}'), "SCENARIO_FIELD_UNKNOWN"],
  ["key-proto", raw('"__proto__":{"seed":"x"}'), "SCENARIO_FIELD_UNKNOWN"],
  ["key-twice", raw('"seed":7'), "SCENARIO_SYNTAX"],
  ["seed-empty", scenario({ seed: "" }), "SCENARIO_RANGE"],
  ["seed-long", scenario({ seed: "x".repeat(257) }), "SCENARIO_RANGE"],
  ["rules-unknown", scenario({ rules: "paymints" }), "RULES_PRESET_UNKNOWN"],
  [
    "rules-field",
    scenario({ rules: { preset: "general", gas: { perBlok: "1" } } }),
    "RULES_FIELD_UNKNOWN",
  ],
  ["rules-absent", scenario({ rules: "../../../../../../no/such/rules.json" }), "FILE_NOT_FOUND"],
  ["rules-folder", scenario({ rules: "../scenarios" }), "FILE_NOT_READABLE"],
  ["rules-nul", scenario({ rules: "./a\0b.json" }), "FILE_NOT_READABLE"],
  ["accounts-array", scenario({ accounts: [] }), "SCENARIO_TYPE"],
  [
    "account-proto",
    scenario({ accounts: JSON.parse('{"__proto__":{}}') }),
    "SCENARIO_NAME_INVALID",
  ],
  ["account-name", scenario({ accounts: { "@alice": {} } }), "SCENARIO_NAME_INVALID"],
  ["balance-number", scenario({ accounts: { alice: { balance: 5 } } }), "SCENARIO_TYPE"],
  ["balance-negative", scenario({ accounts: { alice: { balance: "-5" } } }), "SCENARIO_TYPE"],
  ["balance-exponent", scenario({ accounts: { alice: { balance: "1e9" } } }), "SCENARIO_TYPE"],
  [
    "balance-too-large",
    scenario({ accounts: { alice: { balance: String(2n ** 128n) } } }),
    "SCENARIO_RANGE",
  ],
  [
    "balance-sum-too-large",
    scenario({
      accounts: { a: { balance: String(2n ** 127n) }, b: { balance: String(2n ** 127n) } },
    }),
    "SCENARIO_RANGE",
  ],
  [
    "time-backwards",
    scenario({
      blocks: [
        { time: "9", transactions: [] },
        { time: "8", transactions: [] },
      ],
    }),
    "SCENARIO_TIME",
  ],
  [
    "time-too-large",
    scenario({ blocks: [{ time: String(2n ** 64n), transactions: [] }] }),
    "SCENARIO_RANGE",
  ],
  ["block-null", scenario({ blocks: [null] }), "SCENARIO_TYPE"],
  ["transaction-text", body('"alice"'), "SCENARIO_TYPE"],
  ["transaction-nothing", body({}), "SCENARIO_FIELD_MISSING"],
  ["from-unknown", send({ from: "mallory" }), "SCENARIO_NAME_UNKNOWN"],
  ["from-object", body(`{"from":${unprintable},"to":"bob"}`), "SCENARIO_NAME_UNKNOWN"],
  ["from-nested", body(`{"from":${nested(20_000)},"to":"bob"}`), "SCENARIO_SYNTAX"],
  ["to-unknown", send({ to: "@mallory" }), "SCENARIO_NAME_UNKNOWN"],
  ["to-object", body(`{"from":"alice","to":${unprintable}}`), "SCENARIO_NAME_UNKNOWN"],
  ["to-nested", body(`{"from":"alice","to":${nested(20_000)}}`), "SCENARIO_SYNTAX"],
  ["to-short-address", send({ to: "0x1111" }), "SCENARIO_NAME_UNKNOWN"],
  [
    "as-nested",
    body(`{"from":"alice","deploy":"a.wasm","as":${nested(20_000)}}`),
    "SCENARIO_SYNTAX",
  ],
  ["as-taken", deploy("a.wasm", { as: "bob" }), "SCENARIO_NAME_TAKEN"],
  ["value-overflow", send({ value: String(2n ** 128n) }), "SCENARIO_RANGE"],
  ["value-10k-digits", send({ value: "9".repeat(10_000) }), "SCENARIO_TYPE"],
  ["gas-overflow", send({ gasLimit: String(2n ** 48n) }), "SCENARIO_RANGE"],
  ["nonce-overflow", send({ nonce: String(2n ** 64n) }), "SCENARIO_RANGE"],
  ["input-odd-hex", send({ input: "0x123" }), "SCENARIO_TYPE"],
  ["input-junk-hex", send({ input: "0xzz" }), "SCENARIO_TYPE"],
  ["signature-short", send({ signature: "0x00" }), "SCENARIO_RANGE"],
  ["fields-mixed", send({ deploy: "a.wasm" }), "SCENARIO_FIELD_CONFLICT"],
  ["raw-junk", body({ raw: "junk" }), "SCENARIO_TYPE"],
  ["expect-outcome", send({ expect: { outcome: "failure" } }), "SCENARIO_RANGE"],
  ["expect-code-alone", send({ expect: { code: "nonce" } }), "SCENARIO_FIELD_MISSING"],
  [
    "expect-output-nested",
    body(`{"from":"alice","to":"bob","expect":{"output":${nested(20_000)}}}`),
    "SCENARIO_SYNTAX",
  ],
  ["call-without-abi", send({ call: "transfer", value: undefined }), "SCENARIO_ABI_MISSING"],
  ["deploy-absent", deploy("../../../../../../no/such/module.wasm"), "FILE_NOT_FOUND"],
  ["deploy-folder", deploy("../scenarios"), "FILE_NOT_READABLE"],
  ["deploy-nul", deploy("a\0b.wasm"), "FILE_NOT_FOUND"],
  ["deploy-long-path", deploy("x/".repeat(2_000)), "FILE_NOT_FOUND"],
  ["deploy-source-none", deploy("no-such-contract.ts"), "FILE_NOT_FOUND"],
];

const large = [
  ["raw-too-long", () => body({ raw: `0x${"00".repeat(1_048_577)}` }), "SCENARIO_RANGE"],
  ["10-megabyte-key", () => raw(`"${"k".repeat(10 * 1_048_576)}":1`), "SCENARIO_FIELD_UNKNOWN"],
  [
    "10-megabyte-name",
    () => scenario({ accounts: { ["n".repeat(10 * 1_048_576)]: {} } }),
    "SCENARIO_NAME_INVALID",
  ],
  ["2m-deep", () => nested(2_000_000), "SCENARIO_SYNTAX"],
];

const run = ([title, text, code, exit = 1], generated = false) => ({
  name: `scenarios/${title}`,
  files: { [`scenarios/${title}.json`]: text },
  args: ["run", `scenarios/${title}.json`, "-o", "out"],
  exit,
  code,
  generated,
});

/** Bytes that prepare refuses are an outcome of their deployment, so the run is done and leaves its folder. */
const refusedDeploy = (title, bytes) => ({
  name: `scenarios/${title}`,
  files: {
    [`scenarios/${title}.json`]: deploy(`${title}.wasm`, { expect: { outcome: "revert" } }),
    [`scenarios/${title}.wasm`]: bytes,
  },
  args: ["run", `scenarios/${title}.json`, "-o", "out"],
  leaves: "out",
  exit: 0,
  code: null,
});

export const scenarioCases = [
  ...refused.map((row) => run(row)),
  ...large.map((row) => run(row, true)),
  refusedDeploy("deploy-junk", text("this is no module")),
  refusedDeploy("deploy-refused", concat(plainModule, [99, 0])),
  refusedDeploy("deploy-bomb", mainModule([], {}, [[50_000, 0x7e]])),
];
