// What the families share: checks of a configuration, whose errors name the field that is wrong, and how scaled channel
// counts are rounded.
import { OptionError } from "../src/errors.ts";

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

export function checker<Config extends object>(family: string, config: Config): Checker<Config> {
  const demand = (field: keyof Config & string, ok: boolean, wanted: string) => {
    if (!ok) throw new OptionError(`${family}: ${field} is ${JSON.stringify(config[field])}`, `it must be ${wanted}`);
  };
  return {
    demand,
    counts(...fields) {
      for (const field of fields) {
        demand(field, Number.isSafeInteger(config[field]) && (config[field] as number) >= 1, "a whole number ≥ 1");
      }
    },
    positive(...fields) {
      for (const field of fields) {
        demand(field, Number.isFinite(config[field]) && (config[field] as number) > 0, "a number above 0");
      }
    },
    oneOf(field, values) {
      demand(field, values.includes(config[field]), values.join(", ").replace(/, ([^,]*)$/, " or $1"));
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
