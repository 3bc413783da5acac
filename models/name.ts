// Names with a configuration: `mobilenet_v1?alpha=0.5&resolution=160`, written as a URL's query is.
import { OptionError } from "../src/errors.ts";
import type { Field } from "./config.ts";
import type { AnyConfig, AnyFamily } from "./family.ts";

/** What stands before the query, and the query's fields as text. */
export interface ParsedName {
  readonly base: string;
  readonly query: ReadonlyMap<string, string>;
}

/** @throws OptionError for a field without a value, or one that is given twice */
export function parseName(name: string): ParsedName {
  const [base, ...rest] = name.split("?");
  const query = new Map<string, string>();
  for (const part of rest.join("?").split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const [field, value] = equals < 0 ? [part, ""] : [part.slice(0, equals), part.slice(equals + 1)];
    if (value === "") throw new OptionError(`${name}: ${field} has no value`, `write ${base}?${field}=value`);
    if (query.has(field)) throw new OptionError(`${name}: ${field} is given twice`);
    query.set(field, value);
  }
  return { base, query };
}

/**
 * A query's texts as the family's fields want them: the value of the field's list that is written so, else a number, true or
 * false, or a list of numbers, else the text. Whether it is in range the family says when it builds.
 */
export function configOf({ fields }: AnyFamily, query: ReadonlyMap<string, string>): AnyConfig {
  return Object.fromEntries([...query].map(([field, text]) => [field, readValue(text, fields.get(field))]));
}

function readValue(text: string, field: Field | undefined): unknown {
  const listed = field?.values?.find((value) => String(value) === text);
  if (listed !== undefined) return listed;
  if (text === "true" || text === "false") return text === "true";
  const numbers = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (numbers.some(Number.isNaN)) return text;
  return numbers.length === 1 ? numbers[0] : numbers;
}

/** The names that begin most like this one. */
export function nearest(name: string, names: readonly string[]): string[] {
  const shared = (other: string) => {
    let length = 0;
    while (length < name.length && other[length]?.toLowerCase() === name[length].toLowerCase()) ++length;
    return length;
  };
  const longest = Math.max(...names.map(shared));
  return longest < 3 ? [] : names.filter((other) => shared(other) === longest).slice(0, 4);
}
