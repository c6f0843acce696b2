// Advice for what contract authors reach for first and cannot have: clocks, randomness, floats, console.
// A refusal is turned into the sentence that names their own call and its replacement.
import type { RefusalKind } from "./refusals.ts";

interface Advice {
  /** Of an import `module.name`, or of a function in the name section. */
  readonly pattern: RegExp;
  readonly what: string;
  readonly fix: string;
}

const strangers: readonly Advice[] = [
  {
    pattern: /^env\.abort$/,
    what: "abort",
    fix: "build with plasma: it turns abort into a revert with message, file and line",
  },
  {
    pattern: /^env\.seed$|Math\.random|^~lib\/math\/Native.*random|NativeMath\.seedRandom/,
    what: "Math.random",
    fix: "there is no randomness in a replayable block; derive numbers from a committed seed",
  },
  {
    pattern: /Date\.now|Date#|~lib\/date\//,
    what: "Date.now",
    fix: "use context.time, the block's time in seconds",
  },
  { pattern: /performance\.now/, what: "performance.now", fix: "use context.time, in seconds" },
  {
    pattern: /^env\.(trace|console)|~lib\/(console|builtins\/trace)/,
    what: "console and trace",
    fix: "emit an event; in tests use log of plasmavm/assembly",
  },
  {
    pattern: /parseFloat|strtod|String#toFloat/,
    what: "parseFloat",
    fix: "use parseInt, or Fixed.parse from plasmavm/assembly",
  },
  {
    pattern: /dtoa|F(32|64)#toString|Number#toString/,
    what: "text of a floating-point number",
    fix: "use integers, or Fixed from plasmavm/assembly",
  },
  {
    pattern: /NativeMathf?\.|~lib\/math\//,
    what: "Math over floats",
    fix: "use integer arithmetic, or Fixed from plasmavm/assembly",
  },
  {
    pattern: /^wasi_/,
    what: "WASI",
    fix: "contracts have no operating system; build with plasma",
  },
];

export interface AdviceGiven {
  readonly what: string;
  readonly fix: string;
}

function adviceFor(name: string): AdviceGiven | undefined {
  return strangers.find(({ pattern }) => pattern.test(name));
}

/**
 * What the author most likely wrote, for a refusal of kind `kind`: by the import at fault, by the name
 * of the function it lies in, or, where a type with floats is refused, by an import that would use it.
 */
export function findAdvice(
  kind: RefusalKind,
  importAtFault: string | undefined,
  functionAtFault: string | undefined,
  imports: readonly string[],
): AdviceGiven | undefined {
  if (importAtFault !== undefined) return adviceFor(importAtFault);
  if (kind.code !== "WASM_FLOAT_REFUSED") return undefined;
  if (functionAtFault !== undefined) return adviceFor(functionAtFault);
  for (const name of imports) {
    const advice = adviceFor(name);
    if (advice !== undefined && advice.what !== "abort") return advice;
  }
  return undefined;
}
