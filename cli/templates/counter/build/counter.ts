// Written by plasma build from the ABI of assembly/counter.ts; edit that, not this.

/** Methods, events and errors of Counter. */
export interface Counter {
  readonly init: readonly [count: number | bigint];
  readonly calls: {
    increment(by: number | bigint): bigint;
  };
  readonly views: {
    value(): bigint;
    lastCaller(): `0x${string}`;
  };
  readonly events: {
    readonly Incremented: { readonly by: `0x${string}`; readonly count: bigint };
  };
  readonly errors: {
    readonly TooMuch: { readonly asked: bigint; readonly limit: bigint };
  };
}

/** For world.deploy and world.at of plasmavm/testing. */
export const Counter: {
  readonly contract: string;
  readonly source: string;
  readonly types?: Counter;
} = { contract: "Counter", source: "assembly/counter.ts" };
