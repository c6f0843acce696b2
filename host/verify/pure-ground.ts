// What replay receives from a platform that has nothing but JavaScript and WebAssembly: the counterpart of
// environment/native.ts, with the same bytes. Keccak is our own Wasm module, SHA-256 is as-sha256,
// signatures are @noble/curves. It must never import node: or a native add-on, nor read a clock.

import type { ReplayGround } from "../chain/replay-execution.ts";
import { keccak256Into } from "../codec/keccak.ts";
import { nobleSignatureChecker } from "../codec/signature.ts";
import { FallbackRunner } from "../machine/fallback-runner.ts";
import type { FrameObserver, HostCrypto } from "../sandbox/frame.ts";
import { ProgramCache } from "../sandbox/program-source.ts";
import { V8Runner } from "../sandbox/v8-runner.ts";
import { pureStateHasher } from "../state/state-hasher.ts";
import { claimStackRoom } from "./stack-room.ts";

const crypto: HostCrypto = {
  keccak256Into,
  sha256: (bytes) => pureStateHasher.sha256(bytes),
  recover: nobleSignatureChecker.recover,
};

/** Asks for stack before a frame and before each host call, so that neither overflows half done. */
const stackWatch: FrameObserver = { enterFrame: claimStackRoom, hostCall: claimStackRoom };

let made: ReplayGround | undefined;

/** The one ground of this realm: compiled contracts outlive the bundle they came with. */
export function pureGround(): ReplayGround {
  made ??= {
    hasher: pureStateHasher,
    signatures: nobleSignatureChecker,
    runner: new V8Runner(),
    machineRunner: new FallbackRunner(),
    crypto,
    programs: new ProgramCache(),
    observer: stackWatch,
  };
  return made;
}
