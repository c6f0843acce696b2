// What authors bring from other languages and SDKs: what asc or the build says, the line that it underlines, and
// what to write instead. Beside mistakes.test.ts, which is about decorators and types of the border.
import { describe, expect, it } from "vitest";
import { checkModule } from "../../../cli/module-check.ts";
import { checkCompilerVersion } from "../../../host/contract/compiler.ts";
import { EngineError } from "../../../host/errors.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import { build, contractAfter, refusal } from "./contract-source.ts";

const head =
  'import { Address, ctx, emit, require, StorageMap, u128, Value } from "plasmavm/assembly";\n';
const contract = contractAfter(head);

interface Mistake {
  readonly what: string;
  readonly source: string;
  /** Text that the code frame underlines, from its beginning. */
  readonly at: string;
  readonly says: string;
  /** What to write instead: a line of its own, or the rest of what is said. */
  readonly fix: string;
}

const refused: readonly Mistake[] = [
  {
    what: "a closure",
    source: contract("@call f(): u32 { let x: u32 = 1; const g = (): u32 => x; return g(); }"),
    at: "x",
    says: "Not implemented: Closures",
    fix: "fix: give the function what it needs as arguments",
  },
  {
    what: "an exception",
    source: contract("@call f(): void { try { ctx.caller; } catch (e) {} }"),
    at: "try { ctx.caller; } catch (e) {}",
    says: "Not implemented: Exceptions",
    fix: "fix: a call that fails reverts whole",
  },
  {
    what: "for-of",
    source: contract("@call f(a: u32[]): void { for (const x of a) {} }"),
    at: "for (const x of a) {}",
    says: "Not implemented: Iterators",
    fix: "fix: count instead: for (let i = 0;",
  },
  {
    what: "a union",
    source: contract("@call f(): void { let x: u32 | string = 1; }"),
    at: "string",
    says: "Not implemented: union types",
    fix: "fix: use one type, a @struct with a kind",
  },
  {
    what: "a regex",
    source: contract("@call f(s: string): bool { return /a/.test(s); }"),
    at: "/a/",
    says: "Not implemented: Regular expressions",
    fix: "fix: compare characters",
  },
  {
    what: "JSON",
    source: contract("@call f(s: string): string { return JSON.stringify(s); }"),
    at: "JSON",
    says: "Cannot find name 'JSON'",
    fix: "fix: return a @struct",
  },
  {
    what: "any",
    source: contract("@call f(a: any): void {}"),
    at: "any",
    says: "Cannot find name 'any'",
    fix: "fix: write the type out",
  },
  {
    what: "number",
    source: contract("@call f(a: number): void {}"),
    at: "number",
    says: "number cannot be an argument",
    fix: "fix: number is a float here; use u64, i64 or u128",
  },
  {
    what: "a BigInt literal",
    source: contract("@call f(): u64 { return 10n; }"),
    at: "^",
    says: "An identifier or keyword cannot immediately follow a numeric literal",
    fix: "fix: leave the n out; wide numbers are u128.from(10)",
  },
  {
    what: "an object literal",
    source: contract("@call f(): void { const o = { a: 1 }; }"),
    at: "{ a: 1 }",
    says: "Type '<object>' is not assignable",
    fix: "fix: declare a class and use new",
  },
  {
    what: "an operator of a wide number",
    source: contract("@call f(a: u128): u128 { return a - a; }"),
    at: "a - a",
    says: "Operator '-' cannot be applied",
    fix: "fix: u128 has methods, which revert where the result does not fit: a.sub(b)",
  },
  {
    what: "an access of what may be null",
    source: contract("@call f(): u32 { const s: string | null = null; return s.length; }"),
    at: "s",
    says: "| null' is not assignable to type",
    fix: "fix: test it first: if (!value)",
  },
  {
    what: "a conversion that cuts",
    source: contract("@call f(a: u64): u32 { return a; }"),
    at: "a",
    says: "Conversion from type 'u64' to 'u32' requires an explicit cast",
    fix: "fix: <u32>value cuts a u64 that does not fit; check it before",
  },
  {
    what: "a missing import",
    source: contract("list: StorageList<u32>;"),
    at: "StorageList",
    says: "Cannot find name 'StorageList'",
    fix: 'fix: import { StorageList } from "plasmavm/assembly"',
  },
  {
    what: "a wrong package name",
    source: contract("").replace("plasmavm/assembly", "plasma/assembly"),
    at: '"plasma/assembly"',
    says: "File '~lib/plasma/assembly.ts' not found",
    fix: 'fix: contracts import the SDK from "plasmavm/assembly"',
  },
  {
    what: "a package without its subpath",
    source: contract("").replace("plasmavm/assembly", "plasmavm"),
    at: '"plasmavm"',
    says: "File '~lib/plasmavm.ts' not found",
    fix: 'fix: contracts import the SDK from "plasmavm/assembly"',
  },
  {
    what: "storage in a local",
    source: contract("@call f(): void { const v = new Value<u64>(); v.set(1); }"),
    at: "new Value<u64>()",
    says: "storage is not made",
    fix: "declare a field of the contract instead: name: Value<…>",
  },
  {
    what: "a map in a local",
    source: contract("@call f(): void { const m = new StorageMap<u32, u32>(); m.set(1, 2); }"),
    at: "new StorageMap<u32, u32>()",
    says: "storage is not made",
    fix: "declare a field of the contract instead: name: StorageMap<…>",
  },
  {
    what: "a view that writes",
    source: contract("count: Value<u64>;\n@view f(): u64 { this.count.set(1); return 1; }"),
    at: "this.count.set(1)",
    says: "f is a @view and cannot write",
    fix: "declare it @call, or leave this out",
  },
  {
    what: "a view that writes through a helper",
    source: contract(
      "m: StorageMap<Address, u64>;\n@view f(): void { this.help(); }\nprivate help(): void { this.m.entry(ctx.caller).remove(); }",
    ),
    at: "this.m.entry(ctx.caller).remove()",
    says: "f is a @view and cannot write",
    fix: "declare it @call, or leave this out",
  },
  {
    what: "a view that emits",
    source: contract(
      "@view f(): void { emit(new E(1)); }",
      "@event class E { constructor(public a: u8) {} }",
    ),
    at: "emit(new E(1))",
    says: "f is a @view and cannot emit",
    fix: "declare it @call, or leave this out",
  },
  {
    what: "Math.random",
    source: contract("@call f(): u64 { return <u64>(Math.random() * 5); }"),
    at: "Math.random",
    says: "Math.random does not exist in a contract",
    fix: "derive numbers from a committed seed",
  },
  {
    what: "Math",
    source: contract("@call f(a: u64): u64 { return <u64>Math.floor(<f64>a); }"),
    at: "Math.floor",
    says: "Math.floor does not exist in a contract",
    fix: "use integers, or Fixed from plasmavm/assembly",
  },
  {
    what: "Date.now",
    source: contract("@call f(): u64 { return <u64>Date.now(); }"),
    at: "Date.now",
    says: "Date.now does not exist in a contract",
    fix: "ctx.time is the time of the block in seconds",
  },
  {
    what: "console",
    source: contract('@call f(): void { console.log("hi"); }'),
    at: "console.log",
    says: "console.log does not exist in a contract",
    fix: "emit an event",
  },
  {
    what: "parseInt",
    source: contract("@call f(s: string): u64 { return <u64>parseInt(s); }"),
    at: "parseInt(s)",
    says: "parseInt does not exist in a contract",
    fix: "take a number as argument",
  },
];

const warned: readonly Mistake[] = [
  {
    what: "a raw sum of a balance",
    source: contract(
      "balances: StorageMap<Address, u64>;\n@call f(a: u64): void { this.balances.set(ctx.caller, this.balances.get(ctx.caller) + a); }",
    ),
    at: "this.balances.get(ctx.caller) + a",
    says: "this wraps around in silence",
    fix: "use checked.add, sub or mul, or u128",
  },
  {
    what: "a cast that cuts an argument",
    source: contract("@call f(a: u64): u32 { return <u32>a; }"),
    at: "<u32>a",
    says: "a u64 that does not fit u32 loses its upper bits",
    fix: 'check it before: require(a <= u32.MAX_VALUE, "too large")',
  },
  {
    what: "a cast that cuts what is stored",
    source: contract(
      "m: StorageMap<Address, u32>;\n@call f(): u8 { return this.m.get(ctx.caller) as u8; }",
    ),
    at: "this.m.get(ctx.caller) as u8",
    says: "a u32 that does not fit u8 loses its upper bits",
    fix: "check it before: require(this.m.get(ctx.caller) <= u8.MAX_VALUE",
  },
  {
    what: "an event without fields",
    source: contract("@call f(): void { emit(new E()); }", "@event class E {}"),
    at: "E",
    says: "E has no fields: it tells only that it happened",
    fix: "say who and what: constructor(public by: Address) {}",
  },
  {
    what: "an init without its decorator",
    source: contract("count: Value<u64>;\ninit(): void { this.count.set(1); }"),
    at: "init",
    says: "nothing calls init",
    fix: "write @init before it, and it runs once",
  },
  {
    what: "an init that anyone can call",
    source: contract("@call init(): void {}"),
    at: "init",
    says: "anyone can call init, at any time",
    fix: "@init runs once, when it is deployed",
  },
];

function expectFrame(told: string, { at, says, fix }: Mistake): void {
  expect(told).toContain(says);
  expect(told).toContain(fix);
  const frame = told.slice(told.indexOf(says));
  const [, line = "", indent = "", marks = ""] =
    /\n +\d+ │ (.*)\n +│ ( *)([~^]+)/.exec(frame) ?? [];
  const underlined = marks === "^" ? "^" : line.slice(indent.length, indent.length + marks.length);
  expect(underlined.trimEnd()).toBe(at);
  expect(frame.indexOf(fix)).toBeGreaterThanOrEqual(0);
}

describe("what other languages have is told with its line and what to write instead", () => {
  it.each(refused)("$what", async (mistake) => {
    expectFrame(await refusal(mistake.source), mistake);
  });
});

describe("what is likely a mistake is warned of", () => {
  it.each(warned)("$what", async (mistake) => {
    const { warnings } = await build(mistake.source);
    expectFrame(warnings, mistake);
  });

  it("but not the same words where they are harmless", async () => {
    const { warnings } = await build(
      contract(
        `count: Value<u64>;
         balances: StorageMap<Address, u128>;
         @init init(): void { this.setup(); }
         private setup(): void {}
         @call cut(a: u64): u32 { require(a <= u32.MAX_VALUE, "large"); return <u32>a; }
         @view widen(a: u32): u64 { return <u64>a; }
         @call f(a: u64): u64 { this.count.set(this.count.get() + a); return Math.twice(a); }
         @view g(): u128 { const list: u32[] = []; list.push(1); return this.balances.get(ctx.caller); }`,
        "class Math { static twice(a: u64): u64 { return a * 2; } }",
      ),
    );
    expect(warnings).toBe("");
  });
});

describe("what only the finished module shows", () => {
  it("a float, with its line and what to use", async () => {
    const source = contract("@call f(a: u64): u64 { return <u64>(<f64>a * 0.5); }");
    const { wasm, sourceMap } = await build(source);
    const [first] = checkModule(wasm, presetRules("general"), sourceMap).refusals;
    expect(first).toMatchObject({ code: "WASM_FLOAT_REFUSED" });
    expect(first?.source).toMatch(/^assembly\/test\.ts:5:/);
    expect(first?.hint).toContain("Fixed");
  });
});

describe("another compiler", () => {
  it("than the one that this package pins is refused before it makes other bytes", () => {
    expect(() => checkCompilerVersion("0.28.20")).not.toThrow();
    try {
      checkCompilerVersion("0.27.1");
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      expect(error.code).toBe("BUILD_COMPILER");
      expect(error.message).toContain("got asc 0.27.1, expected 0.28.20");
      return;
    }
    expect.fail("it was accepted");
  });
});
