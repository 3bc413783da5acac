# workerd serve config.capnp, after npm run build. The .wasm files come out of the package: workerd compiles them when it
# starts, and nothing after that.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "classifier", worker = .classifier)],
  sockets = [(name = "http", address = "localhost:8080", http = (), service = "classifier")]
);

const classifier :Workerd.Worker = (
  compatibilityDate = "2025-01-01",
  modules = [
    (name = "worker.js", esModule = embed "built/worker.js"),
    (name = "strict.wasm", wasm = embed "built/strict.wasm"),
    (name = "relaxed.wasm", wasm = embed "built/relaxed.wasm"),
    (name = "model.onnx", data = embed "built/model.onnx"),
    (name = "labels.txt", text = embed "built/labels.txt"),
  ]
);
