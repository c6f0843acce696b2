// The one constant of frame weights, shared by bodies, import stubs and the entry stub.

/** Slots of a frame beside params, locals and operands: the link, and room for what a host frame
 * in V8 costs even when it is empty. */
export const FRAME_WEIGHT: u32 = 16;
