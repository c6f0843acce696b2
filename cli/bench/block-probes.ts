// Probes of what is not inside a contract: transactions, their signatures and input, deployments of the largest
// modules, contracts that are entered for the first time, pages that an instance gets. A round is a transaction,
// or a call of another contract.
import { deriveKey } from "../../host/chain/key.ts";
import { nativeSigner } from "../../host/environment/native.ts";
import { enteredKiB } from "../../host/limits.ts";
import type { Rounds } from "./measure-probe.ts";
import { type ProbeSource, probeWasm } from "./probe-module.ts";
import { type ProbeWorld, probeInput } from "./probe-world.ts";

/** A block that grows by what is to be timed. */
export interface BlockProbe {
  readonly name: string;
  readonly price: string;
  readonly roundsMax: number;
  readonly units: number;
  /** Modules may have so many times fewer functions and bytes. */
  open(world: ProbeWorld, dividedBy: number): Promise<Rounds>;
}

const INPUT_BYTES = 32_768;

/** Blocks of so many transactions, executed and replayed. */
class Transactions implements Rounds {
  readonly #world: ProbeWorld;
  readonly #make: () => Uint8Array;
  readonly #signed: boolean;

  constructor(world: ProbeWorld, signed: boolean, make: () => Uint8Array) {
    this.#world = world;
    this.#signed = signed;
    this.#make = make;
  }

  async run(loops: number): ReturnType<Rounds["run"]> {
    const world = this.#world;
    world.checksSignatures = this.#signed;
    const body = Array.from({ length: loops }, this.#make);
    const { millis, gasUsed, committed } = await world.execute(body, true);
    const replayed = world.replay(committed.bundle!);
    world.checksSignatures = false;
    const { output } = committed.entries[0]!;
    return { millis: Math.max(millis, replayed), gas: gasUsed, output };
  }
}

/** Another account each time. */
class Strangers {
  #count = 0;

  next(): Uint8Array {
    const address = new Uint8Array(20).fill(0xab);
    new DataView(address.buffer).setUint32(0, this.#count++);
    return address;
  }
}

const transactions: readonly BlockProbe[] = [
  {
    name: "transaction, signed, to a new account",
    price: "intrinsic.transaction",
    units: 1,
    roundsMax: 1_000,
    open: async (world) => {
      const strangers = new Strangers();
      const input = new Uint8Array(0);
      return new Transactions(world, true, () =>
        world.call({ to: strangers.next(), input, value: 1n, gasLimit: 2_000_000 }),
      );
    },
  },
  {
    name: "transaction, 32,768 bytes of input",
    price: "intrinsic.transactionLeaf",
    units: INPUT_BYTES / 128,
    roundsMax: 100,
    open: async (world) => {
      const input = new Uint8Array(INPUT_BYTES).fill(5);
      const { address } = nativeSigner(deriveKey("plasma bench probes", "receiver"));
      return new Transactions(world, false, () =>
        world.call({ to: address, input, gasLimit: 2_000_000 }),
      );
    },
  },
];

/** Deploys modules of one shape that differ in a few bytes of data, so that none is known. */
const deployment = (
  name: string,
  source: (seed: number, dividedBy: number) => ProbeSource,
  roundsMax = 8,
): BlockProbe => ({
  name: `deploy, ${name}`,
  price: "intrinsic.deploy",
  units: 1,
  roundsMax,
  open: async (world, dividedBy) => {
    let seed = 0;
    const make = () => world.deployment(probeWasm(source(seed++, dividedBy))).bytes;
    return new Transactions(world, false, make);
  },
});

const seedData = (seed: number): Uint8Array => Uint8Array.of(seed, seed >> 8, 1, 2);

const straight = (seed: number, functions: number, body: string): ProbeSource => ({
  body: "local.get $n call @0 drop",
  functions: Array.from({ length: functions }, () => ({
    params: 1,
    results: 1,
    body: `${body} local.get 0`,
  })),
  data: seedData(seed),
});

/** A body of `count` switches over `ways` ways. */
const switches = (count: number, ways: number): string =>
  Array.from(
    { length: count },
    () => `block local.get 0 br_table ${Array(ways).fill(0).join(",")} end`,
  ).join(" ");

const ifs = (count: number): string =>
  "local.get 0 if local.get 0 i32.const 1 i32.add local.set 0 else local.get 0 i32.const 3 i32.mul local.set 0 end ".repeat(
    count,
  );

const deployments: readonly BlockProbe[] = [
  deployment("2 KiB", (seed) => straight(seed, 1, ifs(100)), 100),
  deployment("64 functions of straight code", (seed, by) =>
    straight(seed, 64 / by, "local.get 0 i32.const 77 i32.xor local.set 0 ".repeat(500)),
  ),
  deployment("12 functions of joins", (seed, by) => straight(seed, Math.ceil(12 / by), ifs(600))),
  deployment("br_table as wide as allowed", (seed) => straight(seed, 8, switches(4, 250))),
  deployment("4,000 functions", (seed, by) =>
    straight(seed, 4_000 / by, "local.get 0 local.set 0"),
  ),
  deployment("256 KiB that say nothing", (seed, by) => ({
    body: "",
    data: seedData(seed),
    padding: Math.floor(261_000 / by),
  })),
];

const STRANGE = 64;
/** KiB of the contracts that fill a block with code, and of the one that calls them, at most. */
const FULL_KIB = 5;
const CALLER_KIB = 6;
const ADDRESSES_AT = 4_096;

/** Calls of contracts that no cache has, as in a verifier that has just started: each is prepared and compiled. */
class ColdCalls implements Rounds {
  readonly #world: ProbeWorld;
  readonly #caller: Uint8Array;
  readonly #addresses: Uint8Array;

  constructor(world: ProbeWorld, caller: Uint8Array, addresses: Uint8Array) {
    this.#world = world;
    this.#caller = caller;
    this.#addresses = addresses;
  }

  static async open(world: ProbeWorld, kib: number, count = STRANGE): Promise<ColdCalls> {
    const addresses: Uint8Array[] = [];
    for (let seed = 0; seed < count; seed++) {
      const source = {
        bare: true,
        body: kib > 1 ? ifs(25 * kib) : "",
        data: seedData(seed),
      } as const;
      addresses.push(
        await world.deploy(
          probeWasm({
            ...source,
            body: source.body
              .replaceAll("local.get 0", "local.get $a")
              .replaceAll("local.set 0", "local.set $a"),
          }),
        ),
      );
    }
    const caller = await world.deploy(
      probeWasm({
        setup: `i32.const ${ADDRESSES_AT} i32.const 8 i32.const ${20 * count} call $input drop
          i32.const 1024 i64.const -1 i64.store 36`,
        body: `i32.const 1024 local.get $p i32.const ${ADDRESSES_AT} i32.add i32.const 20 memory.copy
          local.get $p i32.const 20 i32.add local.set $p
          i32.const 1024 i32.const 0 i32.const 0 call $call drop`,
      }),
    );
    return new ColdCalls(world, caller, Buffer.concat(addresses));
  }

  async run(loops: number): ReturnType<Rounds["run"]> {
    const world = this.#world;
    const input = probeInput(loops, 0, this.#addresses);
    const block = await world.execute([world.call({ to: this.#caller, input })], true);
    const { gasUsed, committed } = block;
    const millis = world.replayCold(committed.bundle!);
    return { millis, gas: gasUsed, output: committed.entries[0]!.output };
  }
}

/** A block as full of code as its rules allow: how many contracts, and milliseconds of its replay from nothing. */
export interface FullOfCode {
  readonly contracts: number;
  readonly replayMillis: number;
}

/** Replays a block of `world` that calls as many different contracts of 5 KiB as it has room for. */
export async function replayFullOfCode(world: ProbeWorld): Promise<FullOfCode> {
  const { codeKiBMax } = world.rules.block;
  const room = codeKiBMax - enteredKiB(1_024 * CALLER_KIB);
  const contracts = Math.floor(room / enteredKiB(1_024 * (FULL_KIB + 1)));
  const calls = await ColdCalls.open(world, FULL_KIB, contracts);
  const { millis } = await calls.run(contracts);
  return { contracts, replayMillis: millis };
}

const strangeCode = (name: string, kib: number): BlockProbe => ({
  name,
  price: "entry.perKiB",
  units: kib,
  roundsMax: STRANGE,
  open: (world) => ColdCalls.open(world, kib),
});

export const blockProbes: readonly BlockProbe[] = [
  ...transactions,
  ...deployments,
  strangeCode("calls of contracts that no cache has", 1),
  strangeCode("calls of contracts of 5 KiB that no cache has", 5),
];
