// What each kernel of the prepare program, which packs weights, reads and writes: as kernels.ts says of the run program's.
import { Opcode } from "../../assembly/plan.ts";
import { type Fields, type Kernel, MAX_FIELD, nchwReader, type Span, winogradComplaint } from "./kernels.ts";
import { planesOf } from "./place.ts";
import { winogradProducts } from "./winograd.ts";

function matrixComplaint(s: Fields): string | undefined {
  if (Math.min(s.group, s.channels, s.groupInputs, s.groupOutputs) < 1) return "a matrix or its groups are empty";
  const inputs = s.padFront + s.group * s.channels + s.height;
  const outputs = Math.max(s.firstOutput + s.group * s.dstChannels, (inputs / s.groupInputs + 1) * s.groupOutputs);
  return s.padFront < 0 || Math.max(inputs, outputs) > MAX_FIELD ? "its matrices are not within a weight" : undefined;
}

/** A stored weight, and a factor for each of its rows: up to the last row that is packed. */
function matrixSources(s: Fields): Span[] {
  const rows = s.firstOutput + s.group * s.dstChannels;
  const last = (rows - 1) * s.rowStride + (s.groupInputs - 1) * s.pixelStride;
  return [
    { field: "src", bytes: last + s.kernelHeight * s.kernelWidth * 4 },
    ...(s.src2 === 0 ? [] : [{ field: "src2", bytes: rows * 4 } as const]),
  ];
}

/** Their reach; src and src2 lie in the stored weights, dst in the packed ones. */
export const packers: Partial<Record<Opcode, Kernel>> = {
  [Opcode.packConv]: {
    name: "pack panels",
    spans: (s) => [
      ...matrixSources(s),
      { field: "dst", bytes: s.group * planesOf(s.dstChannels) * 16 * s.height * s.kernelHeight * s.kernelWidth },
    ],
    complaint: (s) =>
      matrixComplaint(s) ??
      (s.height < s.channels || s.kernelHeight < 1 || s.kernelWidth < 1 ? "the panel is smaller than its matrix" : undefined),
  },
  [Opcode.packWinograd]: {
    name: "pack winograd",
    spans: (s) => [
      ...matrixSources(s),
      { field: "dst", bytes: s.group * planesOf(s.dstChannels) * 16 * s.channels * winogradProducts(s) },
    ],
    complaint: (s) => matrixComplaint(s) ?? winogradComplaint(s, 1),
  },
  [Opcode.packDepthwise]: {
    name: "pack filters",
    spans(s) {
      const taps = s.kernelHeight * s.kernelWidth;
      return [
        { field: "src", bytes: s.channels * taps * 4 },
        ...(s.src2 === 0 ? [] : [{ field: "src2", bytes: s.channels * 4 } as const]),
        { field: "dst", bytes: planesOf(s.channels) * 16 * taps },
      ];
    },
    complaint: (s) => (s.kernelHeight < 1 || s.kernelWidth < 1 ? "the filter is empty" : undefined),
  },
  [Opcode.packVector]: {
    name: "pack vector",
    spans: (s) => [
      ...(s.src === 0 ? [] : [{ field: "src", bytes: s.channels * 4 } as const]),
      { field: "dst", bytes: s.dstChannels * 4 },
    ],
    complaint: (s) => (s.dstChannels < s.channels ? "the padded vector is shorter than its values" : undefined),
  },
  [Opcode.readNchw]: nchwReader("pack constant"),
};
