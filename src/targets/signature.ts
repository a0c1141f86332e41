/**
 * `signature.json` beside an emitted training or prediction graph: what each input and output is for, so that a
 * program in another language can drive the graph without this compiler.
 */
import type { StepGraph } from '../lower/training-graph.js';
import { nextName } from '../lower/training-graph.js';
import { invariant } from '../support/assert.js';
import type { Shape } from '../tensor/shape.js';
import type { DataType, Weights } from '../tensor/tensor.js';

export interface SignatureInput {
  readonly name: string;
  readonly type: DataType;
  readonly shape: Shape;
  /** `parameter`, `scale`, `mask`, `state`, `moment`, `dropout`, `cmr`, `input`, `label`, or `scalar`. */
  readonly role: string;
  /** Layer that a data input feeds. */
  readonly layer?: string;
  /** Share of values that are zero, for `dropout`. */
  readonly rate?: number;
  /** The input that starts at 1 and is multiplied into this parameter when training is over. */
  readonly scaledBy?: string;
  /** The parameter whose values have these scales, which start at the largest magnitude of a run / levels. */
  readonly scalesOf?: string;
}

export interface SignatureOutput {
  readonly name: string;
  readonly shape: Shape;
  /** The input whose place the value takes at the next step. */
  readonly replaces?: string;
}

export interface Signature {
  readonly kind: 'train' | 'evaluate' | 'predict';
  readonly steps: number;
  readonly batch: number;
  readonly inputs: readonly SignatureInput[];
  readonly outputs: readonly SignatureOutput[];
}

type Role = Pick<SignatureInput, 'role' | 'layer' | 'rate' | 'scaledBy' | 'scalesOf'>;

function rolesOf(step: StepGraph): Map<string, Role> {
  const roles = new Map<string, Role>();
  for (const p of step.parameters) {
    const scaled = p.scaledBy === undefined ? {} : { scaledBy: p.scaledBy };
    const scales = p.gridOf === undefined ? {} : { scalesOf: p.gridOf.weight };
    roles.set(p.name, { role: p.penalty === undefined ? 'parameter' : 'scale', ...scaled, ...scales });
    if (p.mask !== undefined) roles.set(p.mask, { role: 'mask' });
  }
  for (const c of step.carried) roles.set(c.name, { role: c.role });
  for (const { name, role } of step.draws) {
    roles.set(name, role.kind === 'dropout' ? { role: 'dropout', rate: role.rate } : { role: 'cmr' });
  }
  for (const d of step.data) roles.set(d.name, { role: d.role, layer: d.layer });
  return roles;
}

const kindOf = ({ trains, data }: StepGraph): Signature['kind'] => {
  if (trains) return 'train';
  return data.some(({ role }) => role === 'label') ? 'evaluate' : 'predict';
};

/** The signature of a step; inputs in `constants` are part of the emitted model and are left out. */
export function signatureOf(step: StepGraph, constants: Weights): Signature {
  const roles = rolesOf(step);
  const inputs: SignatureInput[] = [];
  for (const op of step.graph.ops) {
    if (op.kind !== 'input' || constants.has(op.attrs.name)) continue;
    const role = roles.get(op.attrs.name) ?? { role: 'scalar' };
    inputs.push({ name: op.attrs.name, type: op.attrs.type, shape: op.shape, ...role });
  }
  const replaced = new Map([...roles.keys()].map((name) => [nextName(name), name]));
  const outputs = Object.entries(step.graph.outputs).map(([name, value]): SignatureOutput => {
    const shape = step.graph.ops[value]!.shape;
    const replaces = replaced.get(name);
    return replaces === undefined ? { name, shape } : { name, shape, replaces };
  });
  return { kind: kindOf(step), steps: step.steps, batch: step.batch, inputs, outputs };
}

/** Weights that become part of an emitted graph: those of a prediction graph; a training graph takes them as inputs. */
export function constantsOf(step: StepGraph, weights: Weights | undefined): Weights {
  if (step.trains || weights === undefined) return new Map();
  const constants = new Map<string, NonNullable<ReturnType<Weights['get']>>>();
  const read = new Set(step.graph.ops.flatMap((op) => (op.kind === 'input' ? [op.attrs.name] : [])));
  for (const { name } of step.parameters) {
    if (!read.has(name)) continue;
    const weight = weights.get(name);
    invariant(weight !== undefined, `no weight for ${name}`);
    constants.set(name, weight);
  }
  return constants;
}

/** The signature as the text of its file. */
export const printSignature = (signature: Signature): string => {
  const line = (value: unknown): string => `    ${JSON.stringify(value)}`;
  const { kind, steps, batch } = signature;
  const list = (values: readonly unknown[]): string => `[\n${values.map(line).join(',\n')}\n  ]`;
  return `{
  "kind": "${kind}",
  "steps": ${steps},
  "batch": ${batch},
  "inputs": ${list(signature.inputs)},
  "outputs": ${list(signature.outputs)}
}
`;
};
