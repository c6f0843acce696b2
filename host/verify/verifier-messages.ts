// What passes between a page and the worker that verifies for it. Plain data, numbered by request.

import type { Expectations } from "../chain/replay-result.ts";
import type { ErrorWhere } from "../errors.ts";
import type { VerifiedFile } from "./verify-file.ts";

export interface VerifyRequest {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly expectations: Expectations;
}

/** A failure that is no verdict: the engine's own code, or "BUG". */
export interface VerifyFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly where: ErrorWhere;
}

export type VerifyReply =
  | {
      readonly id: number;
      readonly kind: "progress";
      readonly done: number;
      readonly total: number;
    }
  | { readonly id: number; readonly kind: "result"; readonly value: VerifiedFile }
  | { readonly id: number; readonly kind: "failure"; readonly failure: VerifyFailure };

/** The side of a worker, or of its page, as both know it. */
export interface MessageEnd {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}
