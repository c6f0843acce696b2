// The asc transform of a contract, in two passes. afterParse reads decorators and adds empty declarations,
// so that names exist when asc binds them; afterInitialize, when types resolve, makes the ABI and fills
// the bodies. Must never run on the SDK or the standard library, and never guess a type.
import type { AbiMethod, AbiParameter, ContractAbi } from "../abi/abi.ts";
import { fixedSize, parseAbiType } from "../abi/abi-type.ts";
import { slotKey } from "../abi/signature.ts";
import { assert } from "../errors.ts";
import type {
  AstNode,
  AstSource,
  ClassDeclaration,
  Compiler,
  Declaration,
  FunctionDeclaration,
  Parser,
  Program,
  SourceRange,
  Transform,
  TypeNode,
} from "./compiler.ts";
import { textOf } from "./compiler.ts";
import {
  type ContractUse,
  DeclarationReader,
  type Declarations,
  type RecordUse,
} from "./declarations.ts";
import {
  contractStubs,
  dispatcherBody,
  dispatchImport,
  errorSizeBody,
  errorStubs,
  errorWriteBody,
  eventBody,
  eventStubs,
  remoteBody,
  slotMember,
  type TypedName,
  wrapperBody,
  wrapperName,
} from "./generate.ts";
import { enumClassText, structBodies, structStubs } from "./generate-types.ts";
import { parseBody, parseDecorators, parseMembers, parseStatements } from "./graft.ts";
import { Lint } from "./lint.ts";
import { AbiResolver } from "./resolve-abi.ts";

interface NamedNode {
  readonly name: { readonly text: string };
  readonly type: TypeNode | null;
}

/** Parameters or fields as generated code names them, with the encoded size of their types. */
function typed(
  { types, resolver }: Resolved,
  nodes: readonly NamedNode[],
  params: readonly AbiParameter[],
): TypedName[] {
  return nodes.map((node, index) => ({
    name: node.name.text,
    ...(node.type === null ? { typeText: "", isEnum: false } : resolver.valueType(node.type)),
    size: fixedSize(parseAbiType(params[index]?.type ?? "", types)),
  }));
}

/** What is known once types resolve. */
interface Resolved {
  readonly resolver: AbiResolver;
  readonly abi: ContractAbi;
  readonly types: ContractAbi["types"];
}

/** One build's transform; `abi` is there once asc has initialised the program without errors. */
export class ContractTransform implements Transform {
  abi: ContractAbi | undefined;
  private readonly compiler: Compiler;
  private readonly entryPath: string;
  private declarations: Declarations | undefined;
  /** Functions of the contract's file that were added empty, by name. */
  private readonly added = new Map<string, FunctionDeclaration>();
  /** Accessors that took the place of stored fields. */
  private readonly slots = new Map<AstNode, FunctionDeclaration>();

  constructor(compiler: Compiler, entryPath: string) {
    this.compiler = compiler;
    this.entryPath = entryPath;
  }

  afterParse(parser: Parser): void {
    const reader = new DeclarationReader(this.compiler, parser, this.entryPath);
    const declarations = reader.read(parser.sources);
    new Lint(this.compiler, parser, reader).check(parser.sources, declarations.contract);
    if (declarations.contract === undefined) {
      const entry = parser.sources.find((source) => source.normalizedPath === this.entryPath);
      if (entry !== undefined && !reader.refused)
        reader.refuseAt(
          this.likelyContract(entry),
          "no class with @contract in this file; write: @contract export class Name { … }",
        );
    }
    if (reader.refused) return;
    this.declarations = declarations;
    this.addStubs(parser, declarations);
  }

  /** Where the decorator is missing: the first class, else the first statement. */
  private likelyContract(entry: AstSource): SourceRange {
    const { ClassDeclaration } = this.compiler.NodeKind;
    const first = entry.statements.find((node) => node.kind === ClassDeclaration);
    if (first !== undefined) return (first as ClassDeclaration).name.range;
    return entry.statements[0]?.range ?? { start: 0, end: 0, source: entry };
  }

  private addStubs(parser: Parser, declarations: Declarations): void {
    const { contract, events, errors, remotes, structs, enums } = declarations;
    assert(contract !== undefined, "an accepted entry has a contract");
    const touched = new Set<AstSource>([contract.node.range.source]);
    const importRange = contract.node.name.range;
    const names = contract.methods.map((method) => method.node.name.text);
    for (const node of parseStatements(parser, contractStubs(names), importRange)) {
      contract.node.range.source.statements.push(node);
      this.added.set((node as Declaration).name.text, node as FunctionDeclaration);
    }
    const addMembers = (node: ClassDeclaration, text: string): void => {
      node.members.push(...parseMembers(parser, text, node.name.range));
      touched.add(node.range.source);
    };
    this.replaceSlots(parser, contract);
    // A record lives for one call and is its fields alone: no header, no class id.
    const addRecord = (node: ClassDeclaration, text: string): void => {
      const unmanaged = parseDecorators(parser, "@unmanaged", node.name.range);
      node.decorators = [...(node.decorators ?? []), ...unmanaged];
      addMembers(node, text);
    };
    for (const event of events) addRecord(event.node, eventStubs);
    for (const error of errors) addRecord(error.node, errorStubs);
    for (const struct of structs) addRecord(struct.node, structStubs(struct.node.name.text));
    const abstract = this.compiler.CommonFlags.Abstract ?? 0;
    for (const remote of remotes) {
      touched.add(remote.node.range.source);
      remote.node.flags &= ~abstract;
      for (const method of remote.methods) {
        method.flags &= ~abstract;
        method.body = parseBody(parser, "{}", method.name.range);
      }
    }
    for (const source of touched) {
      const [first] = source.statements;
      assert(first !== undefined, "a source with a class has statements");
      // First of all, so that the SDK's memory is set up before the contract's own initialisers run.
      source.statements.unshift(...parseStatements(parser, dispatchImport, first.range));
      enums.forEach((node, index) => {
        const text = enumClassText(index, node.values.length);
        source.statements.push(...parseStatements(parser, text, first.range));
      });
    }
  }

  /** A stored field becomes an accessor of its slot: it takes no memory and no code at the start of a call. */
  private replaceSlots(parser: Parser, contract: ContractUse): void {
    for (const { node, slot } of contract.fields) {
      if (node.type === null) continue;
      const text = slotMember(node.name.text, textOf(node.type), slotKey(slot));
      const index = contract.node.members.indexOf(node);
      const members = parseMembers(parser, text, node.name.range);
      contract.node.members.splice(index, 1, ...members);
      this.slots.set(node, members[0] as FunctionDeclaration);
    }
  }

  afterInitialize(program: Program): void {
    const { declarations } = this;
    if (declarations === undefined) return;
    const resolver = new AbiResolver(this.compiler, program, declarations);
    const abi = resolver.resolve(declarations);
    if (abi === undefined) return;
    this.abi = abi;
    const { parser } = program;
    const resolved = { resolver, abi, types: abi.types };
    this.fillContract(parser, declarations, resolved);
    this.fillRecords(parser, declarations, resolved);
    for (const remote of resolver.remotes) {
      const { node } = remote;
      node.body = parseBody(
        parser,
        remoteBody(
          remote.selector,
          typed(resolved, node.signature.parameters, remote.params),
          remote.returns,
        ),
        node.name.range,
      );
    }
  }

  private fillContract(parser: Parser, declarations: Declarations, resolved: Resolved): void {
    const { abi, resolver } = resolved;
    const { contract } = declarations;
    assert(contract !== undefined, "bodies are written for an accepted contract");
    const range = contract.node.name.range;
    const fill = (name: string, text: string): void => {
      const node = this.added.get(name);
      assert(node !== undefined, `${name} was declared before its body`);
      node.body = parseBody(parser, text, range);
    };
    fill("main", dispatcherBody(abi.methods));
    contract.methods.forEach(({ node }, index) => {
      const method = abi.methods[index] as AbiMethod;
      const params = typed(resolved, node.signature.parameters, method.params);
      const result = resolver.valueType(node.signature.returnType);
      const text = wrapperBody(abi.contract, method, params, result);
      fill(wrapperName(method.name), text);
    });
    for (const { node, slot } of contract.fields) {
      const accessor = resolver.enumSlots.get(node);
      const getter = this.slots.get(node);
      if (accessor === undefined || getter === undefined) continue;
      const text = slotMember(node.name.text, accessor, slotKey(slot));
      const [member] = parseMembers(parser, text, range) as FunctionDeclaration[];
      assert(member !== undefined, "a slot is one member");
      getter.signature.returnType = member.signature.returnType;
      getter.body = member.body;
    }
  }

  private fillRecords(parser: Parser, declarations: Declarations, resolved: Resolved): void {
    const { abi, types } = resolved;
    const bodyOf = (record: RecordUse, name: string, text: string): void => {
      const member = record.node.members.find((one) => one.name.text === name);
      assert(member !== undefined, `${name} was added to ${record.node.name.text}`);
      (member as FunctionDeclaration).body = parseBody(parser, text, record.node.name.range);
    };
    declarations.events.forEach((event, index) => {
      const { topic, fields } = abi.events[index] as ContractAbi["events"][number];
      const all = typed(resolved, event.fields, fields);
      const indexed = all.filter((field) => event.indexed.has(field.name));
      const others = all.filter((field) => !event.indexed.has(field.name));
      bodyOf(event, "__emit", eventBody(topic, indexed, others));
    });
    declarations.errors.forEach((error, index) => {
      const { selector, fields } = abi.errors[index] as ContractAbi["errors"][number];
      const all = typed(resolved, error.fields, fields);
      bodyOf(error, "__size", errorSizeBody(all));
      bodyOf(error, "__write", errorWriteBody(selector, all));
    });
    for (const struct of declarations.structs) {
      const name = struct.node.name.text;
      const definition = types[name];
      // One that no type of the ABI names keeps its empty bodies; nothing can encode it.
      if (definition === undefined || !("fields" in definition)) continue;
      const bodies = structBodies(name, typed(resolved, struct.fields, definition.fields));
      for (const [member, text] of Object.entries(bodies)) bodyOf(struct, member, text);
    }
  }
}
