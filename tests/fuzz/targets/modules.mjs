// Modules through prepare, emit-wasm, V8's compiler and one run each: what prepare accepts must compile,
// and a run must end in an outcome, the same one twice. Also what only looks at modules: names, sections.
import { mutateWasm } from "../mutate-wasm.mjs";
import { randomModule } from "../random-wasm.mjs";
import { answered, holds, sameBytes } from "./laws.mjs";

const GAS = 200_000;
const ADDRESS = new Uint8Array(20).fill(7);

function frame(engine, chain, input) {
  const transaction = {
    state: new engine.Overlay(engine.noState),
    events: new engine.EventList(),
    programs: chain.programs,
    runner: chain.runner,
    crypto: chain.ground.crypto,
    environmentId: chain.environmentId,
    origin: ADDRESS,
    producer: ADDRESS,
    height: 1n,
    time: 1n,
    price: 0n,
    nonce: 0n,
    gasLimit: GAS,
  };
  const fields = { self: ADDRESS, caller: ADDRESS, value: 0n, input, gas: GAS, callDepth: 1 };
  return new engine.Frame({
    transaction,
    ...fields,
    livePages: 0,
    readOnly: false,
    deployment: false,
  });
}

export const modulesTarget = {
  name: "modules",
  weight: 4,
  make({ modules }, random) {
    if (random.oneIn(3)) {
      const wasm = randomModule(random);
      return random.oneIn(2) ? wasm : mutateWasm(random, wasm);
    }
    return mutateWasm(random, random.pick(modules));
  },
  run({ engine, chain }, wasm) {
    answered(engine, () => engine.wasmOverview(wasm));
    answered(engine, () => engine.readSection(wasm, "plasma.abi"));
    engine.importNames(wasm);
    engine.functionName(wasm, wasm.length % 7);
    const prepared = answered(engine, () =>
      engine.prepareModule(wasm, engine.prepareRulesBlob(chain.rules)),
    );
    if (prepared === undefined) return "refused";
    const again = engine.encodeCodeRecord(engine.decodeCodeRecord(prepared.record));
    holds(sameBytes(again, prepared.record), "a code record is its own encoding");
    const program = {
      recordHash: prepared.recordHash,
      prepared,
      pagesInitial: prepared.layout.pagesInitial,
      compiled: undefined,
    };
    const [first, second] = [0, 1].map(() =>
      chain.runner.run(frame(engine, chain, wasm.subarray(0, 64)), program),
    );
    holds(first.gasLeft >= 0 && first.gasLeft < GAS, `gas left is ${first.gasLeft} of ${GAS}`);
    holds([0, 1, 2].includes(first.status), `a run ends with status ${first.status}`);
    const same = ["status", "trap", "gasLeft"].every((field) => first[field] === second[field]);
    holds(same && sameBytes(first.output, second.output), "a second run ends as the first");
    return "ran";
  },
};
