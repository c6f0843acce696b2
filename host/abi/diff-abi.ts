// What changed from one ABI of a contract to the next, and whether someone is hurt by it: a client whose call
// no longer exists, or data that the new code looks for elsewhere or reads as another type. Types are
// compared by what they are made of, since a struct keeps its name when its fields change.
import { toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import type { AbiMethod, AbiParameter, AbiSlot, ContractAbi } from "./abi.ts";
import { canonicalJson } from "./canonical-json.ts";
import { signatureOf } from "./signature.ts";

export interface AbiChange {
  readonly part: "method" | "event" | "error" | "storage";
  readonly change: "added" | "removed" | "changed" | "moved";
  readonly name: string;
  /** As one would write it, null where there is none. */
  readonly before: string | null;
  readonly after: string | null;
  /** Whether calls or stored data of the old contract do not work with the new one. */
  readonly breaking: boolean;
}

/** Type texts with the fingerprint of every struct and enum they name, each computed once. */
class Shapes {
  readonly #types: ContractAbi["types"];
  readonly #known = new Map<string, string>();

  constructor(abi: ContractAbi) {
    this.#types = abi.types;
  }

  of(type: string): string {
    return type.replace(/[A-Za-z_$][\w$]*/g, (name) => {
      if (!Object.hasOwn(this.#types, name)) return name;
      const known = this.#known.get(name);
      if (known !== undefined) return known;
      this.#known.set(name, name);
      const shape = `${name}#${this.#fingerprint(name)}`;
      this.#known.set(name, shape);
      return shape;
    });
  }

  #fingerprint(name: string): string {
    const definition = this.#types[name];
    const content =
      definition === undefined || "variants" in definition
        ? (definition ?? null)
        : definition.fields.map((field) => [field.name, this.of(field.type)]);
    return toHex(keccak256(new TextEncoder().encode(canonicalJson(content)))).slice(2, 34);
  }

  ofParams(params: readonly AbiParameter[]): string {
    return params.map((param) => this.of(param.type)).join(",");
  }
}

const written = (params: readonly AbiParameter[]): string =>
  params.map(({ name, type }) => `${name}: ${type}`).join(", ");
const methodText = ({ kind, name, params, returns }: AbiMethod): string =>
  `${kind} ${name}(${written(params)}): ${returns}`;
const slotText = ({ name, slot, type }: AbiSlot): string =>
  slot === name ? `${name}: ${type}` : `${name}: ${type} at "${slot}"`;

interface Both {
  readonly before: ContractAbi;
  readonly after: ContractAbi;
  readonly old: Shapes;
  readonly new: Shapes;
}

function methodChanges({ before, after, old, new: now }: Both): AbiChange[] {
  const part = "method";
  const changes: AbiChange[] = [];
  for (const method of before.methods) {
    const { name } = method;
    // A method's name is its own within a contract: the compiler knows no overloading.
    const next = after.methods.find((one) => one.name === name);
    const text = methodText(method);
    // Nobody calls these again: how the next deployment or upgrade is made is no matter of the old contract.
    const isInit = method.kind === "init" || method.kind === "upgrade";
    if (next === undefined) {
      changes.push({ part, change: "removed", name, before: text, after: null, breaking: !isInit });
      continue;
    }
    const same =
      method.selector === next.selector &&
      old.ofParams(method.params) === now.ofParams(next.params) &&
      old.of(method.returns) === now.of(next.returns);
    if (same && methodText(next) === text && method.reentrant === next.reentrant) continue;
    const breaking = !isInit && !(same && !(method.kind === "view" && next.kind === "call"));
    changes.push({
      part,
      change: "changed",
      name,
      before: text,
      after: methodText(next),
      breaking,
    });
  }
  for (const method of after.methods)
    if (!before.methods.some(({ name }) => name === method.name))
      changes.push({
        part,
        change: "added",
        name: method.name,
        before: null,
        after: methodText(method),
        breaking: false,
      });
  return changes;
}

function storageChanges({ before, after, old, new: now }: Both): AbiChange[] {
  const part = "storage";
  const changes: AbiChange[] = [];
  for (const slot of before.storage) {
    const { name } = slot;
    const text = slotText(slot);
    const next = after.storage.find((one) => one.slot === slot.slot);
    if (next !== undefined) {
      const breaking = old.of(slot.type) !== now.of(next.type);
      if (!breaking && next.name === name) continue;
      changes.push({
        part,
        change: "changed",
        name,
        before: text,
        after: slotText(next),
        breaking,
      });
      continue;
    }
    const moved = after.storage.find((one) => one.name === name);
    const change = moved === undefined ? "removed" : "moved";
    const afterText = moved === undefined ? null : slotText(moved);
    changes.push({ part, change, name, before: text, after: afterText, breaking: true });
  }
  for (const slot of after.storage) {
    const isKnown = before.storage.some((one) => one.slot === slot.slot || one.name === slot.name);
    if (!isKnown)
      changes.push({
        part,
        change: "added",
        name: slot.name,
        before: null,
        after: slotText(slot),
        breaking: false,
      });
  }
  return changes;
}

/** Events and errors: told, but nobody's call fails by them. */
function recordChanges(both: Both, part: "event" | "error"): AbiChange[] {
  const list = (abi: ContractAbi): readonly { name: string; fields: readonly AbiParameter[] }[] =>
    part === "event" ? abi.events : abi.errors;
  const changes: AbiChange[] = [];
  const breaking = false;
  for (const { name, fields } of list(both.before)) {
    const next = list(both.after).find((one) => one.name === name);
    const before = signatureOf(name, fields);
    if (next === undefined)
      changes.push({ part, change: "removed", name, before, after: null, breaking });
    else if (
      both.old.ofParams(fields) !== both.new.ofParams(next.fields) ||
      canonicalJson(fields) !== canonicalJson(next.fields)
    ) {
      const after = signatureOf(name, next.fields);
      changes.push({ part, change: "changed", name, before, after, breaking });
    }
  }
  for (const { name, fields } of list(both.after))
    if (!list(both.before).some((one) => one.name === name))
      changes.push({
        part,
        change: "added",
        name,
        before: null,
        after: signatureOf(name, fields),
        breaking,
      });
  return changes;
}

/** Every difference that a client, an indexer or stored data can notice; none for equal ABIs. */
export function diffAbi(before: ContractAbi, after: ContractAbi): AbiChange[] {
  const both = { before, after, old: new Shapes(before), new: new Shapes(after) };
  return [
    ...methodChanges(both),
    ...storageChanges(both),
    ...recordChanges(both, "event"),
    ...recordChanges(both, "error"),
  ];
}
