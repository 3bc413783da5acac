// What a .wasm import gives in hosts and bundlers for them that compile it ahead of time: workerd, wrangler.
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
