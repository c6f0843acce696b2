// Parsing of scenarios: what is accepted, and that every refusal names its JSON path and a fix.
import { describe, expect, it } from "vitest";
import { parseScenario } from "../../../cli/scenario/parse-scenario.ts";
import { EngineError } from "../../../host/errors.ts";

const minimal = { rules: "payments", seed: "s", accounts: { alice: {}, bob: {} }, blocks: [] };
const transfer = { from: "alice", to: "bob", value: "1" };
const parse = (json: unknown) => parseScenario(JSON.stringify(json));
const withEntry = (entry: unknown) => ({ ...minimal, blocks: [{ transactions: [entry] }] });
const withBlocks = (...blocks: unknown[]) => ({ ...minimal, blocks });

function refusal(json: unknown): EngineError {
  try {
    parse(json);
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  expect.fail("accepted");
}
const first = "blocks[0].transactions[0]";

describe("a scenario", () => {
  it("gives accounts with balances, blocks with times and entries of every kind", () => {
    const scenario = parse({
      $schema: "x",
      ...minimal,
      accounts: { alice: { balance: "1000" }, bob: {} },
      blocks: [
        {
          time: "17",
          transactions: [
            { from: "alice", deploy: "c.wasm", args: ["1"], as: "c", gasLimit: "5", price: "2" },
            { from: "bob", to: "c", call: "go", args: [], nonce: "7" },
            { from: "bob", to: "c", input: "0x0102", value: "3" },
            { from: "bob", to: `0x${"AB".repeat(20)}`, value: "3" },
            { raw: "0xff", expect: { outcome: "skipped", code: "decode" } },
          ],
        },
      ],
    });
    expect([...scenario.accounts]).toEqual([
      ["alice", 1000n],
      ["bob", 0n],
    ]);
    const [block] = scenario.blocks;
    expect(block!.time).toBe(17n);
    expect(block!.transactions.map((entry) => entry.kind)).toEqual([
      "deploy",
      "call",
      "send",
      "send",
      "raw",
    ]);
    expect(block!.transactions[0]).toMatchObject({ as: "c", gasLimit: 5n, price: 2n, value: 0n });
    expect(block!.transactions[1]).toMatchObject({
      method: "go",
      nonce: 7n,
      path: "blocks[0].transactions[1]",
    });
    expect(block!.transactions[3]).toMatchObject({ to: `0x${"ab".repeat(20)}` });
    expect(block!.transactions[4]).toMatchObject({ bytes: Uint8Array.of(255) });
  });

  it("takes rules as a preset, an object or a file", () => {
    expect(parse(minimal).rules).toHaveProperty("semantics", 0);
    expect(
      parse({ ...minimal, rules: { preset: "general", gas: { perBlock: "200000000" } } }).rules,
    ).toMatchObject({
      gas: { perBlock: 200_000_000n },
    });
    expect(parse({ ...minimal, rules: "my.rules.json" }).rules).toEqual({ file: "my.rules.json" });
  });

  it("takes other rules for a block, in any of these forms", () => {
    const { blocks } = parse(
      withBlocks(
        { transactions: [] },
        { rules: "general", transactions: [] },
        { rules: { preset: "payments", fees: { priceMin: "3" } }, transactions: [] },
        { rules: "later.rules.json", transactions: [] },
      ),
    );
    expect(blocks.map(({ rules }) => rules)).toMatchObject([
      undefined,
      { module: { pages: 256 } },
      { fees: { priceMin: 3n } },
      { file: "later.rules.json" },
    ]);
  });

  it("takes an expectation of output as success and of an error as revert", () => {
    const read = (expectation: unknown) =>
      parse(withEntry({ ...transfer, expect: expectation })).blocks[0]!.transactions[0]!.expect;
    expect(read({ output: "5" })).toEqual({ outcome: "success", output: "5" });
    expect(read({ error: "no" })).toEqual({ outcome: "revert", error: "no" });
    expect(read({})).toEqual({});
  });

  it("lets the producer send, and blocks have equal or no times", () => {
    const blocks = [
      { time: "5", transactions: [] },
      { transactions: [] },
      { time: "5", transactions: [] },
    ];
    expect(parse(withBlocks(...blocks)).blocks).toHaveLength(3);
    expect(parse(withEntry({ ...transfer, from: "producer" })).blocks).toHaveLength(1);
  });
});

describe("a refused scenario", () => {
  const cases: [title: string, json: unknown, code: string, field: string][] = [
    ["another JSON value", [1], "SCENARIO_TYPE", ""],
    ["no seed", { ...minimal, seed: undefined }, "SCENARIO_FIELD_MISSING", "seed"],
    ["an empty seed", { ...minimal, seed: "" }, "SCENARIO_RANGE", "seed"],
    ["a seed of 257 characters", { ...minimal, seed: "s".repeat(257) }, "SCENARIO_RANGE", "seed"],
    ["an unknown field", { ...minimal, acounts: {} }, "SCENARIO_FIELD_UNKNOWN", "acounts"],
    ["an unknown preset", { ...minimal, rules: "payment" }, "RULES_PRESET_UNKNOWN", "rules"],
    [
      "a wrong rule",
      { ...minimal, rules: { preset: "general", gaz: 1 } },
      "RULES_FIELD_UNKNOWN",
      "rules.gaz",
    ],
    [
      "a balance as number",
      { ...minimal, accounts: { a: { balance: 5 } } },
      "SCENARIO_TYPE",
      "accounts.a.balance",
    ],
    [
      "a negative balance",
      { ...minimal, accounts: { a: { balance: "-5" } } },
      "SCENARIO_TYPE",
      "accounts.a.balance",
    ],
    [
      "a balance of 2^128",
      { ...minimal, accounts: { a: { balance: String(2n ** 128n) } } },
      "SCENARIO_RANGE",
      "accounts.a.balance",
    ],
    [
      "balances that sum to 2^128",
      {
        ...minimal,
        accounts: { a: { balance: String(2n ** 127n) }, b: { balance: String(2n ** 127n) } },
      },
      "SCENARIO_RANGE",
      "accounts.b.balance",
    ],
    [
      "a name that is none",
      { ...minimal, accounts: { "1a": {} } },
      "SCENARIO_NAME_INVALID",
      "accounts",
    ],
    [
      "a time that goes back",
      withBlocks(
        { time: "5", transactions: [] },
        { transactions: [] },
        { time: "4", transactions: [] },
      ),
      "SCENARIO_TIME",
      "blocks[2].time",
    ],
    [
      "rules of a block that are none",
      withBlocks({ rules: { preset: "payments", fees: { priceMin: 3 } }, transactions: [] }),
      "RULES_TYPE",
      "blocks[0].rules.fees.priceMin",
    ],
    [
      "a preset of a block that is none",
      withBlocks({ transactions: [] }, { rules: "paymens", transactions: [] }),
      "RULES_PRESET_UNKNOWN",
      "blocks[1].rules",
    ],
    [
      "a time as number",
      withBlocks({ time: 5, transactions: [] }),
      "SCENARIO_TYPE",
      "blocks[0].time",
    ],
    [
      "a block without transactions",
      withBlocks({}),
      "SCENARIO_FIELD_MISSING",
      "blocks[0].transactions",
    ],
    [
      "an unknown sender",
      withEntry({ ...transfer, from: "alise" }),
      "SCENARIO_NAME_UNKNOWN",
      `${first}.from`,
    ],
    [
      "a contract before its deployment",
      withEntry({ from: "alice", to: "token", call: "x" }),
      "SCENARIO_NAME_UNKNOWN",
      `${first}.to`,
    ],
    [
      "an address that is too short",
      withEntry({ from: "alice", to: "0x12" }),
      "SCENARIO_NAME_UNKNOWN",
      `${first}.to`,
    ],
    ["a transaction of no kind", withEntry({ from: "alice" }), "SCENARIO_FIELD_MISSING", first],
    [
      "fields of two kinds",
      withEntry({ from: "alice", deploy: "a.wasm", to: "bob" }),
      "SCENARIO_FIELD_CONFLICT",
      `${first}.to`,
    ],
    [
      "a raw entry with a sender",
      withEntry({ raw: "0x", from: "alice" }),
      "SCENARIO_FIELD_CONFLICT",
      `${first}.from`,
    ],
    [
      "args and input",
      withEntry({ from: "alice", deploy: "a.wasm", args: [], input: "0x" }),
      "SCENARIO_FIELD_CONFLICT",
      `${first}.input`,
    ],
    [
      "a contract with an account's name",
      withEntry({ from: "alice", deploy: "a.wasm", as: "bob" }),
      "SCENARIO_NAME_TAKEN",
      `${first}.as`,
    ],
    ["odd hex", withEntry({ raw: "0x1" }), "SCENARIO_TYPE", `${first}.raw`],
    [
      "a long raw entry",
      withEntry({ raw: `0x${"00".repeat(1_048_577)}` }),
      "SCENARIO_RANGE",
      `${first}.raw`,
    ],
    [
      "a short signature",
      withEntry({ ...transfer, signature: "0x00" }),
      "SCENARIO_RANGE",
      `${first}.signature`,
    ],
    [
      "a gas limit of 2^48",
      withEntry({ ...transfer, gasLimit: String(2n ** 48n) }),
      "SCENARIO_RANGE",
      `${first}.gasLimit`,
    ],
    [
      "args that are no list",
      withEntry({ from: "alice", to: "bob", call: "x", args: {} }),
      "SCENARIO_TYPE",
      `${first}.args`,
    ],
    [
      "an unknown outcome",
      withEntry({ ...transfer, expect: { outcome: "fine" } }),
      "SCENARIO_RANGE",
      `${first}.expect.outcome`,
    ],
    [
      "a code without an outcome",
      withEntry({ ...transfer, expect: { code: "nonce" } }),
      "SCENARIO_FIELD_MISSING",
      `${first}.expect.outcome`,
    ],
    [
      "a code of another outcome",
      withEntry({ ...transfer, expect: { outcome: "trap", code: "nonce" } }),
      "SCENARIO_RANGE",
      `${first}.expect.code`,
    ],
    [
      "an output of a revert",
      withEntry({ ...transfer, expect: { outcome: "revert", output: 1 } }),
      "SCENARIO_FIELD_CONFLICT",
      `${first}.expect`,
    ],
  ];
  it.each(cases)("with %s names the code and the JSON path", (_title, json, code, field) => {
    const { code: got, where } = refusal(json);
    expect({ code: got, field: where.field }).toEqual({ code, field });
  });

  it("that is no JSON says so", () => {
    expect(() => parseScenario("{")).toThrow(expect.objectContaining({ code: "SCENARIO_SYNTAX" }));
  });

  it("suggests what was probably meant", () => {
    expect(refusal({ ...minimal, acounts: {} }).hint).toContain("accounts");
    expect(refusal(withEntry({ ...transfer, from: "alise" })).hint).toContain("alice");
    expect(refusal(withEntry({ ...transfer, to: "@bob" })).hint).toContain('write "bob"');
    expect(refusal({ ...minimal, accounts: { a: { balance: 5 } } }).hint).toContain('"5"');
  });

  it("with a name twice in one object says which and on what line", () => {
    const text = JSON.stringify(minimal).replace('"bob":{}', '"bob":{},\n "alice" :{}');
    expect(() => parseScenario(text)).toThrow('line 2: got the name "alice" twice in one object');
    // The same name in two objects, as a value, and in a string with quotes, is no repetition.
    const fine = { ...minimal, seed: '"seed":', accounts: { seed: {}, rules: {} } };
    expect(parse(fine).accounts.size).toBe(2);
  });

  it("that nests over 64 deep says so, and brackets in strings do not count", () => {
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const text = (args: string) =>
      JSON.stringify(withEntry({ from: "alice", to: "bob", call: "x", args: 0 })).replace(
        '"args":0',
        `"args":${args}`,
      );
    // The arguments are inside document, blocks, block, transactions and transaction.
    expect(parseScenario(text(nested(59))).blocks).toHaveLength(1);
    const tooDeep = expect.objectContaining({ code: "SCENARIO_SYNTAX" });
    expect(() => parseScenario(text(nested(60)))).toThrow(tooDeep);
    expect(() => parseScenario(nested(2_000_000))).toThrow(tooDeep);
    const quoted = JSON.stringify([`${"[".repeat(100)}"\\`]);
    expect(parseScenario(text(quoted)).blocks).toHaveLength(1);
  });
});
