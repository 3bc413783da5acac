// Layers that nobody chose: operators, windows and sizes drawn at random, for cliffs between the shapes that usual networks have.
import { GraphError } from "../src/errors.ts";
import type { ConvOptions, Size } from "../src/graph/builder.ts";
import { countMultiplyAdds } from "../src/graph/count.ts";
import type { Graph } from "../src/graph/graph.ts";
import { elementCount } from "../src/tensor.ts";
import { random } from "../tests/random.ts";
import { type Layer, layerOf } from "./layers.ts";

const sides = [1, 3, 5, 7, 8, 10, 12, 14, 15, 17, 20, 25, 28, 33, 35, 40, 56, 64, 73, 112, 147];
const channels = [
  ...[1, 2, 3, 5, 8, 12, 16, 20, 24, 30, 32, 40, 48, 50, 64, 72, 80, 96, 100, 112, 128, 144, 160, 192],
  ...[200, 240, 256, 288, 320, 384, 448, 512, 576, 640, 768, 960, 1024, 1280, 1536],
];

/** Less is over too soon to be timed, more takes long. */
const LEAST_MULTIPLY_ADDS = 2e5;
const MOST_MULTIPLY_ADDS = 5e8;
/** Of an input or output: with more, copying them is all that is timed. */
const MOST_ELEMENTS = 2e6;

class Draw {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = random(seed);
  }

  of<T>(values: readonly T[]): T {
    return values[Math.floor(this.#next() * values.length)];
  }

  batch = () => this.of([1, 1, 1, 1, 2, 4]);
  side = () => this.of(sides);
  channels = () => this.of(channels);
  stride = () => this.of([1, 1, 1, 2]);
}

/** A convolution's input channels and what else it is, but for the sizes of its input. */
type Convolution = ConvOptions & { readonly from: number };

/** Those named twice come up twice as often. */
const convolutions = [pointwise, pointwise, square, square, flat, depthwise, depthwise, grouped, dilated];

function pointwise(draw: Draw): Convolution {
  return { from: draw.channels(), outChannels: draw.channels(), kernel: 1, stride: draw.stride() };
}

function square(draw: Draw): Convolution {
  const kernel = draw.of([3, 3, 3, 5, 7]);
  return { from: draw.channels(), outChannels: draw.channels(), kernel, stride: draw.stride(), pad: kernel >> 1 };
}

function flat(draw: Draw): Convolution {
  const kernel = draw.of([3, 5, 7, 9]);
  const [from, outChannels, half] = [draw.channels(), draw.channels(), kernel >> 1];
  return draw.of([
    { from, outChannels, kernel: [1, kernel], pad: [0, half, 0, half] },
    { from, outChannels, kernel: [kernel, 1], pad: [half, 0, half, 0] },
  ]);
}

function depthwise(draw: Draw): Convolution {
  const from = draw.channels();
  const kernel = draw.of<Size>([2, 3, 3, 3, 5, 5, 7, 9, [1, 7], [7, 1]]);
  const window = { kernel, pad: draw.of([0, 1, 2, 3]), stride: draw.stride(), dilation: draw.of([1, 1, 1, 2]) };
  return { from, outChannels: from * draw.of([1, 1, 1, 2]), group: from, ...window };
}

function grouped(draw: Draw): Convolution {
  const group = draw.of([2, 3, 4, 8, 16, 32]);
  const whole = (count: number) => group * Math.max(1, Math.round(count / group));
  const [from, outChannels] = [whole(draw.channels()), whole(draw.channels())];
  return { from, outChannels, group, kernel: draw.of([1, 3, 3, 5]), pad: draw.of([0, 1]), stride: draw.stride() };
}

function dilated(draw: Draw): Convolution {
  const dilation = draw.of([2, 3, 4, 6]);
  return { from: draw.channels(), outChannels: draw.channels(), kernel: 3, dilation, pad: dilation };
}

function stem(draw: Draw): Convolution {
  const window = { kernel: draw.of([3, 4, 5, 7, 11]), stride: draw.of([1, 2, 2, 4, 4]), pad: draw.of([0, 1, 2, 3]) };
  return { from: draw.of([1, 3, 3, 3, 4]), outChannels: draw.of([16, 24, 32, 40, 48, 64, 96]), ...window };
}

const size = (value: Size) => (typeof value === "number" ? [value, value] : value).join("×");

/** What differs from the usual value. */
const extra = (name: string, value: unknown, usual: number) => (value === usual ? "" : ` ${name} ${value}`);

function convolution({ from, ...options }: Convolution, batch: number, side: number): Layer {
  const { kernel, stride = 1, pad = 0, dilation = 1, group = 1, outChannels } = options;
  const window = `${size(kernel)}${extra("stride", stride, 1)}${extra("pad", pad, 0)}${extra("dilation", dilation, 1)}`;
  return layerOf(
    `${window}${extra("group", group, 1)}`,
    `${batch}×${side}²×${from} → ${outChannels}`,
    [batch, from, side, side],
    (b, x) => b.conv("conv", x, options),
  );
}

function pool(draw: Draw): Layer {
  const [op, title] = draw.of([
    ["maxPool", "max pool"],
    ["averagePool", "average pool"],
  ] as const);
  const [batch, side, count] = [draw.batch(), draw.side(), draw.channels()];
  const [kernel, stride, pad] = [draw.of([2, 3, 3, 5]), draw.of([1, 2, 2, 3]), draw.of([0, 1])];
  return layerOf(
    `${title} ${size(kernel)}${extra("stride", stride, 1)}${extra("pad", pad, 0)}`,
    `${batch}×${side}²×${count}`,
    [batch, count, side, side],
    (b, x) => b[op]("pool", x, { kernel, stride, pad }),
  );
}

function fullyConnected(draw: Draw): Layer {
  const [batch, from, to] = [draw.batch(), draw.channels() * draw.of([1, 1, 4]), draw.channels()];
  return layerOf("fully connected", `${batch}×${from} → ${to}`, [batch, from], (b, x) => b.linear("linear", x, to));
}

const kinds: readonly ((draw: Draw) => Layer)[] = [
  ...convolutions.map((of) => (draw: Draw) => convolution(of(draw), draw.batch(), draw.side())),
  (draw) => convolution(stem(draw), 1, draw.of([96, 128, 160, 224, 299])),
  pool,
  fullyConnected,
];

/** The same layers for the same seed. */
export function drawLayers(seed: number, count: number): Layer[] {
  const draw = new Draw(seed);
  const layers: Layer[] = [];
  while (layers.length < count) {
    try {
      const layer = draw.of(kinds)(draw);
      if (isTimed(layer.graph)) layers.push(layer);
    } catch (error) {
      // A window that does not fit into the image.
      if (!(error instanceof GraphError)) throw error;
    }
  }
  return layers;
}

function isTimed(graph: Graph): boolean {
  if ([...graph.inputs, ...graph.outputs].some(({ dims }) => elementCount(dims) > MOST_ELEMENTS)) return false;
  const multiplyAdds = countMultiplyAdds(graph);
  return multiplyAdds === 0 || (multiplyAdds >= LEAST_MULTIPLY_ADDS && multiplyAdds <= MOST_MULTIPLY_ADDS);
}
