// From declarations to the ABI: every parameter, result, field and slot gets the name of its resolved
// type, selectors and topics follow, and collisions are refused. Errors point at the author's type.
import type {
  AbiError,
  AbiEvent,
  AbiMethod,
  AbiParameter,
  AbiSlot,
  ContractAbi,
} from "../abi/abi.ts";
import { methodSelector, selectorOf, topicOf } from "../abi/signature.ts";
import type { Hex } from "../codec/hex.ts";
import { attemptOf, storageKindOf } from "./abi-type.ts";
import type { AstNode, Compiler, FunctionDeclaration, Program, TypeNode } from "./compiler.ts";
import { textOf } from "./compiler.ts";
import type { ContractUse, Declarations, MethodUse, RecordUse, RemoteUse } from "./declarations.ts";
import type { RemoteReturn, ValueType } from "./generate.ts";
import { TypeResolver } from "./resolve-type.ts";

export interface ResolvedRemote {
  readonly node: FunctionDeclaration;
  readonly selector: Hex;
  readonly params: readonly AbiParameter[];
  readonly returns: RemoteReturn;
}

/** Resolves one program's declarations. */
export class AbiResolver {
  readonly remotes: ResolvedRemote[] = [];
  readonly types: TypeResolver;
  /** Fields whose accessor must give another class than the author wrote, because they store an enum. */
  readonly enumSlots = new Map<AstNode, string>();
  private readonly compiler: Compiler;

  constructor(compiler: Compiler, program: Program, declarations: Declarations) {
    this.compiler = compiler;
    this.types = new TypeResolver(compiler, program, declarations);
  }

  /** @returns the ABI, or undefined where a diagnostic was reported. */
  resolve(declarations: Declarations): ContractAbi | undefined {
    const { contract } = declarations;
    if (contract === undefined) return undefined;
    const methods = contract.methods.map((method) => this.method(method));
    const errors = declarations.errors.map((error) => this.error(error));
    this.refuseCollisions(contract, methods);
    this.refuseErrorCollisions(declarations.errors, errors);
    for (const remote of declarations.remotes) this.remote(remote);
    const abi: ContractAbi = {
      abi: 1,
      contract: contract.node.name.text,
      asc: this.compiler.version,
      types: this.types.types,
      methods,
      events: declarations.events.map((event) => this.event(event)),
      errors,
      storage: this.storage(contract),
    };
    return this.types.refused ? undefined : abi;
  }

  /** How generated code names the type at `node`. */
  valueType(node: TypeNode): ValueType {
    const enumClass = this.types.enumClassOf(node);
    return { typeText: enumClass ?? textOf(node), isEnum: enumClass !== undefined };
  }

  private refuse(node: AstNode, text: string): void {
    this.types.refuse(node, text);
  }

  private typeName(node: TypeNode, what: string): string {
    return this.types.name(node, what);
  }

  private params(node: FunctionDeclaration): AbiParameter[] {
    return node.signature.parameters.map((param) => ({
      name: param.name.text,
      type: this.typeName(param.type, "an argument"),
    }));
  }

  private isVoid(node: TypeNode): boolean {
    return textOf(node) === "void";
  }

  private method({ node, kind, reentrant }: MethodUse): AbiMethod {
    const name = node.name.text;
    const params = this.params(node);
    const { returnType } = node.signature;
    const returns = this.isVoid(returnType) ? "void" : this.typeName(returnType, "a result");
    const isOnce = kind === "init" || kind === "upgrade";
    if (isOnce && returns !== "void")
      this.refuse(returnType, `@${kind} returns nothing: declare it void`);
    const selector = methodSelector({ name, kind, params });
    if (selector === undefined) return { name, kind, params, returns };
    return { name, kind, params, returns, selector, ...(reentrant ? { reentrant: true } : {}) };
  }

  private refuseCollisions(contract: ContractUse, methods: readonly AbiMethod[]): void {
    const seen = new Map<string, string>();
    methods.forEach((method, index) => {
      if (method.selector === undefined) return;
      const other = seen.get(method.selector);
      const node = contract.methods[index]?.node.name;
      if (other !== undefined && node !== undefined)
        this.refuse(
          node,
          `${method.name} has the same selector ${method.selector} as ${other}; rename one of them`,
        );
      seen.set(method.selector, method.name);
    });
  }

  /** Revert data names an error by its selector alone. */
  private refuseErrorCollisions(records: readonly RecordUse[], errors: readonly AbiError[]): void {
    errors.forEach((error, index) => {
      const other = errors.slice(0, index).find((one) => one.selector === error.selector);
      const node = records[index]?.node.name;
      if (other !== undefined && node !== undefined)
        this.refuse(
          node,
          `${error.name} has the same selector ${error.selector} as ${other.name}; rename one of them`,
        );
    });
  }

  private fields(record: RecordUse, what: string): AbiParameter[] {
    return record.fields.map((field) => {
      if (field.type === null) {
        this.refuse(field.name, `${field.name.text} needs a type to be ${what}`);
        return { name: field.name.text, type: "" };
      }
      return { name: field.name.text, type: this.typeName(field.type, what) };
    });
  }

  private event(record: RecordUse): AbiEvent {
    const name = record.node.name.text;
    const fields = this.fields(record, "a field of an event");
    return {
      name,
      fields: fields.map((field) => ({ ...field, indexed: record.indexed.has(field.name) })),
      topic: topicOf(name, fields),
    };
  }

  private error(record: RecordUse): AbiError {
    const name = record.node.name.text;
    const fields = this.fields(record, "a field of an error");
    return { name, fields, selector: selectorOf(name, fields) };
  }

  private remote(remote: RemoteUse): void {
    for (const node of remote.methods) {
      const params = this.params(node);
      const returns = this.remoteReturn(node.signature.returnType);
      const attempt = returns.kind === "result" || returns.kind === "status";
      const written = node.name.text;
      if (!attempt && written.startsWith("try_"))
        this.refuse(
          node.signature.returnType,
          `${written} hands a failure to the caller: it returns Result<${textOf(node.signature.returnType)}> or Status`,
        );
      const name = attempt && written.startsWith("try_") ? written.slice(4) : written;
      this.remotes.push({ node, selector: selectorOf(name, params), params, returns });
    }
  }

  private remoteReturn(node: TypeNode): RemoteReturn {
    if (this.isVoid(node)) return { kind: "void" };
    const type = this.types.resolve(node);
    const attempt = type === null ? undefined : attemptOf(type);
    if (attempt?.kind === "status") return { kind: "status" };
    if (attempt?.kind === "result") {
      const [argument] = node.typeArguments ?? [];
      if (argument === undefined) {
        this.refuse(node, "write the result type out: Result<bool>");
        return { kind: "void" };
      }
      this.typeName(argument, "a result");
      return { kind: "result", resultText: textOf(argument), ...this.valueType(argument) };
    }
    this.typeName(node, "a result");
    return { kind: "value", resultText: textOf(node), ...this.valueType(node) };
  }

  private storage(contract: ContractUse): AbiSlot[] {
    return contract.fields.map(({ node, slot }) => {
      const name = node.name.text;
      if (node.type === null) {
        this.refuse(node.name, `${name} needs a storage type: ${name}: Value<u64>`);
        return { name, slot, type: "" };
      }
      const stored = this.stored(node.type, name);
      if (stored.accessor !== undefined) this.enumSlots.set(node, stored.accessor);
      return { name, slot, type: stored.type };
    });
  }

  /** A storage type in the ABI's words; `accessor` where an enum in it asks for another class. */
  private stored(node: TypeNode, field: string): { type: string; accessor?: string } {
    const nothing = { type: "" };
    const resolved = this.types.resolve(node);
    if (resolved === null) return nothing;
    const kind = storageKindOf(resolved);
    if (kind === undefined) {
      const text = textOf(node);
      this.refuse(
        node,
        `${field} would be lost after the call; store it: ${field}: Value<${text}>`,
      );
      return nothing;
    }
    const args = this.types.plain(node).typeArguments ?? [];
    const last = args[args.length - 1];
    if (last === undefined) {
      this.refuse(node, `write the types of ${textOf(node)} out`);
      return nothing;
    }
    const keys = args.slice(0, -1).map((key) => this.element(key, "a key"));
    const inner = this.types.resolve(last);
    const innerKind = inner === null ? undefined : storageKindOf(inner);
    if (kind === "map" && innerKind === "value")
      this.refuse(last, "a map stores values already; leave Value<…> out");
    const isNested = kind === "map" && innerKind !== undefined;
    const keyTexts = args.slice(0, -1).map((key) => `${textOf(key)}, `);
    if (isNested) {
      const { type, accessor } = this.stored(last, field);
      const all = { type: `${kind}<${[...keys, type].join(",")}>` };
      return accessor === undefined
        ? all
        : { ...all, accessor: `__plasma.StorageMap<${keyTexts.join("")}${accessor}>` };
    }
    const variant = this.types.enumClassOf(last);
    const enumStorage = enumStorages[kind];
    const type = `${kind}<${[...keys, this.storedName(last, enumStorage)].join(",")}>`;
    return variant === undefined || enumStorage === undefined
      ? { type }
      : { type, accessor: `__plasma.${enumStorage}<${keyTexts.join("")}${variant}>` };
  }

  private storedName(node: TypeNode, enumStorage: string | undefined): string {
    return enumStorage === undefined
      ? this.element(node, "an element")
      : this.typeName(node, "stored");
  }

  /** A key, or an element of a list or set: there an enum would be encoded as the i32 it is to asc. */
  private element(node: TypeNode, what: string): string {
    if (this.types.enumClassOf(node) === undefined) return this.typeName(node, "stored");
    this.refuse(node, `${textOf(node)} cannot be ${what}; use u8, or a @struct that holds it`);
    return "";
  }
}

/** Which class stores an enum as a value. */
const enumStorages: Readonly<Record<string, string>> = {
  value: "EnumValue",
  map: "EnumMap",
  map2: "EnumMap2",
};
