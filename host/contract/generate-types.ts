// The AssemblyScript that the transform adds for the author's own types: how a struct reads and writes
// itself, and for each enum a class that the codec can tell from i32. Text in, text out, like generate.ts.
import type { TypedName } from "./generate.ts";
import { decoded, fixedTotal, readOf, totalSize, writeAll } from "./generate.ts";

/** The class that stands for enum `index` wherever the codec needs a type: its pointer is the variant. */
export function enumClass(index: number): string {
  return `__plasma_enum_${index}`;
}

/** The class of an enum with `count` variants. */
export function enumClassText(index: number, count: number): string {
  const name = enumClass(index);
  return `@unmanaged class ${name} {
    __fixed(): u32 { return 1; }
    __write(__p: usize): usize { return __plasma.writeVariant(__p, <u32>changetype<usize>(this), ${count}); }
    __load(__p: usize): ${name} { return changetype<${name}>(__plasma.loadVariant(__p, ${count})); }
    __read(): ${name} { return this.__load(__plasma.take(1)); }
    __zero(): ${name} { return changetype<${name}>(0); }
  }`;
}

/** Members that a struct class gets. */
export function structStubs(name: string): string {
  return `__fixed(): u32 { return 0; } __size(): u32 { return 0; }
    __write(__p: usize): usize { return __p; }
    __load(__p: usize): ${name} { return this; }
    __read(): ${name} { return this; }
    __zero(): ${name} { return this; }`;
}

/** Bodies of these members by name. A struct is made field by field: its constructor is the author's. */
export function structBodies(name: string, fields: readonly TypedName[]): Record<string, string> {
  const isFixed = fields.every((field) => field.size !== undefined);
  const total = fixedTotal(fields);
  const make = (readField: (field: TypedName, offset: number) => string): string => {
    let offset = 0;
    const lines = fields.map((field) => {
      const type = field.ownType ?? field.typeText;
      const line = `store<${type}>(__o, ${readField(field, offset)}, offsetof<${name}>("${field.name}"));`;
      offset += field.size ?? 0;
      return line;
    });
    return `{
      const __o = __plasma.alloc(offsetof<${name}>());
      ${lines.join("\n")}
      return changetype<${name}>(__o);
    }`;
  };
  return {
    __fixed: `{ return ${isFixed ? total : 0}; }`,
    __size: `{ return ${totalSize(fields, "this.")}; }`,
    __write: `{ ${writeAll(fields, "this.")} return __p; }`,
    __load: isFixed
      ? make((field, offset) =>
          decoded(field, `__plasma.loadFixed<${field.typeText}>(__p + ${offset})`),
        )
      : `{ return changetype<${name}>(0); }`,
    __read: isFixed ? `{ return this.__load(__plasma.take(${total})); }` : make(readOf),
    __zero: make((field) => decoded(field, `__plasma.zero<${field.typeText}>()`)),
  };
}
