// The header that a frame of the machine ends with, as the proof of its last step must reach it.
import type { FrameTrees } from "../../host/machine/frame-trees.ts";
import { MachineEnd, type MachineFrame } from "../../host/machine/machine.ts";

/** The header after the last step, whether the frame goes on or was left. */
export function headerAfter(frame: MachineFrame, trees: FrameTrees): Uint8Array {
  const header = trees.header();
  if (frame.end === MachineEnd.limit) return header;
  const resume = frame.end === MachineEnd.trap ? 0x100 + frame.detail : 0;
  header.set([0, frame.end === MachineEnd.success ? 10 : 11, resume >> 8, resume & 0xff], 252);
  return header;
}
