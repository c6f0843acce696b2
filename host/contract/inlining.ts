// Which functions of the SDK stay functions. asc -O3 inlines whatever is short and has no calls, and the
// parts of the runtime that every contract holds many times (byte swaps, refusals) would be most of a small
// module. The author's own code is inlined as ever. Must only name functions of the SDK.
import type { Binaryen, CompiledModule, Transform } from "./compiler.ts";

const SDK = "~lib/plasmavm/assembly";

/** Names as Binaryen knows them; `*` stands for anything. */
const OUT_OF_LINE = [
  `${SDK}/codec/words/*`,
  `${SDK}/codec/decode/closeReader`,
  `${SDK}/codec/decode/malformed`,
  `${SDK}/codec/decode/take*`,
  `${SDK}/runtime/memory/*`,
  `${SDK}/runtime/message/append`,
  `${SDK}/runtime/message/appendDigit`,
  `${SDK}/runtime/message/revert*`,
];

/** asc constructs it, because only then does it lend its Binaryen (as `binaryen` of the prototype). */
export class InliningLimits implements Transform {
  declare readonly binaryen: Binaryen;

  afterCompile(module: CompiledModule): void {
    for (const pattern of OUT_OF_LINE) {
      this.binaryen.setPassArgument("no-inline", pattern);
      module.runPasses(["no-inline"]);
    }
  }
}
