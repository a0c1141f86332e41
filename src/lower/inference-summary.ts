/** What a plan amounts to, in numbers by layer, and a plan as text for people and golden files. */
import type { ColumnsWithin, KernelCall, RegionLayout } from '../kernels/calls.js';
import { costOf } from '../kernels/costs.js';
import type { Buffer } from '../kernels/planner.js';
import { formOf } from '../kernels/regions.js';
import { isRegionField, usesOf } from '../kernels/uses.js';
import { count } from '../support/units.js';
import type { InferencePlan, PlacedBuffer, Region } from './inference-plan.js';
import type { RunPlan } from './run-plan.js';

export interface LayerSummary {
  readonly layer: string;
  /** Of products with weights, for one time step (or once, for layers behind `last`). */
  readonly multiplyAdds: number;
  /** Bytes of the blob that are read for it. */
  readonly bytesRead: number;
  /** Bytes of the blob that are its own. */
  readonly weightBytes: number;
}

export interface PlanSummary {
  readonly layers: readonly LayerSummary[];
  /** Of one time step in all loops, the finish not included. */
  readonly multiplyAdds: number;
  /** Of the finish. */
  readonly finishMultiplyAdds: number;
  readonly weightBytes: number;
  readonly workBytes: number;
  /** Both halves of every state. */
  readonly stateBytes: number;
  /** Peak working memory: state and buffers. The weights may stay in flash. */
  readonly ramBytes: number;
}

/** Figures of a plan; layers without calls are left out. */
export function planSummary(plan: InferencePlan): PlanSummary {
  const layouts = plan.regions.map((region) => region.layout);
  const steps = [...plan.earlier.flatMap((loop) => loop.calls), ...plan.step];
  const calls = [...steps, ...plan.finish];
  const owned = new Set<number>();
  const layers = [...new Set(calls.map((call) => call.layer))].map((layer) => {
    const own = calls.filter((call) => call.layer === layer);
    const costs = own.map((call) => costOf(call, layouts));
    const regions = [...new Set(own.flatMap((call) => usesOf(call).regions))].filter((id) => !owned.has(id));
    for (const id of regions) owned.add(id);
    return {
      layer,
      multiplyAdds: sum(costs.map((cost) => cost.multiplyAdds)),
      bytesRead: sum(costs.map((cost) => cost.bytesRead)),
      weightBytes: sum(regions.map((id) => plan.regions[id]!.bytes)),
    };
  });
  const workBytes = 4 * plan.workSize;
  const stateBytes = sum(plan.states.map(({ width }) => 8 * width));
  return {
    layers,
    multiplyAdds: multiplyAddsOf(steps, layouts),
    finishMultiplyAdds: multiplyAddsOf(plan.finish, layouts),
    weightBytes: plan.weightBytes,
    workBytes,
    stateBytes,
    ramBytes: workBytes + stateBytes,
  };
}

/** The plan as text: every call, buffer and region on a line. Equal plans print equally. */
export function printPlan(plan: InferencePlan): string {
  const summary = planSummary(plan);
  const lines = [
    `plan ${plan.model}`,
    ...plan.inputs.map(({ name, kind, size, buffer }) => {
      const where = buffer === undefined ? '' : ` in ${printBuffer(buffer)}`;
      return `input ${name}: ${kind === 'ids' ? `ids below ${size}` : `${size} floats`}${where}`;
    }),
    ...plan.states.map(
      ({ layer, name, width, now, next }) =>
        `state ${layer}.${name}: ${width} floats, now ${printBuffer(now)}, next ${printBuffer(next)}`,
    ),
    ...plan.outputs.map(
      ({ layer, buffer, perStep, classifies }) =>
        `output ${layer}: ${printBuffer(buffer)}${perStep ? ' every step' : ' at the end'}` +
        `${classifies ? ', logits' : ''}`,
    ),
    '',
    ...plan.earlier.flatMap(({ backward, calls }) => [
      `${backward ? 'backward' : 'forward'} over all steps:`,
      ...calls.map((call) => `  ${printCall(call, plan.regions)}`),
    ]),
    'step:',
    ...plan.step.map((call) => `  ${printCall(call, plan.regions)}`),
    ...(plan.finish.length === 0
      ? []
      : ['finish:', ...plan.finish.map((call) => `  ${printCall(call, plan.regions)}`)]),
    ...(plan.run === undefined ? [] : ['', ...printRun(plan.run, plan.regions)]),
    '',
    'buffers:',
    ...plan.buffers.filter(({ role }) => role === 'work' || role === 'rows').map((b) => printPlace(b, plan.maxSteps)),
    'regions:',
    ...plan.regions.map(printRegion),
    '',
    `multiply-adds ${count(summary.multiplyAdds)} a step, ${count(summary.finishMultiplyAdds)} at the end`,
    `weights ${count(summary.weightBytes)} bytes, work ${count(summary.workBytes)}, state ${count(summary.stateBytes)}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The calls of a run that are not those of a step, or not at their place, and where its buffers lie. */
function printRun({ steps, loops, outputs, buffers }: RunPlan, regions: readonly Region[]): readonly string[] {
  const rows = { work: '', rows: 'all steps x ', block: `${steps} x ` } as const;
  return [
    `run in blocks of ${steps} steps:`,
    ...loops.flatMap(({ backward, stages }) => [
      ...(loops.length === 1 ? [] : [`  ${backward ? 'backward' : 'forward'}:`]),
      ...stages.flatMap(({ kind, calls }) => [
        kind === 'ahead' ? '  all steps at once:' : '  step by step:',
        ...calls.map((call) => `    ${printCall(call, regions)}`),
      ]),
    ]),
    ...(outputs.length === 0 ? [] : ['  of the steps that are asked for:']),
    ...outputs.map((call) => `    ${printCall(call, regions)}`),
    '  buffers:',
    ...buffers.flatMap(({ id, purpose, offset, size, role }) =>
      role === 'work' || role === 'rows' || role === 'block'
        ? [`    b${id} at ${offset}, ${rows[role]}${size} floats: ${purpose}`]
        : [],
    ),
  ];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const multiplyAddsOf = (calls: readonly KernelCall[], layouts: readonly RegionLayout[]): number =>
  sum(calls.map((call) => costOf(call, layouts).multiplyAdds));

const printBuffer = ({ id, offset, size }: Buffer): string => `b${id}[${offset}..${offset + size})`;

const printWithin = ({ first, columns }: ColumnsWithin): string => `columns from ${first} of ${columns}`;

const printPlace = ({ id, purpose, offset, size, role }: PlacedBuffer, maxSteps = 1): string =>
  `  b${id} at ${offset}, ${role === 'rows' ? `${maxSteps} x ` : ''}${size} floats: ${purpose}`;

function printRegion({ name, layout, element, elements, offset, bytes, alignment }: Region): string {
  const { tensor, offset: start, rows, columns } = layout.matrix;
  const form = formOf(layout);
  const source = `${tensor}${start === 0 ? '' : ` from ${start}`} ${rows}x${columns}`;
  const stored = `${elements} ${element}, aligned to ${alignment}`;
  return `  ${name} at ${offset}, ${bytes} bytes (${stored}): ${form} of ${source}`;
}

function printCall(call: KernelCall, regions: readonly Region[]): string {
  const { kind, layer, ...attrs } = call;
  const print = (name: string, value: unknown): string => {
    if (typeof value === 'number') return isRegionField(name, value) ? regions[value]!.name : `${value}`;
    if (typeof value === 'string') return value;
    if (name === 'within') return printWithin(value as ColumnsWithin);
    return Array.isArray(value) ? value.join('x') : printBuffer(value as Buffer);
  };
  const fields = Object.entries(attrs).map(([name, value]) => `${name}=${print(name, value)}`);
  return `${layer}: ${kind} ${fields.join(' ')}`;
}
