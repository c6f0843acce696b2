// Chosen scripts in the machine, with every phase and every step of a host call proven: sizes at the edges of
// leaves and chunks, reads across them, collapses of the trie, nesting to the limit, live pages, locks.
import { beforeAll, describe, expect, it } from "vitest";
import { decodeBundle } from "../../../host/chain/bundle.ts";
import { decodeReceipt } from "../../../host/chain/receipt.ts";
import { decodeHeader, Status } from "../../../host/dispute/judge-header.ts";
import { Outcome } from "../../../host/outcome.ts";
import {
  type MachineBlock,
  MachineChain,
  oneIn,
  runInMachine,
} from "../../support/machine-chain.ts";
import { Script } from "../../support/prober.ts";

let chain: MachineChain;
let probers: readonly Uint8Array[];
beforeAll(async () => {
  chain = await MachineChain.open();
  probers = await chain.probers(3);
});

const at = (i: number): Uint8Array => probers[i] as Uint8Array;
const key = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => 11 * i + 3);
const SIZES = [0, 1, 31, 32, 33, 64, 127, 128, 129, 255, 256, 257, 1_000];

/** Runs scripts in one block, host and machine; the outcomes. */
async function outcomes(
  scripts: readonly Script[],
  onProof: (proof: Uint8Array) => void = () => {},
  gasLimit = 20_000_000,
): Promise<number[]> {
  const block: MachineBlock = await chain.block(
    scripts.map((script) =>
      chain.chain.sign("alice", {
        ...{ kind: "call", to: at(0), input: script.bytes(), value: 3n, gasLimit, price: 1n },
      }),
    ),
  );
  runInMachine(block, oneIn(4_001, 1), (_, proof) => onProof(proof));
  return decodeBundle(block.bundle).receipts.map((receipt) => decodeReceipt(receipt).outcome);
}

describe("host calls in the machine, step by step", () => {
  it("set, open and read values of every size, from every offset", async () => {
    const scripts = SIZES.map((size, i) => {
      const script = new Script().host("storage_set", key(i), bytes(size), size);
      script.host("storage_open", key(i)).host("value_read", 0x17d, 0, size);
      if (size > 33) script.host("value_read", 0x281, 31, size - 33);
      return script.show(0x17d, size);
    });
    expect(await outcomes(scripts)).toEqual(SIZES.map(() => Outcome.success));
  });

  it("open what the block before left, and keep an opening whatever becomes of the value", async () => {
    const script = new Script().host("storage_open", key(12)).host("storage_delete", key(12));
    script.host("value_read", 0x100, 900, 100).host("storage_set", key(12), bytes(5), 5);
    expect(await outcomes([script.host("value_read", 0x100, 0, 1_000)])).toEqual([0]);
  });

  it("take outputs, inputs, events and revert data of every size", async () => {
    const scripts = SIZES.flatMap((size) => [
      new Script().host("output", bytes(size), size).stop(),
      new Script().host("emit", key(1), size % 5, bytes(size), size),
      new Script().host("revert", bytes(size), size),
      new Script()
        .call(at(1), new Script().host("revert", bytes(size), size).bytes())
        .host("output_read", 0x1ff, 0, size)
        .host("output_read", 0x1ff, size >> 1, size >> 1),
    ]);
    expect(await outcomes(scripts)).toHaveLength(4 * SIZES.length);
  });

  it("delete values so that branches collapse, and back", async () => {
    const keys = Array.from({ length: 12 }, (_, i) => key(0x40 + i));
    const set = new Script();
    const mixed = new Script();
    const clear = new Script();
    for (const one of keys) set.host("storage_set", one, one, 32);
    for (const one of keys.slice(3, 9)) mixed.host("storage_delete", one);
    for (const one of keys.slice(5, 7)) mixed.host("storage_set", one, one, 1);
    for (const one of keys) clear.host("storage_delete", one);
    const kept = new Script()
      .call(at(1), mixed.bytes())
      .call(at(1), clear.host("revert", 0, 0).bytes());
    expect(await outcomes([set, mixed, set, clear, mixed, kept])).toEqual([0, 0, 0, 1, 0, 0]);
  });
});

describe("sub-calls in the machine, step by step", () => {
  it("end with each status, give their gas back, and roll back what they did", async () => {
    const write = () =>
      new Script().host("storage_set", key(1), key(2), 32).host("emit", 0, 0, 0, 0);
    const call = (inner: Script, options = {}) => new Script().call(at(1), inner.bytes(), options);
    const scripts = [
      call(write(), { value: 2n }),
      call(write().host("revert", 0, 3), { value: 2n }),
      call(write().trap(), { value: 2n, gas: 300_000n }),
      call(write().spin(), { gas: 60_000n }),
      call(new Script(), { value: 2n ** 90n }),
      call(new Script(), { gas: 0n }),
      call(new Script().call(at(0), new Uint8Array(0)).call(at(1), new Uint8Array(0))),
      new Script().host("enter", 1).call(at(0), write().bytes()).host("enter", 1),
      new Script().host("enter", 2).call(at(1), write().bytes(), { gas: 200_000n }),
      new Script()
        .host("enter", 2)
        .call(at(1), new Uint8Array(0), { value: 1n })
        .host("context", 0),
      new Script().call(new Uint8Array(20).fill(0x33), bytes(300), { value: 1n }),
      call(write()).trap(),
      call(write()).host("revert", 0, 0),
    ];
    const expected = [...Array(11).fill(Outcome.success), Outcome.trap, Outcome.revert];
    expect(await outcomes(scripts)).toEqual(expected);
  });

  it("nest to the limit and are refused beyond it", async () => {
    const again = (levels: number): Script => {
      const script = new Script().host("enter", 1);
      return levels === 0 ? script : script.call(at(levels % 3), again(levels - 1).bytes());
    };
    expect(await outcomes([again(33)], undefined, 60_000_000)).toEqual([Outcome.success]);
  });

  it("are refused where live pages would be too many, and may grow beyond when entered", async () => {
    /** Frames of 256 pages each, called by one another; the last calls once more. */
    const grown = (levels: number): Script => {
      const script = new Script().host("enter", 1).grow(252);
      const inner = levels === 1 ? new Script() : grown(levels - 1);
      return script.call(at(levels % 3), inner.bytes());
    };
    const phases: string[] = [];
    const note = (proof: Uint8Array) => {
      const { status, phase, resume } = decodeHeader(proof);
      if (status === Status.phase) phases.push(`${phase}:${resume}`);
    };
    await outcomes([grown(3), grown(4)], note, 40_000_000);
    const refusals = phases.filter((phase, i) => phase === "11:3" && phases[i - 1] === "9:0");
    expect(refusals).toHaveLength(1);
  });

  it("forward all but a 64th", async () => {
    const gas = new Script().call(at(1), new Script().spin().bytes()).host("context", 0x100);
    expect(await outcomes([gas], undefined, 100_000)).toEqual([Outcome.success]);
  });
});
