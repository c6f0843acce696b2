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
import { selectorOf, topicOf } from "../abi/signature.ts";
import type { Hex } from "../codec/hex.ts";
import { abiTypeOf, attemptOf, isStorageType, storageTypeOf } from "./abi-type.ts";
import type {
  AstNode,
  AstSource,
  Compiler,
  FunctionDeclaration,
  Program,
  ResolvedType,
  TypeNode,
} from "./compiler.ts";
import { textOf } from "./compiler.ts";
import type { ContractUse, Declarations, MethodUse, RecordUse, RemoteUse } from "./declarations.ts";
import type { RemoteReturn } from "./generate.ts";

export interface ResolvedRemote {
  readonly node: FunctionDeclaration;
  readonly selector: Hex;
  readonly params: readonly AbiParameter[];
  readonly returns: RemoteReturn;
}

const CARRIED =
  "bool, u8…u64, i8…i64, u128, u256, Address, Bytes32, Bytes64, Bytes65, string, StaticArray<u8>, Uint8Array and arrays of these";

/** Resolves one program's declarations. */
export class AbiResolver {
  readonly remotes: ResolvedRemote[] = [];
  private readonly compiler: Compiler;
  private readonly program: Program;
  private refused = false;

  constructor(compiler: Compiler, program: Program) {
    this.compiler = compiler;
    this.program = program;
  }

  /** @returns the ABI, or undefined where a diagnostic was reported. */
  resolve(declarations: Declarations): ContractAbi | undefined {
    const { contract } = declarations;
    if (contract === undefined) return undefined;
    const methods = contract.methods.map((method) => this.method(method));
    const errors = declarations.errors.map((error) => this.error(error));
    this.refuseCollisions(contract, methods);
    for (const remote of declarations.remotes) this.remote(remote);
    const abi: ContractAbi = {
      abi: 1,
      contract: contract.node.name.text,
      asc: this.compiler.version,
      types: {},
      methods,
      events: declarations.events.map((event) => this.event(event)),
      errors,
      storage: this.storage(contract),
    };
    return this.refused ? undefined : abi;
  }

  private refuse(node: AstNode, text: string): void {
    this.refused = true;
    this.program.parser.error(this.compiler.DiagnosticCode.User_defined_0 ?? 0, node.range, text);
  }

  private resolveType(node: TypeNode): ResolvedType | null {
    const source: AstSource = node.range.source;
    const context = this.program.filesByName.get(source.internalPath);
    const type = this.program.resolver.resolveType(node, null, context);
    // asc has reported it where the type cannot be resolved at all.
    if (type === null) this.refused = true;
    return type;
  }

  private typeName(node: TypeNode, what: string): string {
    const type = this.resolveType(node);
    if (type === null) return "";
    const name = abiTypeOf(type);
    if (name === undefined)
      this.refuse(node, `${textOf(node)} cannot be ${what}; the ABI carries ${CARRIED}`);
    return name ?? "";
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
    if (kind === "init") {
      if (returns !== "void") this.refuse(returnType, "@init returns nothing: declare it void");
      return { name, kind, params, returns };
    }
    const selector = selectorOf(name, params);
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
      const name = attempt && written.startsWith("try_") ? written.slice(4) : written;
      this.remotes.push({ node, selector: selectorOf(name, params), params, returns });
    }
  }

  private remoteReturn(node: TypeNode): RemoteReturn {
    if (this.isVoid(node)) return { kind: "void" };
    const type = this.resolveType(node);
    const attempt = type === null ? undefined : attemptOf(type);
    if (attempt?.kind === "status") return { kind: "status" };
    if (attempt?.kind === "result") {
      const [argument] = node.typeArguments ?? [];
      if (argument === undefined) {
        this.refuse(node, "write the result type out: Result<bool>");
        return { kind: "void" };
      }
      this.typeName(argument, "a result");
      return { kind: "result", typeText: textOf(argument) };
    }
    this.typeName(node, "a result");
    return { kind: "value", typeText: textOf(node) };
  }

  private storage(contract: ContractUse): AbiSlot[] {
    return contract.fields.map(({ node, slot }) => {
      const name = node.name.text;
      const type = node.type === null ? null : this.resolveType(node.type);
      if (type === null) {
        this.refuse(node.name, `${name} needs a storage type: ${name}: Value<u64>`);
        return { name, slot, type: "" };
      }
      const stored = storageTypeOf(type);
      if (stored === undefined) {
        const text = textOf(node.type ?? node);
        this.refuse(
          node.type ?? node,
          isStorageType(type)
            ? `${text} cannot be stored; the codec carries ${CARRIED}`
            : `${name} would be lost after the call; store it: ${name}: Value<${text}>`,
        );
      }
      return { name, slot, type: stored ?? "" };
    });
  }
}
