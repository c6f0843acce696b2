// The script of the page's worker: the whole verifier, asked by messages.
import { serveVerifier } from "../serve-verifier.ts";
import type { MessageEnd } from "../verifier-messages.ts";

serveVerifier(self as unknown as MessageEnd);
