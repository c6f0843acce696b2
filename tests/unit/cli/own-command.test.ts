// The line that is printed for calling this very command line again, here in a checkout. That it is `npx plasma` where
// the package is installed is seen in e2e/package.test.ts, where the demo's lines are run.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import type * as OwnCommand from "../../../cli/own-command.ts";
import { built } from "../../support/built.ts";

const { ownCommand } = await built<typeof OwnCommand>("cli/own-command.js");

it("is node and the script in a checkout, with words that a shell takes as they are", () => {
  expect(ownCommand(["replay", "blocks"])).toBe(
    `node ${join("dist", "cli", "main.js")} replay blocks`,
  );
  const line = ownCommand(["explain", "it's no code; echo $HOME", "--json"]);
  expect(line).toContain("'it'\\''s no code; echo $HOME'");
  const { error } = JSON.parse(execFileSync("sh", ["-c", `${line} || true`], { encoding: "utf8" }));
  expect(error.message).toContain("it's no code; echo $HOME");
});
