// What the families share: checks of a configuration, whose errors name the field that is wrong, and how scaled channel
// counts are rounded. The checks are also where a family's fields are described from: see recordFields.
import { OptionError } from "../src/errors.ts";

/** One field of a family's configuration, as the family's own defaults and checks tell it. */
export interface Field {
  /** What it is where it is left out; undefined where that depends on other fields. */
  readonly default: unknown;
  /** What it must be, in words. */
  readonly wanted?: string;
  /** All that it may be, where that is a list. */
  readonly values?: readonly unknown[];
}

/** A family, as its checks describe it. */
export interface FamilyDescription {
  readonly name: string;
  readonly fields: ReadonlyMap<string, Field>;
}

/** Checks of one configuration's fields. */
export interface Checker<Config> {
  /** @throws OptionError naming the field, its value and what it must be, unless `ok` */
  demand(field: keyof Config & string, ok: boolean, wanted: string): void;
  /** Each field must be a whole number ≥ 1. */
  counts(...fields: (keyof Config & string)[]): void;
  /** Each field must be a finite number > 0. */
  positive(...fields: (keyof Config & string)[]): void;
  /** The field must be one of these. */
  oneOf(field: keyof Config & string, values: readonly unknown[]): void;
}

/** What is being recorded; null between recordings, undefined until the first checker of one. */
let recording: { name: string; fields: Map<string, Field> } | null | undefined = null;

/**
 * Describes a family by building its default configuration and listening to the checks: the fields are those that have
 * defaults and those that are checked, so that no list of them has to be kept beside the checks.
 */
export function recordFields(build: () => unknown): FamilyDescription {
  const outer = recording;
  recording = undefined;
  try {
    build();
    return recording ?? { name: "unknown", fields: new Map() };
  } finally {
    recording = outer;
  }
}

export function checker<Config extends object>(family: string, config: Config): Checker<Config> {
  // A family that builds on another calls its checker first.
  const fields = recording === undefined ? new Map<string, Field>() : undefined;
  if (fields !== undefined) {
    recording = { name: family, fields };
    for (const [field, value] of Object.entries(config)) fields.set(field, { default: value });
  }
  const demand = (field: keyof Config & string, ok: boolean, wanted: string, values?: readonly unknown[]) => {
    if (fields !== undefined && fields.get(field)?.wanted === undefined) {
      fields.set(field, { default: config[field], wanted, values });
    }
    if (!ok) throw new OptionError(`${family}: ${field} is ${JSON.stringify(config[field])}`, `it must be ${wanted}`);
  };
  return {
    demand: (field, ok, wanted) => demand(field, ok, wanted),
    counts(...names) {
      for (const field of names) {
        demand(field, Number.isSafeInteger(config[field]) && (config[field] as number) >= 1, "a whole number ≥ 1");
      }
    },
    positive(...names) {
      for (const field of names) {
        demand(field, Number.isFinite(config[field]) && (config[field] as number) > 0, "a number above 0");
      }
    },
    oneOf(field, values) {
      demand(field, values.includes(config[field]), values.join(", ").replace(/, ([^,]*)$/, " or $1"), values);
    },
  };
}

/**
 * A scaled channel count as TensorFlow's and torchvision's MobileNets and EfficientNets round it: to the nearest multiple,
 * but never by more than a tenth down.
 */
export function roundChannels(channels: number, multiple = 8): number {
  const rounded = Math.max(multiple, Math.floor((channels + multiple / 2) / multiple) * multiple);
  return rounded < 0.9 * channels ? rounded + multiple : rounded;
}
