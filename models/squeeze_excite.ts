// Squeeze and excitation (Hu et al., arXiv:1709.01507), as EfficientNet, MobileNet v3 and MnasNet-A1 have it in their blocks:
// the mean of each channel goes through two 1×1 convolutions, and what comes out of them scales the channel.
import type { GraphBuilder } from "../src/graph/builder.ts";
import type { ValueInfo } from "../src/graph/graph.ts";
import type { Activation } from "../src/graph/operators.ts";

/**
 * Scales the channels of x by what their means say. Parameter names are torchvision's: `name.fc1`, `name.fc2`.
 * @param squeezed channels between the two convolutions
 * @param hidden activation between them
 * @param gate activation that makes a factor of the second one's result
 */
export function squeezeExcite(
  b: GraphBuilder,
  name: string,
  x: ValueInfo,
  squeezed: number,
  hidden: Activation,
  gate: Activation,
): ValueInfo {
  const fc = (part: string, from: ValueInfo, outChannels: number) => b.conv(`${name}.${part}`, from, { outChannels, kernel: 1 });
  const pooled = b.globalAveragePool(`${name}.avgpool`, x);
  const inner = b.activation(`${name}.activation`, fc("fc1", pooled, squeezed), hidden);
  return b.mul(`${name}.mul`, x, b.activation(`${name}.scale_activation`, fc("fc2", inner, x.dims[1]), gate));
}
