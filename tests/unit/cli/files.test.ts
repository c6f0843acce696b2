// Files and folders appear whole or not at all, and every failure has a code and the path.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  discardUnfinished,
  inFile,
  inScratchFolder,
  makeFolder,
  readBytes,
  refuseExisting,
  refuseFilled,
  writeChanged,
  writeWhole,
} from "../../../cli/files.ts";
import { EngineError } from "../../../host/errors.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plasma-files-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function codeOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (error instanceof EngineError) return error.code;
    throw error;
  }
  return "none";
}

describe("reading", () => {
  it("accepts a file of exactly the greatest size and refuses one byte more", async () => {
    const file = join(folder, "ten");
    writeFileSync(file, "0123456789");
    expect(readBytes(file, 10).length).toBe(10);
    expect(await codeOf(() => readBytes(file, 9))).toBe("FILE_TOO_LARGE");
  });

  it("tells a missing file from a folder", async () => {
    expect(await codeOf(() => readBytes(join(folder, "none")))).toBe("FILE_NOT_FOUND");
    expect(await codeOf(() => readBytes(folder))).toBe("FILE_NOT_READABLE");
  });
});

describe("writing", () => {
  it("replaces a file in one step, makes folders on the way and leaves no temporary file", () => {
    const file = join(folder, "deep/er/file.txt");
    writeWhole(file, "one");
    writeWhole(file, new TextEncoder().encode("two"));
    expect(readFileSync(file, "utf8")).toBe("two");
    expect(readdirSync(join(folder, "deep/er"))).toEqual(["file.txt"]);
  });

  it("leaves a file alone that holds the same already", () => {
    const file = join(folder, "same");
    writeChanged(file, "a");
    const { ino } = statSync(file);
    writeChanged(file, new TextEncoder().encode("a"));
    expect(statSync(file).ino).toBe(ino);
    writeChanged(file, "b");
    expect(readFileSync(file, "utf8")).toBe("b");
  });

  it("says so where it cannot write, and leaves nothing", async () => {
    mkdirSync(join(folder, "taken"));
    expect(await codeOf(() => writeWhole(join(folder, "taken"), "x"))).toBe("FILE_NOT_WRITABLE");
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
    expect(await codeOf(() => refuseExisting(join(folder, "taken")))).toBe("FILE_EXISTS");
  });

  it("says so too where the way leads through a file, or the name is too long", async () => {
    const file = join(folder, "plain");
    writeWhole(file, "x");
    for (const place of [join(file, "x"), join(folder, "n".repeat(255))]) {
      expect(await codeOf(() => writeWhole(place, "x"))).toBe("FILE_NOT_WRITABLE");
      expect(await codeOf(() => makeFolder(place, () => {}))).toBe("FILE_NOT_WRITABLE");
      expect(() => discardUnfinished()).not.toThrow();
    }
  });
});

describe("a new folder", () => {
  it("appears when it is complete", async () => {
    const place = join(folder, "made");
    await makeFolder(place, (temporary) => {
      expect(existsSync(place)).toBe(false);
      writeFileSync(join(temporary, "a"), "1");
    });
    expect(readdirSync(place)).toEqual(["a"]);
  });

  it("does not appear when filling it fails", async () => {
    const place = join(folder, "failed");
    const filling = makeFolder(place, (temporary) => {
      writeFileSync(join(temporary, "a"), "1");
      throw new EngineError({ code: "PACK_FAILED", message: "no npm" });
    });
    await expect(filling).rejects.toMatchObject({ code: "PACK_FAILED" });
    expect(readdirSync(folder).filter((name) => name.includes("failed"))).toEqual([]);
  });

  it("may be empty before, but neither a file nor filled", async () => {
    const empty = join(folder, "empty");
    mkdirSync(empty);
    await makeFolder(empty, (temporary) => writeFileSync(join(temporary, "a"), "1"));
    expect(readdirSync(empty)).toEqual(["a"]);
    expect(await codeOf(() => refuseFilled(empty))).toBe("FOLDER_NOT_EMPTY");
    expect(await codeOf(() => refuseFilled(join(empty, "a")))).toBe("FOLDER_NOT_EMPTY");
  });
});

describe("a scratch folder", () => {
  it("is there while it is used, and gone when that ends, fails or is interrupted", async () => {
    const places: string[] = [];
    const use = (end: () => void) =>
      inScratchFolder(async (place) => {
        places.push(place);
        writeFileSync(join(place, "a"), "1");
        end();
        return existsSync(place);
      });
    expect(await use(() => {})).toBe(true);
    expect(await use(discardUnfinished)).toBe(false);
    const failing = use(() => {
      throw new EngineError({ code: "PACK_FAILED", message: "no npm" });
    });
    await expect(failing).rejects.toMatchObject({ code: "PACK_FAILED" });
    expect(places.filter((place) => existsSync(place))).toEqual([]);
    expect(new Set(places).size).toBe(3);
  });
});

describe("inFile", () => {
  it("adds the file to errors that do not name one", () => {
    const thrown = (where: object) => () =>
      inFile("outer", () => {
        throw new EngineError({ code: "FILE_EXISTS", message: "m", where });
      });
    expect(thrown({ field: "x" })).toThrow(
      expect.objectContaining({ where: { file: "outer", field: "x" } }),
    );
    expect(thrown({ file: "inner" })).toThrow(
      expect.objectContaining({ where: { file: "inner" } }),
    );
  });
});
