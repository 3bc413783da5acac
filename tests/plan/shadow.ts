// A shadow of the arena: walks a plan's steps and notes for every word of four bytes which value's element lies there.
// Nothing here asks the memory planner. Addresses come from the plan's bytes; what a step should find at them comes from
// the lowered graph before any memory was planned.
import assert from "node:assert/strict";
import { Opcode } from "../../assembly/plan.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { optimise } from "../../src/passes/index.ts";
import { inBands } from "../../src/plan/bands.ts";
import { decodeProgram } from "../../src/plan/encode.ts";
import type { Plan } from "../../src/plan/index.ts";
import type { Fields } from "../../src/plan/kernels.ts";
import { lower } from "../../src/plan/lower.ts";
import { type Place, planeBytes, planesOf } from "../../src/plan/place.ts";

/** A word that holds nothing that may be read. */
const JUNK = -1;

/** A word read by a step as an element that its own result's elements must not overwrite. */
const UNTOUCHABLE = -2;

const elementwise = new Set<number>([Opcode.binary, Opcode.activate, Opcode.affine, Opcode.softmax]);
const readers = new Set<number>([Opcode.readNchw, Opcode.readNhwc, Opcode.readRgba8]);

/** Kernels that write none of the pixels beyond a plane's last one. */
const exact = new Set<number>([Opcode.winograd, Opcode.depthwise, Opcode.maxPool, Opcode.averagePool]);

/** Bytes between planes and between images. */
interface Strides {
  readonly pitch: number;
  readonly batchStride: number;
}

/**
 * Calls `visit` for each word of a place: its offset as the plan has it, as the place itself has it, and the number of the
 * element in it (JUNK for padding).
 */
function words(place: Place, planned: Strides, visit: (at: number, logical: number, element: number) => void): void {
  const { dims, kind, bytes, pitch, batchStride } = place;
  const [n, c, h, w] = dims;
  const pixels = h * w;
  const rounded = planeBytes(h, w) / 16;
  for (let image = 0; image < n; ++image) {
    const from = image * planned.batchStride;
    const own = image * batchStride;
    if (kind === "flat") {
      const count = bytes / n / 4;
      for (let k = 0; k < count; ++k) visit(from + k * 4, own + k * 4, image * count + k);
      continue;
    }
    for (let plane = 0; plane < planesOf(c); ++plane) {
      for (let i = 0; i < rounded * 4; ++i) {
        const [p, channel] = [i >> 2, plane * 4 + (i & 3)];
        const element = p < pixels && channel < c ? (image * c + channel) * pixels + p : JUNK;
        visit(from + plane * planned.pitch + i * 4, own + plane * pitch + i * 4, element);
      }
    }
  }
}

/**
 * Checks that every step finds at its addresses what earlier steps put there for it, and overwrites nothing that it still
 * reads; that outputs hold the right values after the last step, and inputs still theirs.
 * @param plan what `compile` made of the graph
 * @param bandBytes as it was told
 * @throws AssertionError at the first word that is wrong
 */
export function checkMemory(graph: Graph, plan: Plan, bandBytes?: number): void {
  const { steps: whole, inputs, outputs } = lower(optimise(graph));
  const steps = inBands(
    whole,
    outputs.map(({ place }) => place),
    bandBytes,
  );
  const program = decodeProgram(plan.program);
  assert.equal(program.run.length, steps.length);
  const arenaAt = program.header.programBytes + program.header.packedBytes;
  const arenaWords = program.header.arenaBytes / 4;
  /** What lies in each word: the number of a value's element, JUNK at first. */
  const shadow = new Int32Array(arenaWords).fill(JUNK);
  /** The step that last read each word, and as which element. */
  const readBy = new Int32Array(arenaWords).fill(-1);
  const readAs = new Int32Array(arenaWords);

  const bases = new Map<Place, number>();
  let values = 0;
  /** A number for the word `at` bytes into a place. Views get those of the place that they are part of. */
  const label = (place: Place): ((at: number) => number) => {
    const root = place.root;
    let base = bases.get(root.place);
    if (base === undefined) {
      base = values;
      bases.set(root.place, base);
      values += root.place.bytes / 4;
    }
    const first = base + root.offset / 4;
    return (at) => first + at / 4;
  };
  const wordAt = (address: number, what: string): number => {
    const word = (address - arenaAt) / 4;
    assert.ok(word >= 0 && word < arenaWords && Number.isInteger(word), `${what}: ${address} is not in the arena`);
    return word;
  };

  const read = (what: string, step: number, place: Place, fields: Fields, second: boolean, matches: boolean) => {
    if (place.constant) return;
    const address = second ? fields.src2 : fields.src;
    const isFlat = place.kind === "flat" || readers.has(fields.opcode);
    const pitch = isFlat ? place.pitch : second ? fields.src2Pitch : fields.pitch;
    const batchStride = second ? fields.src2BatchStride : fields.batchStride;
    const expected = label(place);
    words(place, { pitch, batchStride }, (at, logical, element) => {
      if (element === JUNK) return;
      const word = wordAt(address + at, what);
      if (shadow[word] !== expected(logical))
        assert.fail(`${what}: element ${element} of "${place.name}" is not at ${address + at}`);
      const as = matches ? element : UNTOUCHABLE;
      readAs[word] = readBy[word] === step && readAs[word] !== as ? UNTOUCHABLE : as;
      readBy[word] = step;
    });
  };

  inputs.forEach(({ place }, i) => {
    const number = label(place);
    words(place, place, (at, logical) => {
      shadow[wordAt(program.inputs[i].address + at, place.name)] = number(logical);
    });
  });

  steps.forEach((step, i) => {
    const { name, fields } = program.run[i];
    const what = `step ${i} "${name}"`;
    assert.equal(name, step.name);
    assert.equal(fields.opcode, step.opcode);
    const sameDims = (place: Place) => place.dims.every((dim, axis) => dim === step.dst.dims[axis]);
    read(what, i, step.src, fields, false, elementwise.has(step.opcode) && sameDims(step.src));
    // A second source is the other operand or a residual: read where the result's element is written, if dims are the same.
    if (step.src2 !== undefined) read(what, i, step.src2, fields, true, sameDims(step.src2));
    const scratch = step.scratchBytes === 0 ? undefined : wordAt(fields.scratch, `${what} scratch`);
    const scratchWords = step.scratchBytes / 4;
    if (scratch !== undefined) {
      assert.ok(scratch + scratchWords <= arenaWords, `${what}: scratch ends beyond the arena`);
      for (let word = scratch; word < scratch + scratchWords; ++word) {
        assert.ok(readBy[word] !== i, `${what}: its scratch lies over its source`);
        shadow[word] = JUNK;
      }
    }
    const write = (address: number, number: number, element: number) => {
      const word = wordAt(address, what);
      if (readBy[word] === i && readAs[word] !== element) assert.fail(`${what}: writes ${address}, which it also reads`);
      if (scratch !== undefined && word >= scratch && word < scratch + scratchWords) {
        assert.fail(`${what}: its scratch lies over its result`);
      }
      shadow[word] = element === JUNK ? JUNK : number;
    };
    const number = label(step.dst);
    if (step.opcode === Opcode.copyChannels) {
      // Writes a range of the destination's channels and leaves the others as they are. A batch may become the pixels of one image.
      const { batch, channels, height, width } = fields;
      const logicalStride = step.dst.dims[0] === batch ? step.dst.batchStride : fields.dstBatchStride;
      for (let image = 0; image < batch; ++image) {
        for (let channel = fields.padFront; channel < fields.padFront + channels; ++channel) {
          for (let p = 0; p < height * width; ++p) {
            const at = (channel >> 2) * fields.dstPitch + p * 16 + (channel & 3) * 4;
            write(fields.dst + image * fields.dstBatchStride + at, number(image * logicalStride + at), 0);
          }
        }
      }
      return;
    }
    const planned = { pitch: fields.dstPitch, batchStride: fields.dstBatchStride };
    words(step.dst, planned, (at, logical, element) => {
      if (element !== JUNK || !exact.has(step.opcode)) write(fields.dst + at, number(logical), element);
    });
  });

  for (const [ports, encoded] of [
    [inputs, program.inputs],
    [outputs, program.outputs],
  ] as const) {
    ports.forEach(({ name, place }, i) => {
      const number = label(place);
      const { address, bytes } = encoded[i];
      for (let at = 0; at < bytes; at += 4) {
        if (shadow[wordAt(address + at, name)] !== number(at))
          assert.fail(`after the last step, "${name}" is lost at byte ${at}`);
      }
    });
  }
}
