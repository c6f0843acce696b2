// Settings and where each value comes from: flag > environment > plasma.config.json > default.
// No setting is needed to work. The file is optional JSON in the project's folder; a field that is
// not known is refused, since a misspelt setting would silently be the default.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "../host/errors.ts";
import { nearestName } from "../host/rules/nearest-name.ts";
import { readText } from "./files.ts";

export const CONFIG_FILE = "plasma.config.json";
const CONFIG_BYTES_MAX = 65_536;

export interface Setting {
  /** Field of plasma.config.json. */
  readonly name: string;
  readonly flag: string;
  readonly environment?: string;
  readonly fallback: string | null;
  readonly about: string;
}

export const settings: readonly Setting[] = [
  { name: "source", flag: "--source", fallback: "assembly", about: "folder of contract sources" },
  { name: "out", flag: "--out", fallback: "build", about: "folder that build writes to" },
  { name: "rules", flag: "--rules", fallback: "general", about: "rules that check applies" },
  {
    name: "rpc",
    flag: "--rpc",
    environment: "PLASMA_RPC",
    fallback: null,
    about: "address of a node",
  },
  {
    name: "account",
    flag: "--account",
    environment: "PLASMA_ACCOUNT",
    fallback: null,
    about: "account that signs",
  },
  {
    name: "passwordFile",
    flag: "--password-file",
    environment: "PLASMA_PASSWORD_FILE",
    fallback: null,
    about: "file with the keystore's password",
  },
];

export type Origin = "flag" | "environment" | "config" | "default";
export interface SettingValue {
  readonly name: string;
  readonly value: string | null;
  readonly origin: Origin;
  /** The flag, variable or file that gave the value. */
  readonly from: string | null;
}

function configError(
  code: "CONFIG_SYNTAX" | "CONFIG_TYPE",
  field: string,
  message: string,
): EngineError {
  return new EngineError({ code, message, where: { file: CONFIG_FILE, field } });
}

/**
 * The fields of `folder`/plasma.config.json; none where there is no such file.
 * @throws CONFIG_SYNTAX, CONFIG_TYPE, CONFIG_FIELD_UNKNOWN, FILE_…
 */
export function readConfiguration(folder: string): ReadonlyMap<string, string> {
  const file = join(folder, CONFIG_FILE);
  const values = new Map<string, string>();
  if (!existsSync(file)) return values;
  let json: unknown;
  try {
    json = JSON.parse(readText(file, CONFIG_BYTES_MAX));
  } catch (error) {
    if (error instanceof EngineError) throw error;
    const reason = error instanceof Error ? error.message : "";
    throw configError("CONFIG_SYNTAX", "", `not JSON: ${reason}`);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw configError("CONFIG_TYPE", "", "got another JSON value, expected an object");
  }
  const names = settings.map((setting) => setting.name);
  for (const [name, value] of Object.entries(json)) {
    if (name === "$schema") continue;
    if (!names.includes(name)) {
      const near = nearestName(name, names);
      throw new EngineError({
        code: "CONFIG_FIELD_UNKNOWN",
        message: `${name}: there is no such setting`,
        where: { file: CONFIG_FILE, field: name },
        ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
      });
    }
    if (typeof value !== "string") {
      throw configError("CONFIG_TYPE", name, `${name}: got ${typeof value}, expected a string`);
    }
    values.set(name, value);
  }
  return values;
}

/** One setting from the first place that has it. */
export function resolveSetting(
  setting: Setting,
  flags: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
  configuration: ReadonlyMap<string, string>,
): SettingValue {
  const { name } = setting;
  const flag = flags[name];
  if (typeof flag === "string") return { name, value: flag, origin: "flag", from: setting.flag };
  const variable = setting.environment === undefined ? undefined : environment[setting.environment];
  if (variable !== undefined && variable !== "") {
    return { name, value: variable, origin: "environment", from: setting.environment ?? null };
  }
  const configured = configuration.get(name);
  if (configured !== undefined) {
    return { name, value: configured, origin: "config", from: CONFIG_FILE };
  }
  return { name, value: setting.fallback, origin: "default", from: null };
}

/** The value of a setting by its name, for a command in `folder`. @throws as readConfiguration */
export function settingValue(
  name: string,
  flags: Readonly<Record<string, unknown>>,
  folder = ".",
): string | null {
  const setting = settings.find((candidate) => candidate.name === name)!;
  return resolveSetting(setting, flags, process.env, readConfiguration(folder)).value;
}
