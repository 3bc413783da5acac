"""Runs a module made with --wasi as the wasmtime command does: python command.py MODEL.wasm < INPUT

    pip install wasmtime
"""

import sys

import wasmtime


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("usage: python command.py MODEL.wasm < INPUT")
    engine = wasmtime.Engine()
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    store = wasmtime.Store(engine)
    wasi = wasmtime.WasiConfig()
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    store.set_wasi(wasi)
    instance = linker.instantiate(store, wasmtime.Module.from_file(engine, sys.argv[1]))
    try:
        instance.exports(store)["_start"](store)
    except wasmtime.ExitTrap as exit:
        sys.exit(exit.code)


if __name__ == "__main__":
    main()
