// `npm run scenarios` as a person runs it: its report, its exit codes, and a process that is killed.
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

function scenarios(...args: string[]) {
  const script = ["tests/scenarios/main.mjs", ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, script, { encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("npm run scenarios", () => {
  it("loses nothing where an environment is killed in the middle of blocks", () => {
    const { status, stdout } = scenarios("--seed", "3", "--only", "kill-in-block", "--json");
    const { scenarios: rows } = JSON.parse(stdout);
    expect(rows).toHaveLength(1);
    expect({ status, ...rows[0] }).toMatchObject({
      ...{ status: 0, name: "kill-in-block", seed: 3, ok: true, problems: [] },
      ...{ acknowledgedLost: 0, wrongFinal: 0, rightRejected: 0 },
    });
    expect(rows[0].faults[0]).toContain("kill -9");
  }, 120_000);

  it("ends with 2 where a wrong result became final", () => {
    const { status, stdout } = scenarios("--canary", "--json");
    expect(status).toBe(2);
    const { scenarios: rows } = JSON.parse(stdout);
    expect(rows).toMatchObject([
      { ok: false, wrongFinal: 1, rightRejected: 0 },
      { ok: false, wrongFinal: 1, rightRejected: 1 },
    ]);
  }, 120_000);
});
