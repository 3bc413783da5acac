// Runs a standalone module with wazero: go run . MODEL.wasm INPUT OUTPUT
//
// INPUT holds the bytes of the model's inputs, one behind the other, as the module's exports say (or `minnow standalone
// --header`); OUTPUT gets those of its outputs. A module that finds classes (--top) has them printed, too. wazero has no
// relaxed SIMD: build modules for it without --relaxed.
package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"log"
	"math"
	"os"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// Model is a standalone module in an instance of its own.
type Model struct {
	ctx    context.Context
	module api.Module
}

// Load compiles and instantiates a module.
func Load(ctx context.Context, wasm []byte) (*Model, error) {
	module, err := wazero.NewRuntime(ctx).Instantiate(ctx, wasm)
	if err != nil {
		return nil, err
	}
	model := &Model{ctx, module}
	if version := model.call("abi_version"); version != 1 {
		return nil, fmt.Errorf("this program knows version 1 of the exports, not %d", version)
	}
	return model, nil
}

// call calls an export. Only an index that does not exist makes one fail.
func (m *Model) call(name string, arguments ...uint64) uint32 {
	results, err := m.module.ExportedFunction(name).Call(m.ctx, arguments...)
	if err != nil {
		log.Fatal(err)
	}
	return uint32(results[0])
}

func (m *Model) read(address, length uint32) []byte {
	data, ok := m.module.Memory().Read(address, length)
	if !ok {
		log.Fatalf("[%d, %d) is not in memory", address, address+length)
	}
	return data
}

// Run writes the inputs, which lie one behind the other, runs the model, and gives the outputs likewise.
func (m *Model) Run(data []byte) ([]byte, error) {
	for i := range uint64(m.call("input_count")) {
		length := m.call("input_bytes", i)
		if uint32(len(data)) < length {
			return nil, fmt.Errorf("input %d has %d bytes, %d are left", i, length, len(data))
		}
		m.module.Memory().Write(m.call("input_address", i), data[:length])
		data = data[length:]
	}
	if len(data) > 0 {
		return nil, fmt.Errorf("there are %d bytes more than the inputs have", len(data))
	}
	if status := m.call("run"); status != 0 {
		return nil, fmt.Errorf("the model stopped with status %d at step %d", status&0xff, status>>8)
	}
	var outputs []byte
	for i := range uint64(m.call("output_count")) {
		outputs = append(outputs, m.read(m.call("output_address", i), m.call("output_bytes", i))...)
	}
	return outputs, nil
}

// PrintTop prints the most probable classes of the last run, if the module finds them.
func (m *Model) PrintTop() {
	if m.module.ExportedFunction("top_count") == nil {
		return
	}
	for i := range m.call("top_count") {
		entry := m.read(m.call("top_address")+8*i, 8)
		index := binary.LittleEndian.Uint32(entry)
		probability := math.Float32frombits(binary.LittleEndian.Uint32(entry[4:]))
		fmt.Printf("%5.1f %%  %s\n", 100*probability, m.label(index))
	}
}

func (m *Model) label(index uint32) string {
	if m.module.ExportedFunction("label_bytes") != nil {
		if length := m.call("label_bytes", uint64(index)); length > 0 {
			return string(m.read(m.call("label_address", uint64(index)), length))
		}
	}
	return fmt.Sprintf("class %d", index)
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 4 {
		log.Fatal("usage: go run . MODEL.wasm INPUT OUTPUT")
	}
	wasm, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	input, err := os.ReadFile(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	model, err := Load(context.Background(), wasm)
	if err != nil {
		log.Fatal(err)
	}
	output, err := model.Run(input)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(os.Args[3], output, 0o644); err != nil {
		log.Fatal(err)
	}
	model.PrintTop()
}
