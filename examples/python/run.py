"""Runs a standalone module with wasmtime: python run.py MODEL.wasm INPUT OUTPUT

INPUT holds the bytes of the model's inputs, one behind the other, as the module's exports say (or `minnow standalone
--header`); OUTPUT gets those of its outputs. A module that finds classes (--top) has them printed, too.

    pip install wasmtime
"""

import json
import struct
import sys
from pathlib import Path

import wasmtime

TYPES = {1: "float32", 2: "uint8"}


class Model:
    """A standalone module in an instance of its own."""

    def __init__(self, wasm: bytes) -> None:
        engine = wasmtime.Engine()
        module = wasmtime.Module(engine, wasm)
        self.store = wasmtime.Store(engine)
        self.exports = wasmtime.Instance(self.store, module, []).exports(self.store)
        self.memory = self.exports["memory"]
        if self.call("abi_version") != 1:
            raise SystemExit("this program knows version 1 of the exports")

    def call(self, name: str, *arguments: int) -> int:
        return self.exports[name](self.store, *arguments)

    def ports(self, side: str) -> list[dict]:
        """What the inputs or outputs are: address, bytes, type and dims of each."""
        return [
            {
                "address": self.call(f"{side}_address", i),
                "bytes": self.call(f"{side}_bytes", i),
                "type": TYPES[self.call(f"{side}_type", i)],
                "dims": [self.call(f"{side}_dim", i, axis) for axis in range(self.call(f"{side}_rank", i))],
            }
            for i in range(self.call(f"{side}_count"))
        ]

    def read(self, address: int, length: int) -> bytes:
        return bytes(self.memory.read(self.store, address, address + length))

    def run(self, data: bytes) -> bytes:
        """Inputs, one behind the other → outputs, one behind the other."""
        inputs = self.ports("input")
        wanted = sum(port["bytes"] for port in inputs)
        if len(data) != wanted:
            raise SystemExit(f"the inputs {inputs} have {wanted} bytes, not {len(data)}")
        for port in inputs:
            self.memory.write(self.store, data[: port["bytes"]], port["address"])
            data = data[port["bytes"] :]
        status = self.call("run")
        if status != 0:
            raise SystemExit(f"the model stopped with status {status & 0xFF} at step {status >> 8}")
        return b"".join(self.read(port["address"], port["bytes"]) for port in self.ports("output"))

    def top(self) -> list[tuple[str, float]]:
        """The most probable classes of the last run."""
        found = []
        for i in range(self.call("top_count")):
            index, probability = struct.unpack("<If", self.read(self.call("top_address") + 8 * i, 8))
            found.append((self.label(index), probability))
        return found

    def label(self, index: int) -> str:
        length = self.call("label_bytes", index) if "label_bytes" in self.exports else 0
        if length == 0:
            return f"class {index}"
        return self.read(self.call("label_address", index), length).decode()


def main() -> None:
    if len(sys.argv) != 4:
        raise SystemExit("usage: python run.py MODEL.wasm INPUT OUTPUT")
    model_file, input_file, output_file = map(Path, sys.argv[1:])
    model = Model(model_file.read_bytes())
    print(json.dumps({side: model.ports(side) for side in ("input", "output")}))
    output_file.write_bytes(model.run(input_file.read_bytes()))
    if "top_count" in model.exports:
        for label, probability in model.top():
            print(f"{100 * probability:5.1f} %  {label}")


if __name__ == "__main__":
    main()
