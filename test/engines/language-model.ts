/** A training step of a two-layer LSTM language model, written op by op: what the tests of engines run. */
import { differentiate } from '../../src/autodiff/differentiate.js';
import { Builder } from '../../src/graph/builder.js';
import type { Graph, Value } from '../../src/graph/ops.js';
import type { Shape } from '../../src/tensor/shape.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { ids, wave } from './op-cases.js';

const [vocabulary, hidden, steps, batch] = [13, 5, 3, 2];

class ModelWriter {
  readonly g = new Builder();
  readonly parameters = new Map<string, Value>();
  readonly initial: Record<string, Tensor> = {};
  readonly outputs: Record<string, Value> = {};

  parameter(name: string, shape: Shape): Value {
    const value = this.g.input(name, shape);
    this.parameters.set(name, value);
    this.initial[name] = wave(shape, name.length);
    return value;
  }

  lstm(name: string, x: Value): Value {
    const { g } = this;
    const input = this.parameter(`${name}.input`, [4 * hidden, hidden]);
    const recurrent = this.parameter(`${name}.recurrent`, [4 * hidden, hidden]);
    const zx = g.add(g.matmul(x, input, { transposeB: true }), this.parameter(`${name}.bias`, [4 * hidden]));
    let [h, c] = ['h', 'c'].map((state) => this.state(`${name}.${state}`)) as [Value, Value];
    const all: Value[] = [];
    for (let t = 0; t < steps; t++) {
      const z = g.add(g.slice(zx, 0, t * batch, batch), g.matmul(h, recurrent, { transposeB: true }));
      const [i, f, u, o] = g.split(z, 1, 4) as [Value, Value, Value, Value];
      c = g.add(g.mul(g.sigmoid(f), c), g.mul(g.sigmoid(i), g.tanh(u)));
      h = g.mul(g.sigmoid(o), g.tanh(c));
      all.push(h);
    }
    this.outputs[`${name}.h.next`] = h;
    this.outputs[`${name}.c.next`] = c;
    return g.concat(all, 0);
  }

  private state(name: string): Value {
    this.initial[name] = { shape: [batch, hidden], data: new Float32Array(batch * hidden) };
    return this.g.input(name, [batch, hidden]);
  }

  update(loss: Value): void {
    const { g } = this;
    const gradients = differentiate(g, loss, [...this.parameters.values()]);
    const squares = [...gradients.values()].map((dw) => g.sum(g.mul(dw, dw)));
    const norm = g.sqrt(squares.reduce((a, b) => g.add(a, b)));
    const clip = g.div(g.constant(1), g.max(g.constant(1), g.div(norm, g.constant(5))));
    const rate = g.mul(g.input('lr', []), clip);
    for (const [name, w] of this.parameters) {
      this.outputs[`${name}.next`] = g.sub(w, g.mul(gradients.get(w)!, rate));
    }
  }
}

export interface LanguageModel {
  readonly graph: Graph;
  /** Output -> input. */
  readonly carries: ReadonlyMap<string, string>;
  /** Start values of everything that is carried. */
  readonly initial: Readonly<Record<string, Tensor>>;
  /** What is fed at step `t`. */
  readonly feeds: (t: number) => Readonly<Record<string, Tensor>>;
}

export function languageModel(): LanguageModel {
  const w = new ModelWriter();
  const { g } = w;
  const rows = steps * batch;
  const embedding = w.parameter('embedding', [vocabulary, hidden]);
  const x = g.gather(embedding, g.input('data', [rows], 'int32'));
  const top = w.lstm('second', w.lstm('first', x));
  const logits = g.add(
    g.matmul(top, w.parameter('next.W', [vocabulary, hidden]), { transposeB: true }),
    w.parameter('next.bias', [vocabulary]),
  );
  const loss = g.mul(g.sum(g.crossEntropy(logits, g.input('label', [rows], 'int32'))), g.constant(1 / batch));
  w.outputs['loss'] = loss;
  w.update(loss);
  const names = Object.keys(w.outputs).filter((name) => name.endsWith('.next'));
  const lr: Tensor = { shape: [], data: Float32Array.of(0.5) };
  const tokens = (shift: number): Tensor =>
    ids(...Array.from({ length: rows }, (_, i) => (i * i + shift) % (vocabulary - 3)));
  return {
    graph: g.finish(w.outputs),
    carries: new Map(names.map((name) => [name, name.slice(0, -'.next'.length)])),
    initial: w.initial,
    feeds: (t) => ({ data: tokens(t), label: tokens(t + 1), lr }),
  };
}
