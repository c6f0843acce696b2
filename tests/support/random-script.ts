// Random scripts for probers: host calls, sub-calls and memory operations with arguments at the edges. Equal
// seeds give equal scripts.
import { intrinsicGas } from "../../host/chain/check-entry.ts";
import { presetRules } from "../../host/rules/presets.ts";
import {
  argumentCount,
  callRequest,
  MEMORY_END,
  type ProberCall,
  proberCalls,
  Script,
} from "./prober.ts";
import type { Random } from "./random.ts";
import type { TestChain } from "./test-chain.ts";

/** The account of prepare. */
export const SYSTEM = Uint8Array.of(...new Uint8Array(19), 1);
const EDGES = [0, 1, 4, 20, 31, 32, 33, 64, 65, 128, 200, 1_024, 1_025, 65_536, 65_537];
const FAR = [0x8000, 0x1_fff0, MEMORY_END, MEMORY_END + 1, 2 ** 31, 2 ** 32 - 32, 2 ** 32 - 1];

/** Scripts out of a seed, for probers at some addresses. */
export class ScriptMaker {
  readonly #random: Random;
  readonly #addresses: readonly Uint8Array[];

  constructor(random: Random, addresses: readonly Uint8Array[]) {
    this.#random = random;
    this.#addresses = addresses;
  }

  script(levels: number): Script {
    const random = this.#random;
    const script = new Script();
    if (random.oneIn(2)) script.host("enter", random.pick([0, 1, 1, 2, 3]));
    for (let steps = 1 + random.below(7); steps > 0; steps -= 1) this.#step(script, levels);
    return script;
  }

  #step(script: Script, levels: number): void {
    const random = this.#random;
    switch (random.below(14)) {
      case 0:
      case 1:
      case 2:
        if (levels > 0) this.#call(script, levels - 1);
        return;
      case 3:
      case 4:
        this.#storage(script);
        return;
      case 5:
        if (random.oneIn(3)) this.#wild(script, random.pick(proberCalls));
        return;
      case 6:
        script.host("emit", 0x100, random.below(5), 0x100, random.below(300));
        return;
      case 7:
        script.grow(random.pick([0, 1, 3, 60, 253]));
        return;
      case 8:
        script.recurse(random.pick([1, 50, 400, 1_500]));
        return;
      case 9:
        script.fill(random.below(0x1_0000), random.below(256), random.below(2_000));
        return;
      case 10:
        this.#end(script);
        return;
      case 11:
        // Probers alone: all of them have the same code, so what follows means the same.
        script.host("upgrade", random.oneIn(3) ? this.#fresh() : random.pick(this.#addresses));
        return;
      case 12:
        script.host(
          "send_message",
          new Uint8Array(68).fill(0, 0, 60),
          0x100,
          random.pick([0, 5, 300]),
        );
        return;
      default:
        script.showGlobal().setGlobal(random.next()).host("context", 0x400).show(0x400, 200);
    }
  }

  #end(script: Script): void {
    switch (this.#random.below(9)) {
      case 0:
        script.trap();
        return;
      case 1:
        script.spin();
        return;
      case 2:
      case 3:
        script.host("revert", 0x100, this.#random.below(64));
        return;
      case 4:
        script.host("output", 0x100, this.#random.below(64)).stop();
        return;
      case 5:
        script.load(this.#random.pick(FAR));
        return;
      default:
        script.host("sha256", 0x100, this.#random.below(1_024), 0x100);
    }
  }

  #call(script: Script, levels: number): void {
    const random = this.#random;
    const input = random.oneIn(5) ? new Uint8Array(random.below(40)) : this.script(levels).bytes();
    const to = random.pick([...this.#addresses, ...this.#addresses, SYSTEM, this.#fresh()]);
    const value = random.pick([0n, 0n, 1n, 50n, 10n ** 9n]);
    const gas = random.pick([2n ** 64n - 1n, 200_000n, 20_000n, 3_000n, 0n]);
    script.call(to, input, { value, gas });
    if (random.oneIn(2)) script.host("output_read", 0x600, 0, random.pick([0, 0, 4]));
  }

  /** One of few keys and values, so that opens meet what sets left. */
  #storage(script: Script): void {
    const random = this.#random;
    const key = new Uint8Array(32).fill(random.below(4));
    switch (random.below(4)) {
      case 0:
        script.host("storage_set", key, 0x100, random.pick([0, 1, 32, 33, 500, 5_000]));
        return;
      case 1:
        script.host("storage_delete", key);
        return;
      default:
        script.host("storage_open", key);
        if (random.oneIn(4)) script.host("value_read", 0x100, 0, random.pick([0, 1, 32]));
    }
  }

  /** Any call with any arguments. */
  #wild(script: Script, name: ProberCall): void {
    const random = this.#random;
    const arg = () =>
      random.oneIn(4)
        ? random.pick([new Uint8Array(65).fill(random.below(256)), callRequest(this.#fresh())])
        : random.pick(random.oneIn(3) ? FAR : EDGES);
    script.host(name, ...Array.from({ length: argumentCount(name) }, arg));
  }

  #fresh(): Uint8Array {
    return new Uint8Array(20).fill(0x90 + this.#random.below(8));
  }
}

/** The body of a block: calls of the probers with random scripts, under gas limits that end some of them early. */
export function scriptCalls(
  chain: TestChain,
  random: Random,
  probers: readonly Uint8Array[],
  count: number,
): Uint8Array[] {
  const maker = new ScriptMaker(random, probers);
  return Array.from({ length: count }, () => {
    const input = maker.script(3).bytes();
    const intrinsic = intrinsicGas(presetRules("general"), { kind: "call", input });
    return chain.sign("alice", {
      kind: "call",
      to: random.pick(probers),
      input,
      gasLimit: intrinsic + random.pick([0, 3_000, 20_000, 200_000, 300_000]),
      value: random.pick([0n, 100n, 10n ** 10n]),
      price: random.pick([0n, 1n, 7n]),
    });
  });
}
