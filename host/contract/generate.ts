// The AssemblyScript that the transform adds to a contract: dispatcher, method wrappers, event and error
// encoders, remote calls. Text in, text out; graft.ts turns it into nodes. Generated code only calls
// assembly/runtime/dispatch.ts (as `__plasma`), so the author's names cannot get in its way.

import type { AbiMethod } from "../abi/abi.ts";
import { fromHex, type Hex } from "../codec/hex.ts";

/** The import that every source with generated code gets. */
export const dispatchImport = 'import * as __plasma from "plasmavm/assembly/runtime/dispatch";';

/** Declarations that the contract's file gets before types are known; bodies follow. */
export function contractStubs(methodNames: readonly string[]): string {
  const wrappers = methodNames.map((name) => `function ${wrapperName(name)}(): void {}`);
  return [...wrappers, "export function main(): void {}"].join("\n");
}

export function wrapperName(method: string): string {
  return `__plasma_${method}`;
}

const bytesLiteral = (bytes: Iterable<number>): string => `[${Array.from(bytes).join(",")}]`;

/** Longest piece of a message: its length is one byte, and message.ts has room for one label. */
const PIECE_MAX = 255;

/** `u8 length ‖ text` in static memory, as assembly/runtime/message.ts takes it. */
function textPiece(text: string): string {
  const encoder = new TextEncoder();
  let bytes = encoder.encode(text);
  // Cut between characters: names may be of any length and script.
  for (let at = PIECE_MAX; bytes.length > PIECE_MAX; at--)
    bytes = encoder.encode(`${text.slice(0, at)}…`);
  return `memory.data<u8>(${bytesLiteral([bytes.length, ...bytes])})`;
}

/** A selector as the u32 that its four bytes are in little-endian memory. */
function selectorNumber(selector: Hex): number {
  return new DataView(Uint8Array.from(fromHex(selector, 4)).buffer).getUint32(0, true);
}

/** A type as generated code has it. */
export interface ValueType {
  /** The type that the codec is given, valid in the author's file: as written, or the class of an enum. */
  readonly typeText: string;
  readonly isEnum: boolean;
}

/** One argument or field: how the source names it and its type. */
export interface TypedName extends ValueType {
  readonly name: string;
  /** Encoded bytes of every value of the type, undefined where they vary. */
  readonly size: number | undefined;
}

/** The body of `main`: deployment call or selector dispatch. */
export function dispatcherBody(methods: readonly AbiMethod[]): string {
  const init = methods.find((method) => method.kind === "init");
  const arms = methods
    .filter((method) => method.selector !== undefined)
    .map((method) => {
      const number = selectorNumber(method.selector as Hex);
      return `if (s == ${number}) { ${wrapperName(method.name)}(); return; }`;
    });
  const deploy =
    init === undefined
      ? `__plasma.nameInput(${textPiece("deployment")}); __plasma.closeReader();`
      : `${wrapperName(init.name)}();`;
  return `{
    if (__plasma.begin()) { ${deploy} return; }
    const s = __plasma.selector();
    ${arms.join("\n")}
    __plasma.unknownSelector();
  }`;
}

/** The body of a method's wrapper: read arguments, call, set the output. */
export function wrapperBody(
  contract: string,
  method: AbiMethod,
  params: readonly TypedName[],
  result: ValueType,
): string {
  const label = `${method.name}(${params.map((param) => param.name).join(", ")})`;
  const lines = [`__plasma.nameInput(${textPiece(label)});`];
  if (method.kind === "upgrade") lines.push("__plasma.mustBeSelf();");
  if (method.kind === "view") lines.push("__plasma.enter(2);");
  else if (method.reentrant === true) lines.push("__plasma.enter(1);");
  params.forEach((param, index) => {
    lines.push(`__plasma.nextArgument(${index + 1});`);
    lines.push(`const a${index} = ${readOf(param)};`);
  });
  lines.push("__plasma.closeReader();");
  // A contract has no fields in memory (slots are accessors), so its methods need no object.
  const call = `changetype<${contract}>(0).${method.name}(${params.map((_, index) => `a${index}`).join(", ")})`;
  lines.push(
    method.returns === "void"
      ? `${call};`
      : `__plasma.respond<${result.typeText}>(${encodable(result, call)});`,
  );
  return `{ ${lines.join("\n")} }`;
}

/** `value` as the codec takes it. */
function encodable({ typeText, isEnum }: ValueType, value: string): string {
  return isEnum ? `changetype<${typeText}>(<usize>${value})` : value;
}

/** What the codec gives, as the author has it. */
function decoded({ isEnum }: ValueType, value: string): string {
  return isEnum ? `<i32>changetype<usize>(${value})` : value;
}

/** The expression that reads a value. */
export function readOf(type: ValueType): string {
  return decoded(type, `__plasma.read<${type.typeText}>()`);
}

export const fixedTotal = (fields: readonly TypedName[]): number =>
  fields.reduce((sum, field) => sum + (field.size ?? 0), 0);

export const totalSize = (fields: readonly TypedName[], prefix: string): string =>
  [
    String(fixedTotal(fields)),
    ...fields
      .filter((field) => field.size === undefined)
      .map((field) => `__plasma.sizeOf<${field.typeText}>(${prefix}${field.name})`),
  ].join(" + ");

/** Largest event data that gets a static buffer: beyond it, memory that is only taken when it is used. */
const STATIC_DATA_MAX = 256;

/** Room for the encoded fields: the host takes them at once, so a class may use the same room every time. */
function roomFor(fields: readonly TypedName[], prefix: string): string {
  const total = fixedTotal(fields);
  const isStatic = total <= STATIC_DATA_MAX && fields.every((field) => field.size !== undefined);
  return isStatic
    ? `memory.data(${total || 1}, 8)`
    : `__plasma.alloc(${totalSize(fields, prefix)})`;
}

export const writeAll = (fields: readonly TypedName[], prefix: string): string =>
  fields
    .map((field) => {
      const value = encodable(field, `${prefix}${field.name}`);
      return `__p = __plasma.write<${field.typeText}>(__p, ${value});`;
    })
    .join("\n");

/** Members that an event class gets. */
export const eventStubs = "__emit(): void {}";

/** The body of an event's `__emit`: topics in a static buffer that holds the hash already, then the data. */
export function eventBody(
  topic: Hex,
  indexed: readonly TypedName[],
  others: readonly TypedName[],
): string {
  const topics = new Uint8Array(32 * (indexed.length + 1));
  topics.set(fromHex(topic, 32));
  const writes = indexed.map(
    (field, index) =>
      `__plasma.writeTopic<${field.typeText}>(__t + ${32 * (index + 1)}, ${encodable(field, `this.${field.name}`)});`,
  );
  return `{
    const __t = memory.data<u8>(${bytesLiteral(topics)}, 8);
    ${writes.join("\n")}
    const __d = ${roomFor(others, "this.")};
    let __p: usize = __d;
    ${writeAll(others, "this.")}
    __plasma.emitRaw(__t, ${indexed.length + 1}, __d, <u32>(__p - __d));
  }`;
}

/** Members that an error class gets. */
export const errorStubs = "__size(): u32 { return 0; } __write(__p: usize): usize { return __p; }";

export function errorSizeBody(fields: readonly TypedName[]): string {
  return `{ return ${totalSize(fields, "this.")}; }`;
}

/** The body of an error's `__write`: selector, then the fields. */
export function errorWriteBody(selector: Hex, fields: readonly TypedName[]): string {
  return `{
    store<u32>(__p, ${selectorNumber(selector)});
    __p += 4;
    ${writeAll(fields, "this.")}
    return __p;
  }`;
}

/** What a remote method returns: nothing, a value, or a status with or without a value. */
export type RemoteReturn =
  | { readonly kind: "void" | "status" }
  | ({ readonly kind: "value" | "result"; readonly resultText: string } & ValueType);

/** The body of a remote method: encode, call the host, decode. */
export function remoteBody(
  selector: Hex,
  params: readonly TypedName[],
  returns: RemoteReturn,
): string {
  const call = (how: string): string => `__plasma.${how}(changetype<usize>(this), __i, __p)`;
  const type = "typeText" in returns ? returns : { typeText: "", resultText: "", isEnum: false };
  const read = (): string => decoded(type, `__plasma.readResult<${type.typeText}>()`);
  const zero = (): string => decoded(type, `__plasma.zero<${type.typeText}>()`);
  const end = {
    void: () => `${call("mustCall")};`,
    value: () => `${call("mustCall")}; return ${read()};`,
    status: () => `return new __plasma.Status(${call("tryCall")});`,
    result: () =>
      `const __s = ${call("tryCall")};
       return new __plasma.Result<${type.resultText}>(__s, __s == 0 ? ${read()} : ${zero()});`,
  }[returns.kind]();
  return `{
    const __i = __plasma.startRequest(${selectorNumber(selector)}, ${totalSize(params, "")});
    let __p: usize = __i + 4;
    ${writeAll(params, "")}
    ${end}
  }`;
}

/** The accessor that takes a stored field's place: a pointer to its 32-byte key in static memory. */
export function slotMember(name: string, typeText: string, key: Uint8Array): string {
  const pointer = `memory.data<u8>(${bytesLiteral(key)}, 8)`;
  return `get ${name}(): ${typeText} { return changetype<${typeText}>(${pointer}); }`;
}
