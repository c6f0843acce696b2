// What a build tells of storage that a rename would leave behind: a field of the last build that is gone, and a new
// one of the same type. A guess, since nothing says that the contract was ever deployed: it warns, and the
// next build, which compares with this one, is silent.
import type { ContractAbi } from "../host/abi/abi.ts";
import { parseAbi } from "../host/abi/parse-abi.ts";
import { EngineError } from "../host/errors.ts";

/** The ABI of an earlier build, undefined where there is none to read. */
export function earlierAbi(json: string | undefined): ContractAbi | undefined {
  if (json === undefined) return undefined;
  try {
    return parseAbi(JSON.parse(json));
  } catch (error) {
    if (error instanceof EngineError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * One line for each field that was likely renamed without `@slot`, with its place and fix.
 * @param entry the contract's file, relative to the project
 * @param source its text
 */
export function renamedStorage(
  before: ContractAbi,
  after: ContractAbi,
  entry: string,
  source: string,
): readonly string[] {
  if (before.contract !== after.contract) return [];
  const gone = before.storage.filter(({ slot }) => !after.storage.some((one) => one.slot === slot));
  const came = after.storage.filter(({ slot }) => !before.storage.some((one) => one.slot === slot));
  return gone.flatMap(({ name, slot, type }) => {
    const [next, ...more] = came.filter((one) => one.type === type);
    // With several candidates there is nothing to say; a new field of another name and no @slot is a rename.
    if (next === undefined || more.length > 0 || next.slot !== next.name) return [];
    return [
      `WARNING ${entry}:${lineOf(next.name, source)}: ${next.name} starts empty: the last build stored ${type} in slot "${slot}" of ${name}, which is gone\n fix: if it was renamed, write @slot(${JSON.stringify(slot)}) before ${next.name}`,
    ];
  });
}

/** The line, from 1, where a source declares a field. */
function lineOf(name: string, source: string): number {
  const declaration = new RegExp(`^\\s*(?:@\\w+(?:\\([^)]*\\))?\\s*)*(?:\\w+\\s+)*${name}\\s*:`);
  return source.split("\n").findIndex((line) => declaration.test(line)) + 1;
}
