// The host calls stand in five places: the page, the raw imports of contracts, prepare's table, the names
// in the rules room, and the sandbox. One test reads them all and compares names, numbers, signatures
// and what is charged by unit.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hostCallNames, hostCallsWithoutUnit } from "../../host/rules/host-call-names.ts";
import { HostCalls } from "../../host/sandbox/host-calls.ts";

interface HostCallRow {
  readonly number: number;
  readonly name: string;
  readonly params: readonly string[];
  readonly results: number;
}

const read = (path: string): string => readFileSync(path, "utf8");
const names = (list: string): string[] => (list === "" ? [] : list.split(/,\s*/));

interface PageRow extends HostCallRow {
  /** The parameter that is charged by unit and log2 of the unit. */
  readonly charged: readonly [param: string, shift: number] | undefined;
}

/** Rows such as: | 5 | `storage_open(keyPtr) -> i32` | – | … | */
function pageRows(): PageRow[] {
  const row = /^\|\s*(\d+)\s*\|\s*`(\w+)\(([^)]*)\)( -> i32)?`\s*\|\s*([^|]*?)\s*\|/gm;
  return [...read("docs/host-calls.md").matchAll(row)].map((match) => {
    const [, number, name, params, result, charge] = match as unknown as string[];
    const [by, unit] = names(charge as string);
    return {
      number: Number(number),
      name: name as string,
      params: names(params as string),
      results: result === undefined ? 0 : 1,
      charged: unit === undefined ? undefined : [by as string, Math.log2(Number(unit))],
    };
  });
}

const page = pageRows();
const signatures: HostCallRow[] = page.map(({ charged: _, ...row }) => row);

describe("the tables of host calls", () => {
  it("finds every row of the page", () => {
    expect(page.map(({ number }) => number)).toEqual(Array.from({ length: 19 }, (_, i) => i + 1));
  });

  it("are the same in assembly/env.ts, down to the names of parameters", () => {
    const declaration = /export declare function (\w+)\(([^)]*)\): (\w+);/g;
    const declared = [...read("assembly/env.ts").matchAll(declaration)].map((match, i) => {
      const [, name, params, result] = match as unknown as string[];
      const types = names(
        (params as string)
          .replace(/\s+/g, " ")
          .replace(/,?\s*$/, "")
          .trim(),
      );
      for (const type of types) expect(type).toMatch(/: (usize|u32|i32)$/);
      return {
        number: page[i]?.number ?? 0,
        name: name as string,
        params: types.map((type) => type.replace(/:.*/, "")),
        results: result === "void" ? 0 : 1,
      };
    });
    expect(declared).toEqual(signatures);
  });

  it("are the same in prepare, with what is charged by unit", () => {
    const row = /row\((\d+), "(\w+)", (\d+), (\d+), (\w+), (\d+)\)/g;
    const prepared = [...read("assembly/prepare/host-calls.ts").matchAll(row)].map((match) => {
      const [, number, name, params, results, unitsParam, shift] = match as unknown as string[];
      return { number, name, params, results, unitsParam, shift };
    });
    expect(prepared).toEqual(
      page.map(({ number, name, params, results, charged }) => ({
        number: String(number),
        name,
        params: String(params.length),
        results: String(results),
        unitsParam: charged === undefined ? "NO_UNITS" : String(params.indexOf(charged[0])),
        shift: String(charged?.[1] ?? 0),
      })),
    );
  });

  it("are the same in the rules room", () => {
    expect(hostCallNames).toEqual(page.map(({ name }) => name));
    for (const { name, charged } of page) {
      expect([name, (hostCallsWithoutUnit as ReadonlySet<string>).has(name)]).toEqual([
        name,
        charged === undefined,
      ]);
    }
  });

  it("are the same in the sandbox, whose imports have nothing else", () => {
    const { imports } = new HostCalls();
    expect(Object.keys(imports)).toEqual(["env"]);
    expect(Object.getPrototypeOf(imports)).toBeNull();
    const env = imports.env as Record<string, (...args: number[]) => number>;
    expect(Object.getPrototypeOf(env)).toBeNull();
    expect(Object.entries(env).map(([name, call]) => [name, call.length])).toEqual(
      page.map(({ name, params }) => [name, params.length]),
    );
  });
});
