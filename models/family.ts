// A family of architectures: a pure function from a configuration to a graph, that knows its own fields. What every family
// does with a bad configuration is here: one OptionError that names the field, whatever layer of the network noticed.
import { GraphError, OptionError } from "../src/errors.ts";
import type { Graph } from "../src/graph/graph.ts";
import { type FamilyDescription, type Field, recordFields } from "./config.ts";

export interface Family<Config> {
  /**
   * Builds a network: input `input` [1,3,H,W], output `output` [1,classes] of logits.
   * @throws OptionError naming the field of the configuration that is unknown or out of range
   */
  (config?: Config): Graph;
  /** Its name, such as `mobilenet_v1`. */
  readonly family: string;
  /** The fields of its configuration. */
  readonly fields: ReadonlyMap<string, Field>;
}

/** A configuration of any family. */
export type AnyConfig = Readonly<Record<string, unknown>>;

// biome-ignore lint/suspicious/noExplicitAny: a list of families has one of each configuration
export type AnyFamily = Family<any>;

/** Makes a family of a builder, which has a default for every field. */
export function family<Config extends object>(build: (config: Config) => Graph): Family<Config> {
  let description: FamilyDescription | undefined;
  const describe = () => {
    description ??= recordFields(() => build({} as Config));
    return description;
  };
  const checked = (config: Config = {} as Config): Graph => {
    if (Object.keys(config).length > 0) checkFields(describe(), config as AnyConfig);
    try {
      return build(config);
    } catch (error) {
      if (error instanceof GraphError) throw blame(describe(), build, config, error);
      throw error;
    }
  };
  return Object.defineProperties(checked, {
    family: { get: () => describe().name },
    fields: { get: () => describe().fields },
  }) as unknown as Family<Config>;
}

/** Families of builders that are none themselves. */
const wrapped = new WeakMap<object, AnyFamily>();

/** The family that a builder is, or one made of it. */
export function familyOf<Config extends object>(build: (config?: Config) => Graph): Family<Config> {
  if ("family" in build) return build as Family<Config>;
  const made = wrapped.get(build) ?? family<Config>(build);
  wrapped.set(build, made);
  return made;
}

/** @throws OptionError for a field that the family has not, or a value of another type than its default */
function checkFields({ name, fields }: FamilyDescription, config: AnyConfig): void {
  for (const [key, value] of Object.entries(config)) {
    const field = fields.get(key);
    if (field === undefined) {
      throw new OptionError(`${name}: there is no field ${key}`, `its fields are ${[...fields.keys()].join(", ")}`);
    }
    const type = typeof field.default;
    if (type !== "undefined" && type !== "object" && typeof value !== type) {
      const wanted = field.wanted ?? `a ${type}`;
      throw new OptionError(`${name}: ${key} is ${JSON.stringify(value)}`, `it must be ${wanted}`);
    }
  }
}

/** No image is larger, so no search for one that is large enough goes on beyond. */
const LARGEST = 2 ** 14;

/**
 * Which field made a graph impossible: the one without which it can be built. Where that is the resolution, the smallest
 * that will do is looked for.
 */
function blame<Config extends object>(
  { name }: FamilyDescription,
  build: (config: Config) => Graph,
  config: Config,
  error: GraphError,
): OptionError {
  const builds = (other: object): boolean => {
    try {
      build(other as Config);
      return true;
    } catch {
      return false;
    }
  };
  const without = (field: string) => Object.fromEntries(Object.entries(config).filter(([key]) => key !== field));
  const given = Object.keys(config).sort((a, b) => Number(b === "resolution") - Number(a === "resolution"));
  const field = given.find((key) => builds(without(key)));
  const show = (key: string) => `${key} is ${JSON.stringify(config[key as keyof Config])}`;
  const options = { cause: error };
  if (field === undefined) {
    return new OptionError(`${name}: ${given.map(show).join(", ")}`, `no such network can be built: ${error.message}`, options);
  }
  const least = field === "resolution" ? leastResolution(config, builds) : undefined;
  const hint = least === undefined ? "it must be another" : `it must be at least ${least} for the strides of this network`;
  return new OptionError(`${name}: ${show(field)}`, `${hint}: ${error.message}`, options);
}

/** The smallest resolution above a configuration's own that builds, if there is one. */
function leastResolution(config: object, builds: (config: object) => boolean): number | undefined {
  const fits = (resolution: number) => builds({ ...config, resolution });
  let below = (config as { resolution: number }).resolution;
  let enough = below * 2;
  while (!fits(enough)) {
    below = enough;
    enough *= 2;
    if (enough > LARGEST) return undefined;
  }
  while (enough - below > 1) {
    const middle = (below + enough) >> 1;
    if (fits(middle)) enough = middle;
    else below = middle;
  }
  return enough;
}
