// Names of types in the ABI, from the type that the author wrote: structs are taken apart into `types`,
// enums found by their name (to asc they are i32), and what cannot cross the border is refused where it
// stands. One resolver per program; `types` is complete when all declarations have been named.
import type { AbiTypeDefinition } from "../abi/abi.ts";
import { parseAbiType } from "../abi/abi-type.ts";
import { EngineError } from "../errors.ts";
import { abiTypeOf } from "./abi-type.ts";
import type {
  AstNode,
  Compiler,
  EnumDeclaration,
  Program,
  ResolvedClass,
  ResolvedType,
  TypeNode,
} from "./compiler.ts";
import { textOf } from "./compiler.ts";
import type { Declarations, RecordUse } from "./declarations.ts";
import type { ValueType } from "./generate.ts";
import { enumClass } from "./generate-types.ts";

export const CARRIED =
  "bool, u8…u64, i8…i64, u128, u256, i128, i256, Fixed, Address, Bytes32, Bytes64, Bytes65, string, StaticArray<u8>, Uint8Array, enums, @struct classes and arrays of these";

/** Aliases of aliases: asc itself refuses those that go round. */
const ALIASES_MAX = 64;

export class TypeResolver {
  readonly types: Record<string, AbiTypeDefinition> = {};
  refused = false;
  private readonly compiler: Compiler;
  private readonly program: Program;
  private readonly declarations: Declarations;
  /** Structs by their class, with their name once they are named; "" while they are being taken apart. */
  private readonly structs = new Map<AstNode, string>();

  constructor(compiler: Compiler, program: Program, declarations: Declarations) {
    this.compiler = compiler;
    this.program = program;
    this.declarations = declarations;
  }

  refuse(node: AstNode, text: string): void {
    this.refused = true;
    this.program.parser.error(this.compiler.DiagnosticCode.User_defined_0 ?? 0, node.range, text);
  }

  resolve(node: TypeNode): ResolvedType | null {
    const type = this.program.resolver.resolveType(node, null, this.fileOf(node));
    // asc has reported it where the type cannot be resolved at all.
    if (type === null) this.refused = true;
    return type;
  }

  private fileOf(node: AstNode): unknown {
    return this.program.filesByName.get(node.range.source.internalPath);
  }

  /** The type behind aliases, and the enum it names, if it does. */
  private behindAliases(node: TypeNode): { node: TypeNode; enumUse: EnumDeclaration | undefined } {
    let at = node;
    for (let i = 0; i < ALIASES_MAX && at.name !== undefined; i++) {
      const { resolver } = this.program;
      const swallow = this.compiler.ReportMode.Swallow ?? 1;
      const declaration = resolver.resolveTypeName(at.name, null, this.fileOf(at), swallow)
        ?.declaration as (AstNode & { readonly type?: TypeNode }) | undefined;
      const enumUse = this.declarations.enums.find((one) => one === declaration);
      if (enumUse !== undefined) return { node: at, enumUse };
      const target = declaration?.type;
      if (declaration?.kind !== this.compiler.NodeKind.TypeDeclaration) break;
      if (target === undefined || target.range.source.isLibrary) break;
      at = target;
    }
    return { node: at, enumUse: undefined };
  }

  /** The type without aliases around it; its arguments may still be aliases. */
  plain(node: TypeNode): TypeNode {
    return this.behindAliases(node).node;
  }

  /** How the codec carries the enum, or the array of an enum, that `node` names; undefined for other types. */
  enumUseOf(node: TypeNode): ValueType | undefined {
    const { node: plain, enumUse } = this.behindAliases(node);
    if (enumUse !== undefined) return { typeText: this.enumClass(enumUse), ownType: "i32" };
    const element = this.enumElement(plain);
    if (element === undefined) return undefined;
    return { typeText: `__plasma.Variants<${this.enumClass(element)}>`, ownType: "i32[]" };
  }

  private enumClass(declaration: EnumDeclaration): string {
    return enumClass(this.declarations.enums.indexOf(declaration));
  }

  /** The enum of `Side[]`, which asc parses as Array<Side>. */
  private enumElement(plain: TypeNode): EnumDeclaration | undefined {
    const [element] = plain.typeArguments ?? [];
    if (element === undefined || element.isNullable || plain.isNullable) return undefined;
    if (plain.name?.identifier.text !== "Array") return undefined;
    return this.behindAliases(element).enumUse;
  }

  /** The ABI's name of the type at `node`, "" after a refusal. */
  name(node: TypeNode, what: string): string {
    const { node: plain, enumUse } = this.behindAliases(node);
    if (enumUse !== undefined && !node.isNullable) return this.enumName(enumUse, node);
    const element = node.isNullable ? undefined : this.enumElement(plain);
    if (element !== undefined) return this.checked(`${this.enumName(element, node)}[]`, node);
    const inner = this.enumInside(plain);
    if (inner !== undefined) {
      this.refuse(
        node,
        `${textOf(node)}: of types around an enum the ABI carries its array alone; put it into a @struct, or use u8`,
      );
      return "";
    }
    const type = this.resolve(node);
    if (type === null) return "";
    const refusedBefore = this.refused;
    const name = abiTypeOf(type, (resolved) => this.structName(resolved, node));
    if (name === undefined) {
      // A struct with a field that was refused has been told about already.
      if (this.refused === refusedBefore || !this.refused)
        this.refuse(node, `${textOf(node)} cannot be ${what}; the ABI carries ${CARRIED}`);
      return "";
    }
    return this.checked(name, node);
  }

  /** Names the ABI cannot parse: nesting over its bound. */
  private checked(name: string, node: TypeNode): string {
    if (this.refused) return name;
    try {
      parseAbiType(name, this.types);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      this.refuse(node, error.message);
    }
    return name;
  }

  private enumInside(node: TypeNode): EnumDeclaration | undefined {
    for (const argument of node.typeArguments ?? []) {
      const { node: plain, enumUse } = this.behindAliases(argument);
      const found = enumUse ?? this.enumInside(plain);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private enumName(declaration: EnumDeclaration, at: TypeNode): string {
    const name = declaration.name.text;
    const variants = declaration.values.map((value) => value.name.text);
    const given = declaration.values.find((value) => value.initializer !== null);
    if (given !== undefined)
      this.refuse(
        given,
        `${name} crosses the border and counts from 0: give its variants no values`,
      );
    else if (variants.length === 0 || variants.length > 256)
      this.refuse(at, `${name} has ${variants.length} variants; the ABI carries 1 to 256`);
    else this.define(name, { variants }, declaration, declaration.name);
    return name;
  }

  private readonly definedBy = new Map<string, AstNode>();

  private define(
    name: string,
    definition: AbiTypeDefinition,
    declaration: AstNode,
    at: AstNode,
  ): void {
    const other = this.definedBy.get(name);
    if (other !== undefined && other !== declaration)
      this.refuse(at, `${name} is the name of two types of the ABI; rename one of them`);
    if (isTaken(name)) this.refuse(at, `${name} is a type of the ABI already; rename it`);
    this.definedBy.set(name, declaration);
    this.types[name] = definition;
  }

  /** The name of an author's struct, which this takes apart; undefined for any other class. */
  private structName(resolved: ResolvedClass, at: TypeNode): string | undefined {
    const { declaration } = resolved.prototype;
    const struct = this.declarations.structs.find((one) => one.node === declaration);
    if (struct === undefined) return undefined;
    const name = struct.node.name.text;
    const known = this.structs.get(declaration);
    if (known === "") {
      this.refuse(at, `${name} contains itself; keep one in a map and the other's key in it`);
      return name;
    }
    if (known === undefined) this.takeApart(struct, name);
    return name;
  }

  private takeApart(struct: RecordUse, name: string): void {
    this.structs.set(struct.node, "");
    const fields = struct.fields.map((field) => {
      if (field.type === null) {
        this.refuse(field.name, `${field.name.text} needs a type to be a field of a struct`);
        return { name: field.name.text, type: "" };
      }
      return { name: field.name.text, type: this.name(field.type, "a field of a struct") };
    });
    this.structs.set(struct.node, name);
    this.define(name, { fields }, struct.node, struct.node.name);
  }

  /** Fields of a struct, named whether it is used or not: its mistakes are told either way. */
  structFields(struct: RecordUse): readonly { name: string; type: string }[] | undefined {
    if (this.structs.get(struct.node) === undefined) return undefined;
    const definition = this.types[struct.node.name.text];
    return definition !== undefined && "fields" in definition ? definition.fields : undefined;
  }
}

/** Whether the ABI has a type of this name of its own. */
function isTaken(name: string): boolean {
  try {
    parseAbiType(name, {});
    return true;
  } catch {
    return name === "void";
  }
}
