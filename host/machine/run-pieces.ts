// What a run asks for beside what the machine holds (docs/machine.md section 8), as bytes that its steps check
// like a judge does. Whoever has the body, the state and the code of a block serves it; a wrong answer stops
// the run and never changes what it comes to.

/** One request; roots and paths are 32 bytes. */
export type PieceRequest =
  | {
      readonly kind: "entry";
      readonly index: number;
      /** The state in which the entry begins, and the trie of the code entered before it. */
      readonly roots: readonly Uint8Array[];
    }
  | { readonly kind: "head"; readonly index: number }
  | { readonly kind: "deployers" }
  | { readonly kind: "receipt path"; readonly index: number }
  | {
      /** Of the place behind the messages of the outbox with this root. */
      readonly kind: "outbox path";
      readonly root: Uint8Array;
    }
  | {
      readonly kind: "state path";
      readonly path: Uint8Array;
      readonly reads: "commitment" | "storage" | "account" | "code";
      /** Of the trie: the state, or the code that the block has entered. */
      readonly root: Uint8Array;
    }
  | {
      /** Neighbouring leaves of a `bytesRoot` tree, or chunks of a state value. */
      readonly kind: "leaves" | "chunks";
      readonly root: Uint8Array;
      readonly length: number;
      readonly indices: readonly number[];
    }
  | { readonly kind: "output"; readonly root: Uint8Array; readonly length: number };

export interface RunPieces<Program> {
  serve(request: PieceRequest): Uint8Array;
  /** The program whose code record has this code root. */
  program(codeRoot: Uint8Array): Program;
  /** Those of the order's rules, which deployments write. */
  readonly prepareRules: Uint8Array;
  /** Bytes that a host call is about to gather: their root will stand for them. */
  noteBytes(bytes: Uint8Array): void;
  /** A value that is about to be set. */
  noteValue(value: Uint8Array): void;
  /** A value was put at a path of the trie with this root, or taken out. */
  stateWritten(root: Uint8Array, path: Uint8Array, value: Uint8Array | undefined): void;
  /** The receipt of entry `index` was appended: `leaf` [32] is the keccak of its bytes. */
  receiptWritten(index: number, leaf: Uint8Array): void;
  /** A message is appended to the outbox with this root: `leaf` [32] is the keccak of its bytes. */
  messageSent(outboxRoot: Uint8Array, leaf: Uint8Array): void;
}
