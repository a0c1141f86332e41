/**
 * Runs each distinct node of an ONNX model by itself, many times on the same inputs, and compares the results bit by
 * bit. The inputs are those that the node meets in the whole model.
 */
import onnxProto from 'onnx-proto';
import ort from 'onnxruntime-node';

const { onnx } = onnxProto;
const elementTypes = { float32: 1, int32: 6, int64: 7, bool: 9 };

const sessionOptions = (threads) => ({
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'disabled',
  logSeverityLevel: 3,
});

const start = (proto, threads) =>
  ort.InferenceSession.create(onnx.ModelProto.encode(proto).finish(), sessionOptions(threads));

const toOrt = ({ data, shape }) => new ort.Tensor(data instanceof Int32Array ? 'int32' : 'float32', data, shape);
const bytesOf = ({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

/** Every value of the model, by name. */
async function valuesOf(proto, feeds, threads) {
  const all = onnx.ModelProto.fromObject(onnx.ModelProto.toObject(proto));
  const known = new Set(all.graph.output.map((o) => o.name));
  for (const name of all.graph.node.flatMap((n) => n.output)) {
    if (!known.has(name)) all.graph.output.push(onnx.ValueInfoProto.create({ name }));
  }
  const session = await start(all, threads);
  const inputs = Object.fromEntries(session.inputNames.map((name) => [name, toOrt(feeds[name])]));
  const values = { ...inputs, ...(await session.run(inputs)) };
  await session.release();
  return values;
}

function attributeText(attribute) {
  if (attribute.ints.length > 0) return `${attribute.name}=${attribute.ints.join(',')}`;
  if (attribute.s.length > 0) return `${attribute.name}=${Buffer.from(attribute.s).toString()}`;
  return attribute.t ? attribute.name : `${attribute.name}=${attribute.i}`;
}

/** Lists longer than this are shown by how many there are. */
const longestShown = 4;

/** Nodes with the same text are the same work. */
function describe(node, values, constants) {
  const shapes = node.input.map((name) => values[name]?.dims.join('x') ?? `[${constants.get(name)}]`);
  const alike = shapes.length > longestShown && new Set(shapes).size === 1;
  const shown = alike ? `${shapes.length} of ${shapes[0]}` : shapes.join(' ');
  return `${node.opType} ${shown} ${node.attribute.map(attributeText).join(' ')}`.trim();
}

const valueInfo = (name, { type, dims }) => ({
  name,
  type: { tensorType: { elemType: elementTypes[type], shape: { dim: dims.map((d) => ({ dimValue: d })) } } },
});

/** A model of this node alone. */
function alone(proto, node, values) {
  const inputs = [...new Set(node.input)].filter((name) => values[name] !== undefined);
  return onnx.ModelProto.create({
    irVersion: proto.irVersion,
    opsetImport: proto.opsetImport,
    graph: onnx.GraphProto.create({
      name: 'alone',
      node: [node],
      initializer: proto.graph.initializer.filter((i) => node.input.includes(i.name)),
      input: inputs.map((name) => valueInfo(name, values[name])),
      output: node.output.map((name) => valueInfo(name, values[name])),
    }),
  });
}

/** Whether `runs` runs give the same bits. */
async function repeat(model, values, { threads, runs }) {
  const session = await start(model, threads);
  const inputs = Object.fromEntries(session.inputNames.map((name) => [name, values[name]]));
  const first = await session.run(inputs);
  let identical = true;
  for (let run = 1; run < runs; run++) {
    const again = await session.run(inputs);
    for (const name of session.outputNames) identical &&= bytesOf(first[name]).equals(bytesOf(again[name]));
  }
  await session.release();
  return identical;
}

/**
 * One row per distinct node: what it is, how often the model has it, and whether all runs gave the same bits.
 * `feeds` are all inputs of the model; nodes whose text is in `seen`, or does not match `only`, are left out, and the
 * others are added to `seen`.
 */
export async function repeatNodes(bytes, feeds, { threads, runs, seen = new Set(), only = /./ }) {
  const proto = onnx.ModelProto.decode(bytes);
  const values = await valuesOf(proto, feeds, threads);
  const constants = new Map(proto.graph.initializer.map((i) => [i.name, i.dims.join('x')]));
  const rows = new Map();
  for (const node of proto.graph.node) {
    const text = describe(node, values, constants);
    const row = rows.get(text);
    if (row !== undefined) row.count++;
    else if (!seen.has(text) && only.test(text)) {
      const identical = await repeat(alone(proto, node, values), values, { threads, runs });
      rows.set(text, { text, op: node.opType, count: 1, identical });
    }
  }
  for (const text of rows.keys()) seen.add(text);
  return [...rows.values()];
}

/** Whether `runs` runs of the whole model give the same bits in every output. */
export function repeatModel(bytes, feeds, options) {
  const values = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)]));
  return repeat(onnx.ModelProto.decode(bytes), values, options);
}
