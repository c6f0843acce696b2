// The claim of native stack that stands before every frame and host call of the pure ground.
import { describe, expect, it } from "vitest";
import { claimStackRoom } from "../../../host/verify/stack-room.ts";

describe("the claim of stack room", () => {
  it("fails while there is still stack, and well before the end of it", () => {
    let claimFailed = false;
    let levelsAfter = 0;
    const dive = (): void => {
      if (claimFailed) {
        levelsAfter += 1;
      } else {
        try {
          claimStackRoom();
        } catch {
          claimFailed = true;
        }
      }
      dive();
    };
    expect(dive).toThrow(RangeError);
    expect(claimFailed).toBe(true);
    // 16 KiB at 200 bytes a level, which is more than this function takes.
    expect(levelsAfter).toBeGreaterThan(80);
  });

  it("costs nothing but time where there is room", () => {
    expect(claimStackRoom()).toBeUndefined();
  });
});
