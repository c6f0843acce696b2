// Messages between two processes of ours over one byte stream, for both ends: u32 length ‖ msgpack. A length above
// the bound, bytes that are no message or a stream that ends inside one are faults, after which nothing more is read.
// Between processes of one version only; nothing here is hashed, stored or taken from strangers.
import type { Duplex } from "node:stream";
import { Packr } from "msgpackr";
import { readU32 } from "../codec/reader.ts";
import { EngineError } from "../errors.ts";

/** Bytes of one message: the largest body that rules allow, with room for its result. */
export const MESSAGE_BYTES_MAX = 256 * 1_048_576;
const LENGTH_BYTES = 4;

const packr = new Packr({ useRecords: false, useBigIntExtension: true, int64AsType: "bigint" });

export interface MessageListener {
  readonly onMessage: (message: unknown) => void;
  /** The stream ended or closed. */
  readonly onEnd: () => void;
  /** The other end does not speak this protocol. */
  readonly onFault: (error: EngineError) => void;
}

/** One end of a stream of messages. */
export class MessageStream {
  readonly #stream: Duplex;
  readonly #listener: MessageListener;
  /** What came of the message under way, its length included. */
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #isOver = false;

  constructor(stream: Duplex, listener: MessageListener) {
    this.#stream = stream;
    this.#listener = listener;
    stream.on("data", (chunk: Uint8Array) => this.#take(chunk));
    stream.on("error", () => this.#end());
    stream.on("close", () => this.#end());
    stream.on("end", () => this.#end());
  }

  /** @throws ENVIRONMENT_MESSAGE when the message is too long; nothing is sent */
  send(message: unknown): void {
    const packed = packr.pack(message);
    if (packed.length > MESSAGE_BYTES_MAX) {
      throw new EngineError({
        code: "ENVIRONMENT_MESSAGE",
        message: `got a message of ${packed.length} bytes, expected at most ${MESSAGE_BYTES_MAX}`,
      });
    }
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(packed.length);
    this.#stream.cork();
    this.#stream.write(length);
    this.#stream.write(packed);
    this.#stream.uncork();
  }

  /** Hears nothing more. */
  close(): void {
    this.#isOver = true;
    this.#stream.destroy();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#bytes > 0) this.#listener.onFault(fault("the end of the stream inside a message"));
    else this.#listener.onEnd();
  }

  #take(chunk: Uint8Array): void {
    if (this.#isOver) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    try {
      this.#deliver();
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      this.#isOver = true;
      this.#stream.destroy();
      this.#listener.onFault(error);
    }
  }

  #deliver(): void {
    for (;;) {
      const length = this.#length();
      if (length === undefined || this.#bytes < LENGTH_BYTES + length) return;
      const all = this.#joined();
      const end = LENGTH_BYTES + length;
      const rest = all.subarray(end);
      this.#chunks = rest.length === 0 ? [] : [rest];
      this.#bytes = rest.length;
      this.#listener.onMessage(unpacked(all.subarray(LENGTH_BYTES, end)));
      if (this.#isOver) return;
    }
  }

  /** Of the message under way, once its first bytes are here. */
  #length(): number | undefined {
    if (this.#bytes < LENGTH_BYTES) return undefined;
    const first = this.#chunks[0]!.length >= LENGTH_BYTES ? this.#chunks[0]! : this.#joined();
    const length = readU32(first, 0);
    if (length > MESSAGE_BYTES_MAX) throw fault(`a message of ${length} bytes`);
    return length;
  }

  /** One plain array, so that what is unpacked from it is no Buffer, whose slice is a view. */
  #joined(): Uint8Array {
    const [first] = this.#chunks;
    if (this.#chunks.length === 1 && !Buffer.isBuffer(first)) return first!;
    const all = new Uint8Array(this.#bytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks = [all];
    return all;
  }
}

function unpacked(bytes: Uint8Array): unknown {
  try {
    return packr.unpack(bytes);
  } catch (cause) {
    throw fault(`${bytes.length} bytes that are no message: ${(cause as Error).message}`);
  }
}

function fault(what: string): EngineError {
  return new EngineError({
    code: "ENVIRONMENT_PROTOCOL",
    message: `got ${what}, expected messages of environment processes`,
  });
}

/** For messages of another shape than either end sends. */
export function shapeFault(): EngineError {
  return fault("a message of an unknown shape");
}
