// What authors get wrong, and what they are told: the sentence, the place and asc's code frame. Each source
// is a whole contract with one mistake, marked by the line and column that the diagnostic must point at.
import { describe, expect, it } from "vitest";
import { selectorOf } from "../../../host/abi/signature.ts";
import { build, contractAfter, refusal } from "./contract-source.ts";

const head = 'import { Address, Result, StorageMap, u128, Value } from "plasmavm/assembly";\n';
const contract = contractAfter(head);

interface Mistake {
  readonly what: string;
  readonly source: string;
  /** Text that the code frame underlines first. */
  readonly at: string;
  readonly says: string;
}

const mistakes: readonly Mistake[] = [
  {
    what: "a misspelt class decorator",
    source: `${head}@contrct\nexport class Test {}`,
    at: "@contrct",
    says: "unknown decorator @contrct; did you mean @contract?",
  },
  {
    what: "a misspelt method decorator",
    source: contract("@veiw get(): u32 { return 1; }"),
    at: "@veiw",
    says: "unknown decorator @veiw; did you mean @view?",
  },
  {
    what: "a foreign decorator",
    source: contract("@payable get(): u32 { return 1; }"),
    at: "@payable",
    says: "unknown decorator @payable; known are @contract, @event",
  },
  {
    what: "Test",
    source: `${head}export class Test {}`,
    at: "Test",
    says: "no class with @contract in this file",
  },
  {
    what: "two contracts",
    source: `${contract("")}@contract class Second {}`,
    at: "@contract",
    says: "one file builds one contract; Test is one already",
  },
  {
    what: "a decorator twice",
    source: contract("@view @view get(): u32 { return 1; }"),
    at: "@view",
    says: "@view is given twice",
  },
  {
    what: "two kinds of one method",
    source: contract("@view @call get(): u32 { return 1; }"),
    at: "@call",
    says: "@call cannot stand together with @view",
  },
  {
    what: "a class decorator on a method",
    source: contract("@event get(): u32 { return 1; }"),
    at: "@event",
    says: "@event belongs on a class, not on a method",
  },
  {
    what: "a method decorator on a class",
    source: `${contract("")}@view class Other {}`,
    at: "@view",
    says: "@view belongs on a method, not on a class",
  },
  {
    what: "a method decorator on a field",
    source: contract("@view count: Value<u32>;"),
    at: "@view",
    says: "@view belongs on a method, not on a field",
  },
  {
    what: "a method decorator outside a contract",
    source: `${contract("")}class Other { @view get(): u32 { return 1; } }`,
    at: "@view",
    says: "@view cannot stand in a class without @contract",
  },
  {
    what: "a decorator on a function",
    source: `${contract("")}@call function free(): void {}`,
    at: "@call",
    says: "@call cannot stand here; it belongs on a method of a contract file",
  },
  {
    what: "a decorator on a variable",
    source: `${contract("")}@slot("x") const free: u32 = 1;`,
    at: '@slot("x")',
    says: "@slot cannot stand on a variable",
  },
  {
    what: "a decorator in a namespace",
    source: `${contract("")}namespace Inner { @event class E {} }`,
    at: "@event",
    says: "@event cannot stand inside a namespace",
  },
  {
    what: "arguments of @view",
    source: contract('@view("x") get(): u32 { return 1; }'),
    at: '@view("x")',
    says: "@view takes no arguments",
  },
  {
    what: "arguments of @call",
    source: contract("@call({ reentrance: true }) go(): void {}"),
    at: "{ reentrance: true }",
    says: "@call takes no arguments or { reentrant: true }",
  },
  {
    what: "a second @init",
    source: contract("@init a(): void {}\n@init b(): void {}"),
    at: "@init",
    says: "a contract has one @init",
  },
  {
    what: "a result of @init",
    source: contract("@init a(): u32 { return 1; }"),
    at: "u32",
    says: "@init returns nothing: declare it void",
  },
  {
    what: "a constructor",
    source: contract("constructor() {}"),
    at: "constructor",
    says: "a contract has no constructor",
  },
  {
    what: "a private method",
    source: contract("@call private go(): void {}"),
    at: "go",
    says: "a method with @call cannot be private",
  },
  {
    what: "a static method",
    source: contract("@call static go(): void {}"),
    at: "go",
    says: "a method with @call cannot be static",
  },
  {
    what: "an accessor",
    source: contract("@view get count(): u32 { return 1; }"),
    at: "count",
    says: "a method with @view cannot be an accessor",
  },
  {
    what: "a generic method",
    source: contract("@view get<T>(): u32 { return 1; }"),
    at: "get",
    says: "get cannot be generic",
  },
  {
    what: "a default argument",
    source: contract("@call go(by: u32 = 1): void {}"),
    at: "by: u32 = 1",
    says: "a parameter of a contract method is always given",
  },
  {
    what: "a float argument",
    source: contract("@call go(by: f64): void {}"),
    at: "f64",
    says: "f64 cannot be an argument; the ABI carries bool",
  },
  {
    what: "a usize result",
    source: contract("@view go(): usize { return 1; }"),
    at: "usize",
    says: "usize cannot be a result",
  },
  {
    what: "a class argument",
    source: contract("@call go(by: Other): void {}", "class Other {}"),
    at: "Other",
    says: "Other cannot be an argument",
  },
  {
    what: "a Map argument",
    source: contract("@call go(by: Map<u32, u32>): void {}"),
    at: "Map<u32, u32>",
    says: "Map<u32, u32> cannot be an argument",
  },
  {
    what: "a nullable argument",
    source: contract("@call go(by: string | null): void {}"),
    at: "string | null",
    says: "string | null cannot be an argument",
  },
  {
    what: "an unknown type",
    source: contract("@call go(by: Nothing): void {}"),
    at: "Nothing",
    says: "Cannot find name 'Nothing'",
  },
  {
    what: "a field that is not stored",
    source: contract("count: u32;"),
    at: "u32",
    says: "count would be lost after the call; store it: count: Value<u32>",
  },
  {
    what: "an initialiser of a stored field",
    source: contract("count: Value<u32> = new Value<u32>();"),
    at: "new Value<u32>()",
    says: "count is stored; set it in @init instead",
  },
  {
    what: "a stored type without a codec",
    source: contract("count: Value<f32>;"),
    at: "f32",
    says: "f32 cannot be stored",
  },
  {
    what: "a map key without a codec",
    source: contract("count: StorageMap<Other, u32>;", "class Other {}"),
    at: "Other",
    says: "Other cannot be stored",
  },
  {
    what: "a slot taken twice",
    source: contract('@slot("b") a: Value<u32>;\nb: Value<u32>;'),
    at: "b",
    says: 'slot "b" is taken by field a',
  },
  {
    what: "a slot without a name",
    source: contract("@slot a: Value<u32>;"),
    at: "@slot",
    says: '@slot takes the slot name as one string: @slot("name")',
  },
  {
    what: "an unknown indexed field",
    source: contract("", '@event("frm") class E { constructor(public from: u32) {} }'),
    at: '"frm"',
    says: "frm is not a field of E; its fields are from",
  },
  {
    what: "fields of an event without public",
    source: contract("", "@event class E { constructor(from: u32) {} }"),
    at: "from: u32",
    says: "E has no fields, so this would be lost; write public from",
  },
  {
    what: "four indexed fields",
    source: contract(
      "",
      '@event("a", "b", "c", "d") class E { constructor(public a: u8, public b: u8, public c: u8, public d: u8) {} }',
    ),
    at: '"d"',
    says: "an event has at most three indexed fields",
  },
  {
    what: "an event field without a codec",
    source: contract("", "@event class E { constructor(public a: f64) {} }"),
    at: "f64",
    says: "f64 cannot be a field of an event",
  },
  {
    what: "an error that extends",
    source: contract("", "class Base {}\n@error class E extends Base {}"),
    at: "Base",
    says: "a class with @error cannot extend another class",
  },
  {
    what: "a generic event",
    source: contract("", "@event class E<T> {}"),
    at: "E",
    says: "a class with @event cannot be generic",
  },
  {
    what: "a remote with a body",
    source: contract("", "@remote class R { go(): void {} }"),
    at: "go",
    says: "a @remote class holds abstract methods only",
  },
  {
    what: "a remote result without a codec",
    source: contract("", "@remote abstract class R { abstract go(): f64; }"),
    at: "f64",
    says: "f64 cannot be a result",
  },
  {
    what: "a remote try that returns the bare result",
    source: contract("", "@remote abstract class R { abstract try_go(): u32; }"),
    at: "u32",
    says: "try_go hands a failure to the caller: it returns Result<u32> or Status",
  },
  {
    what: "a word of another SDK",
    source: contract("@payable pay(amount: u32): void {}"),
    at: "@payable",
    says: "unknown decorator @payable; known are @contract",
  },
  {
    what: "a second @upgrade",
    source: contract("@upgrade one(): void {} @upgrade two(): void {}"),
    at: "@upgrade",
    says: "a contract has one @upgrade",
  },
  {
    what: "a slot of a static field",
    source: contract('@slot("x") static count: u32 = 1;'),
    at: '@slot("x")',
    says: "@slot belongs on a field that is not static",
  },
  {
    what: "a slot of another class",
    source: `${contract("")}class Other { @slot("x") count: u32 = 1; }`,
    at: '@slot("x")',
    says: "@slot cannot stand in a class without @contract",
  },
  {
    what: "a reentrant view",
    source: contract("@view({ reentrant: true }) go(): u32 { return 1; }"),
    at: "@view({ reentrant: true })",
    says: "@view takes no arguments",
  },
  {
    what: "a remote try of nothing",
    source: contract("", "@remote abstract class R { abstract go(): Result<f32>; }"),
    at: "f32",
    says: "f32 cannot be a result",
  },
];

describe("a mistake is told where it stands", () => {
  it.each(mistakes)("$what", async ({ source, at, says }) => {
    const told = await refusal(source);
    expect(told).toContain(says);
    const frame = told.slice(told.indexOf(says));
    const underlined = /\n +\d+ │ (.*)\n +│ ( *)(~+)/.exec(frame);
    const [, line = "", indent = "", tildes = ""] = underlined ?? [];
    expect(line.slice(indent.length, indent.length + tildes.length).trimEnd()).toBe(
      at.split("\n")[0],
    );
    expect(frame).toMatch(/└─ in assembly\/test\.ts\(\d+,\d+\)/);
  });

  it("in a file that the contract imports, too", async () => {
    const told = await refusal(contract("", 'import { E } from "./events";'), {
      "assembly/events.ts": "@evnt export class E {}",
    });
    expect(told).toContain("did you mean @event?");
    expect(told).toContain("└─ in assembly/events.ts(1,1)");
  });

  it("tells every mistake of a file at once", async () => {
    const told = await refusal(contract("@veiw a(): void {}\n@cal b(): void {}"));
    expect(told).toContain("did you mean @view?");
    expect(told).toContain("did you mean @call?");
  });

  it("refuses methods whose selectors collide", async () => {
    const [a, b] = collision();
    const told = await refusal(contract(`@call ${a}(): void {}\n@call ${b}(): void {}`));
    expect(told).toMatch(
      new RegExp(`${b} has the same selector 0x[0-9a-f]{8} as ${a}; rename one`),
    );
  });

  it("refuses errors whose selectors collide", async () => {
    const [a, b] = collision();
    const told = await refusal(contract("", `@error class ${a} {}\n@error class ${b} {}`));
    expect(told).toMatch(
      new RegExp(`${b} has the same selector 0x[0-9a-f]{8} as ${a}; rename one`),
    );
  });

  it("accepts decorators of the language and helper methods without any", async () => {
    const { abi } = await build(
      contract(
        `static limit: u32 = 5;
         total: Value<u64>;
         @slot("old") renamed: Value<Amount>;
         @inline private help(): u32 { return Test.limit; }
         @view get(): u32 { return this.help(); }
         @call take(by: Amount): Amount { return by; }`,
        "type Amount = u64;",
      ),
    );
    expect(
      abi.methods.map(({ name, params, returns }) => [name, params[0]?.type, returns]),
    ).toEqual([
      ["get", undefined, "u32"],
      ["take", "u64", "u64"],
    ]);
    expect(abi.storage).toEqual([
      { name: "total", slot: "total", type: "value<u64>" },
      { name: "renamed", slot: "old", type: "value<u64>" },
    ]);
  });

  it("needs no import of the SDK, no @init and no methods", async () => {
    const { abi } = await build("@contract export class Bare {}");
    expect(abi).toMatchObject({
      contract: "Bare",
      methods: [],
      events: [],
      errors: [],
      storage: [],
    });
  });
});

/** The first two names f0, f1, … whose selectors without parameters are equal. */
function collision(): [string, string] {
  const seen = new Map<string, string>();
  for (let i = 0; ; i++) {
    const name = `f${i}`;
    const selector = selectorOf(name, []);
    const other = seen.get(selector);
    if (other !== undefined) return [other, name];
    seen.set(selector, name);
  }
}
