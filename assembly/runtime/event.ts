// Events: what a contract tells the world. `__emit` of an `@event` class is written by the transform: it
// fills the topics (hash of the signature, then the indexed fields) and the data, and calls the host.
import * as env from "../env";
import { fixedSize, sizeOf, write } from "../codec/encode";
import { alloc } from "./memory";

/** Emits an instance of an `@event` class. */
export function emit<T>(event: T): void {
  event.__emit();
}

/** Writes one indexed field as a topic: a value of at most 32 bytes left-padded, anything else hashed. */
export function writeTopic<T>(ptr: usize, value: T): void {
  const size = fixedSize<T>();
  if (size != 0 && size <= 32) {
    // The topics of an event class lie in static memory, so what is left of the value is zero already.
    write<T>(ptr + 32 - size, value);
  } else {
    const length = sizeOf<T>(value);
    const encoded = alloc(length);
    write<T>(encoded, value);
    env.keccak256(encoded, length, ptr);
  }
}

/** Hands topics and data to the host. */
export function emitRaw(topics: usize, topicCount: u32, ptr: usize, length: u32): void {
  env.emit(topics, topicCount, ptr, length);
}
