// What a replay's observer saw of the frames of a block, as one list in order: for tests about gas, which
// contracts cannot see.
import { replayBundle } from "../../../host/chain/replay-bundle.ts";
import type { TestChain } from "../../support/test-chain.ts";

export type TraceItem =
  | {
      readonly at: "enter";
      readonly gas: number;
      readonly callDepth: number;
      readonly self: Uint8Array;
    }
  | {
      readonly at: "leave";
      readonly status: number;
      readonly trap: number;
      readonly gasLeft: number;
    }
  | { readonly at: "host"; readonly name: string; readonly gas: number };

/** Replays a bundle on V8 and tells its frames. */
export function traceOf(chain: TestChain, bundle: Uint8Array): TraceItem[] {
  const items: TraceItem[] = [];
  const { verdict } = replayBundle(bundle, {
    ...chain.ground,
    observer: {
      enterFrame: ({ gas, callDepth, self }) => items.push({ at: "enter", gas, callDepth, self }),
      leaveFrame: (_, { status, trap, gasLeft }) => {
        items.push({ at: "leave", status, trap, gasLeft });
      },
      hostCall: (_, name, gas) => items.push({ at: "host", name, gas }),
    },
  });
  if (verdict !== "valid") throw new TypeError(`the replay to trace was ${verdict}`);
  return items;
}
