// The TypeScript that `plasma build` writes beside a contract's Wasm: its methods, events, errors and types as
// types, and a value that `world.deploy` takes. Made of the ABI alone, so the same for the same contract. Text
// out; nothing here runs a compiler.
import type { AbiMethod, AbiParameter, ContractAbi } from "../abi/abi.ts";
import { type AbiType, parseAbiType } from "../abi/abi-type.ts";

/** What a test gives and what it gets differ: an account stands for its address, bytes may be an array. */
type Side = "given" | "got";

/**
 * The file `NAME.ts` for a contract.
 * @param source its source, relative to the project
 */
export function contractTypes(abi: ContractAbi, source: string): string {
  const { contract, methods, events, errors } = abi;
  const writer = new TypeWriter(abi);
  const of = (kind: AbiMethod["kind"]): string =>
    block(
      methods
        .filter((method) => method.kind === kind)
        .map(
          (method) =>
            `${method.name}(${writer.parameters(method.params)}): ${writer.result(method)};`,
        ),
    );
  const init = methods.find(({ kind }) => kind === "init")?.params ?? [];
  const fields = (all: readonly { name: string; fields: readonly AbiParameter[] }[]): string =>
    block(all.map((one) => `readonly ${one.name}: ${writer.fields(one.fields, "got")};`));
  const body = [
    `readonly init: readonly [${writer.parameters(init)}];`,
    `readonly calls: ${of("call")};`,
    `readonly views: ${of("view")};`,
    `readonly events: ${fields(events)};`,
    `readonly errors: ${fields(errors)};`,
  ];
  const text = [
    `// Written by plasma build from the ABI of ${source}; edit that, not this.`,
    "",
    `/** Methods, events and errors of ${contract}. */`,
    `export interface ${contract} ${block(body)}`,
    "",
    "/** For world.deploy and world.at of plasmavm/testing. */",
    `export const ${contract}: {`,
    "  readonly contract: string;",
    "  readonly source: string;",
    `  readonly types?: ${contract};`,
    `} = { contract: ${JSON.stringify(contract)}, source: ${JSON.stringify(source)} };`,
    "",
  ];
  return TypeWriter.withImports(text.join("\n"));
}

class TypeWriter {
  readonly #abi: ContractAbi;

  constructor(abi: ContractAbi) {
    this.#abi = abi;
  }

  /** `text` with what it needs of the kit. */
  static withImports(text: string): string {
    if (!/\bAddressLike\b/.test(text)) return text;
    return text.replace("\n", '\nimport type { AddressLike } from "plasmavm/testing";\n');
  }

  parameters(params: readonly AbiParameter[]): string {
    return params
      .map(({ name, type }) => `${identifier(name)}: ${this.#text(type, "given")}`)
      .join(", ");
  }

  result({ returns }: AbiMethod): string {
    return returns === "void" ? "void" : this.#text(returns, "got");
  }

  fields(fields: readonly AbiParameter[], side: Side): string {
    if (fields.length === 0) return "Record<string, never>";
    return `{ ${fields.map(({ name, type }) => `readonly ${name}: ${this.#text(type, side)}`).join("; ")} }`;
  }

  #text(type: string, side: Side): string {
    return typeText(parseAbiType(type, this.#abi.types), side);
  }
}

function typeText(type: AbiType, side: Side): string {
  switch (type.kind) {
    case "bool":
      return "boolean";
    case "string":
      return "string";
    case "integer":
      if (side === "given") return "number | bigint";
      return type.bits <= 32 ? "number" : "bigint";
    case "fixed":
      if (side === "got") return HEX;
      // Only addresses have 20 bytes: the SDK has no Bytes20.
      return type.size === 20 ? "AddressLike" : `${HEX} | Uint8Array`;
    case "bytes":
      return side === "got" ? HEX : `${HEX} | Uint8Array`;
    case "array": {
      const element = typeText(type.element, side);
      return `readonly ${/[ |]/.test(element) ? `(${element})` : element}[]`;
    }
    case "option":
      return `${typeText(type.inner, side)} | null`;
    case "struct": {
      const fields = type.fields.map(
        ({ name, type: inner }) => `readonly ${name}: ${typeText(inner, side)}`,
      );
      return `{ ${fields.join("; ")} }`;
    }
    case "enum":
      return type.variants.map((name) => JSON.stringify(name)).join(" | ");
  }
}

const HEX = "`0x$".concat("{string}`");

/** Words that AssemblyScript lets a parameter be called and TypeScript does not. */
const RESERVED =
  /^(arguments|await|delete|enum|eval|function|in|new|package|private|var|with|yield)$/;
const identifier = (name: string): string => (RESERVED.test(name) ? `${name}_` : name);

function block(lines: readonly string[]): string {
  if (lines.length === 0) return "Record<never, never>";
  return `{\n${lines.flatMap((line) => line.split("\n").map((part) => `  ${part}`)).join("\n")}\n}`;
}
