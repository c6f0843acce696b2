// Functions of a source text by their lines, and what hostile maps and texts come to: nothing, at once.
import { describe, expect, it } from "vitest";
import { functionsByLine, SourceLines } from "../../../host/trace/source-lines.ts";

/** Line numbers by the function that they are in. */
function linesOf(text: string): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  functionsByLine(text).forEach((name, line) => {
    if (name === undefined) return;
    found[name] ??= [];
    found[name].push(line);
  });
  return found;
}

describe("functions in a source text", () => {
  it("are named with their classes", () => {
    const text = [
      "// if (a) { b() }",
      "export function twice<T>(value: T): T {",
      "  if (value > 1) {",
      "    return value;",
      "  }",
      "  return inner();",
      "  function inner(): T { return value }",
      "}",
      "@contract",
      "export class Vault extends Base<u32> {",
      "  constructor(public a: u32 = 1) {",
      "    super();",
      "  }",
      "  @call({ reentrant: true }) take(amount: u64): u64 {",
      "    for (;;) { break; }",
      '    return "{" + `}` + \'"\'; /* { */',
      "  }",
      "}",
    ].join("\n");
    expect(linesOf(text)).toEqual({
      twice: [2, 3, 4, 5, 6, 8],
      inner: [7],
      "Vault.constructor": [11, 12, 13],
      "Vault.take": [14, 15, 16, 17],
    });
  });

  it("need not be complete", () => {
    expect(linesOf("}}}} function f() { ")).toEqual({ f: [1] });
    expect(linesOf("} function f() { } }")).toEqual({ f: [1] });
  });

  it("are told from declarations that the build writes code for", () => {
    const text = [
      'import { Value } from "plasmavm/assembly";',
      "@contract export class Vault { total: Value<u64>;",
      "  @call take(a: u64): void { this.total.set(a); } }",
      "@remote abstract class Other { abstract go(): void; }",
    ].join("\n");
    // One segment for each place: generated column, source, line and column as differences.
    const columns: readonly [line: number, column: number][] = [
      [0, 0],
      [1, 23],
      [1, 31],
      [2, 8],
      [2, 29],
      [3, 23],
      [3, 40],
    ];
    const map = { version: 3, sources: ["vault.ts"], sourcesContent: [text], names: [] };
    const segments = [columns.map(([line, column], i) => [i * 10, 0, line, column])];
    const lines = SourceLines.read(JSON.stringify({ ...map, mappings: segments }))!;
    const found = columns.map((_, i) => lines.place(i * 10)?.generatedFor);
    expect(found).toEqual(["import", "Vault", "total", undefined, undefined, "Other", "go"]);
    expect(lines.methodPlace("Vault", "take")).toBe("vault.ts:3:9");
    expect(lines.methodPlace("Vault", "give")).toBeUndefined();
  });

  it("are found in linear time, whatever the text", () => {
    const hostile = ["/*", '"', "`", "'", "{", "(", "a(", "f() {", "a<", "a ".repeat(50)];
    for (const piece of hostile) {
      expect(Array.isArray(functionsByLine(piece.repeat(400_000 / piece.length)))).toBe(true);
    }
  });
});

describe("a source map", () => {
  it("that cannot be read is none", () => {
    for (const json of ["", "{", "null", "5", '{"version":2}', '{"version":3}']) {
      expect(SourceLines.read(json)?.place(3)).toBeUndefined();
    }
  });

  it("gives path, line and column from 1, and the function there", () => {
    // Columns 0, 4, 9 of the one line map to lines 1, 3, 3 of the first source.
    const lines = SourceLines.read(
      JSON.stringify({
        version: 3,
        sources: ["a.ts"],
        sourcesContent: ["let a = 1;\nfunction f(): void {\n  a = 2;\n}\n"],
        names: [],
        mappings: "AAAA,IAEE,KAAA",
      }),
    );
    expect(lines?.place(2)).toEqual({ source: "a.ts:1:1", functionName: undefined });
    expect(lines?.place(4)).toEqual({ source: "a.ts:3:3", functionName: "f" });
    expect(lines?.place(99)).toEqual({ source: "a.ts:3:3", functionName: "f" });
  });
});
