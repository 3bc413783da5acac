// An as-pect reporter for programs: a line of JSON for each test, and for each group that failed by itself.

/** What begins a line of results, among whatever else as-pect prints. */
const MARK = "@result ";

const isGroup = (node) => node.type === 1;

/** Names from the outermost group to the test; the root has none. */
function path(node) {
  return node.parent === null ? [] : [...path(node.parent), node.name];
}

function report(context, node, pass, message) {
  const result = { spec: context.fileName, path: path(node), pass, message };
  process.stdout.write(`${MARK}${JSON.stringify(result)}\n`);
}

/** Why a test failed. */
function reason({ message, actual, expected, stackTrace, errors }) {
  const shown = (value) => value?.stringify({ indent: 0 }).trim() ?? "nothing";
  const values = expected && `${shown(actual)}, expected ${expected.negated ? "not " : ""}${shown(expected)}`;
  return [message, values, stackTrace, ...errors.map((error) => error.message)].filter(Boolean).join("\n");
}

export default {
  stdout: null,
  stderr: null,

  onEnter() {},

  onExit(context, node) {
    // A group fails because a test in it does, which is reported already, or because it could not be collected.
    const byItself = node.children.every((child) => child.pass || !child.ran);
    if (!isGroup(node) || (!node.pass && byItself)) report(context, node, node.pass, node.pass ? "" : reason(node));
    // as-pect forgets to: without this a test that traps would show what the test before it expected.
    context.message = "";
    context.clearActual();
    context.clearExpected();
  },

  onFinish(context) {
    for (const { type, message, stackTrace } of context.errors) {
      report(context, context.rootNode, false, `${type}: ${message}\n${stackTrace}`);
    }
  },
};
