// The refusal of an argument or option, in the one form that all commands give it: what it is about, what came, what
// would have been right. What commander refuses by itself is told by program.ts.
import { EngineError } from "../host/errors.ts";

/** `field` is the option or argument as it is written on the command line; `message` goes behind its name. */
export function invalidArgument(field: string, message: string): EngineError {
  return new EngineError({
    code: "CLI_ARGUMENT_INVALID",
    message: `${field}: ${message}`,
    where: { field },
  });
}
