/**
 * `rnnc explain --plan`: why the emitted program is as it is, in the numbers it was decided by, and where its weights
 * fit. Cycles are modelled and carry the name of their model.
 */
import type { CallOf, KernelCall } from '../kernels/calls.js';
import { type Core, coreOf, type Rates } from '../kernels/cores.js';
import { kronCosts } from '../kernels/costs.js';
import { circulantCycles, cyclesOf, kronCycles, panelCycles } from '../kernels/cycles.js';
import { elementBytes } from '../kernels/regions.js';
import { frequenciesOf } from '../kernels/spectra.js';
import { isOfIntegers } from '../kernels/uses.js';
import type { InferencePlan } from '../lower/inference-plan.js';
import { planSummary } from '../lower/inference-summary.js';
import { callsOfPlan, cyclesOfCalls, modelledStep, ratesOf, regionFormats } from '../lower/modelled-step.js';
import type { Emit, Layer, Model } from '../model/model.js';
import { bytes, count } from '../support/units.js';
import { area, isSingle } from '../tensor/blocks.js';
import { formatShape } from '../tensor/shape.js';
import { kilo, modelledTime } from './modelled-time.js';
import { type RunForm, runForm, runText } from './run-text.js';
import { type Column, formatTable } from './summary-table.js';

const right = (title: string): Column => ({ title, align: 'right' });
const left = (title: string): Column => ({ title });
const looksUp = ({ kind }: KernelCall): boolean => kind === 'embed' || kind === 'embedSparse';

/** What is known of one layer beside its dense form. */
export interface LayerCost {
  readonly layer: string;
  readonly bytes: number;
  readonly denseBytes: number;
  readonly cycles: number | undefined;
  readonly denseCycles: number | undefined;
  /** Of a layer with products of integers: what it takes without them. */
  readonly floats?: { readonly storedCycles: number; readonly plainCycles: number; readonly plainBytes: number };
}

/** The same program without products of integers: with the formats that weights have, and with float32 weights. */
export interface InFloats {
  readonly stored: InferencePlan;
  readonly plain: InferencePlan;
}

/** The layer's matrices as one dense product, and what else it calls. */
function denseCycles(layer: Layer, calls: readonly KernelCall[], rates: Rates): number {
  const { family } = layer.shape;
  if (family === undefined) return 0;
  const rows = family.rows * Math.max(1, family.gates.length);
  const columns = family.columns.reduce((sum, n) => sum + n, 0);
  const products: readonly KernelCall['kind'][] = [
    ...(['gemv', 'kron', 'gemm', 'circulant', 'spectral', 'sparse', 'sliced', 'mix'] as const),
  ];
  const others = calls.filter(({ kind }) => !products.includes(kind));
  return panelCycles(rows, columns, rates) + cyclesOfCalls(others, rates);
}

const callsOf = (plan: InferencePlan, name: string): readonly KernelCall[] =>
  callsOfPlan(plan).filter(({ layer }) => layer === name);

const layerCycles = (plan: InferencePlan, name: string, rates: Rates): number =>
  cyclesOfCalls(callsOf(plan, name), ratesOf(plan, rates), regionFormats(plan));

function floatCosts({ stored, plain }: InFloats, name: string, rates: Rates): Pick<LayerCost, 'floats'> {
  const plainBytes = planSummary(plain).layers.find(({ layer }) => layer === name)?.weightBytes ?? 0;
  const [storedCycles, plainCycles] = [stored, plain].map((plan) => layerCycles(plan, name, rates)) as [number, number];
  return { floats: { storedCycles, plainCycles, plainBytes } };
}

function layerCosts(
  model: Model,
  plan: InferencePlan,
  rates: Rates | undefined,
  inFloats: InFloats | undefined,
): readonly LayerCost[] {
  const summary = planSummary(plan);
  return summary.layers.flatMap(({ layer: name, weightBytes }) => {
    const layer = model.layers.find((candidate) => candidate.name === name);
    const calls = callsOf(plan, name);
    if (layer?.shape.family === undefined || calls.some(looksUp)) return [];
    const { family, tensors } = layer.shape;
    const plain = Object.values(tensors).reduce((sum, { shape }) => sum + shape.reduce((n, d) => n * d, 1), 0);
    const elements = family.rows * Math.max(1, family.gates.length) * family.columns.reduce((sum, n) => sum + n, 0);
    return [
      {
        layer: name,
        bytes: weightBytes,
        denseBytes: elementBytes.float32 * (elements + plain),
        cycles: rates && layerCycles(plan, name, rates),
        denseCycles: rates && denseCycles(layer, calls, rates),
        ...(rates && inFloats && calls.some(isOfIntegers) ? floatCosts(inFloats, name, rates) : {}),
      },
    ];
  });
}

function layerTable(costs: readonly LayerCost[], core: Core | undefined): string {
  const modelled = core?.model !== undefined;
  const titles = [
    left('layer'),
    right('bytes'),
    right('dense'),
    ...(modelled ? [right(`cycles (${core.model})`), right('dense'), right('faster')] : []),
    left('fits'),
  ];
  const rows = costs.map(({ layer, bytes: size, denseBytes, cycles, denseCycles: dense }) => [
    layer,
    bytes(size),
    bytes(denseBytes),
    ...(cycles === undefined || dense === undefined
      ? []
      : [kilo(cycles), kilo(dense), `${(dense / cycles).toFixed(2)}x`]),
    fitOf(size, core),
  ]);
  return formatTable(titles, rows, '  ', Number.POSITIVE_INFINITY);
}

/** The level of the core's caches that a layer's weights fit into. */
function fitOf(size: number, core: Core | undefined): string {
  if (core === undefined) return '';
  if (size <= core.l1) return `L1 (${count(core.l1 / 1024)} KiB)`;
  return size <= core.l2 ? `L2 (${count(core.l2 / 1024)} KiB)` : 'memory only';
}

/** What would make a layer faster that has products of integers. */
function fasterInFloats({ layer, bytes: size, cycles, floats }: LayerCost): readonly string[] {
  if (cycles === undefined || floats === undefined) return [];
  const { storedCycles, plainCycles, plainBytes } = floats;
  const others = [
    { cycles: storedCycles, what: 'with `arithmetic = float32`' },
    { cycles: plainCycles, what: `with \`then float32\` behind its rule, in ${bytes(plainBytes)} for ${bytes(size)}` },
  ];
  const faster = others.filter((other) => cycles > 1.01 * other.cycles);
  const said = faster.map((other) => `${kilo(other.cycles)} ${other.what}`);
  return faster.length === 0
    ? []
    : [`${layer} is not fastest in integers: modelled ${kilo(cycles)} cycles, ${said.join('; ')}`];
}

/** A compressed layer that is larger or slower than dense, or slower in integers. */
const warnings = (costs: readonly LayerCost[]): readonly string[] =>
  costs.flatMap((cost) => [...denseWarnings(cost), ...fasterInFloats(cost)]);

const denseWarnings = ({
  layer,
  bytes: size,
  denseBytes,
  cycles,
  denseCycles: dense,
}: LayerCost): readonly string[] => [
  ...(size > 1.01 * denseBytes ? [`${layer} is larger than dense: ${bytes(size)} against ${bytes(denseBytes)}`] : []),
  ...(cycles !== undefined && dense !== undefined && cycles > 1.01 * dense
    ? [`${layer} is slower than dense: modelled ${kilo(cycles)} against ${kilo(dense)} cycles`]
    : []),
];

/** Why a call has its form: what each form would cost. */
function decisionOf(call: KernelCall, rates: Rates): string | undefined {
  if (call.kind === 'kron') return kronDecision(call, rates);
  if (call.kind === 'sliced' || call.kind === 'sparse') return sparseDecision(call, rates);
  if (call.kind === 'spectral') return spectralDecision(call, rates);
  return undefined;
}

const orderText = { 'b-first': '(B X) C^T', 'c-first': 'B (X C^T)' } as const;

function kronDecision(call: CallOf<'kron'>, rates: Rates): string {
  const { layer, bShape, cShape, gates, order } = call;
  const [cycles, costs] = [kronCycles(call, rates), kronCosts(bShape, cShape)];
  const orders = (['b-first', 'c-first'] as const).map(
    (name) => `${orderText[name]} ${count(gates * costs[name])} multiply-adds, ${kilo(cycles[name])}`,
  );
  const many = gates === 1 ? '' : `, ${gates} gates in one product`;
  const shapes = `${formatShape(bShape)} (x) ${formatShape(cShape)}${many}`;
  return `${layer}: ${shapes}: ${orders.join('; ')}: ${orderText[order]}`;
}

function sparseDecision(call: CallOf<'sliced'> | CallOf<'sparse'>, rates: Rates): string {
  const { layer, rows, columns, kept } = call;
  const block = call.kind === 'sliced' ? undefined : call.block;
  const own = cyclesOf(call, rates);
  const dense = panelCycles(rows, columns, rates);
  const form = block === undefined || isSingle(block) ? 'entries in slices' : `blocks of ${formatShape(block)}`;
  const blocks = block === undefined || area(block) === 1 ? [`blocks of 8x4 ${kilo((kept * rates.block) / 4)}`] : [];
  const density = `${((100 * kept) / (rows * columns)).toFixed(1)}% kept`;
  const verdict = own > dense ? '; dense would be faster' : '';
  return `${layer}: ${density}: ${form} ${kilo(own)}, ${[...blocks, `dense ${kilo(dense)}`].join(', ')}${verdict}`;
}

/** Both forms of circulant blocks, and what the faster one stores besides. */
function spectralDecision(call: CallOf<'spectral'>, rates: Rates): string {
  const { layer, rows, columns, block, gates } = call;
  const written = gates * circulantCycles(call, rates);
  const dense = panelCycles(gates * rows, columns, rates);
  const roots = elementBytes.float32 * 2 * frequenciesOf(block);
  return (
    `${layer}: circulant blocks of ${block}: by transforms ${kilo(cyclesOf(call, rates))}, ` +
    `written out ${kilo(written)}, dense ${kilo(dense)}; spectra take the bytes of the blocks, roots ${bytes(roots)}`
  );
}

/** A step on a core that the plan was not weighed for. */
export interface OtherCore {
  readonly cpu: string;
  readonly model: string | undefined;
  readonly cycles: number | undefined;
  readonly seconds: number | undefined;
}

/** What was decided and what it costs; cycles only where the core has a model. */
export interface PlanCosts {
  readonly cpu: string;
  /** Name of the cycle model. */
  readonly model: string | undefined;
  readonly weightBytes: number;
  readonly ramBytes: number;
  /** Of one step and what follows the last one, with no cache misses. */
  readonly cycles: number | undefined;
  /** In hertz, and the seconds of the cycles; where the program states a clock. */
  readonly clock: number | undefined;
  readonly seconds: number | undefined;
  /** The same step on the other cores that the program is for. */
  readonly others: readonly OtherCore[];
  readonly layers: readonly LayerCost[];
  readonly forms: readonly string[];
  readonly run: RunForm;
  readonly notes: readonly string[];
}

const secondsOf = (cycles: number | undefined, clock: number | undefined): number | undefined =>
  cycles !== undefined && clock !== undefined ? cycles / clock : undefined;

function onOther(plan: InferencePlan, cpu: string, clock: number | undefined): OtherCore {
  const step = modelledStep(plan, cpu);
  return { cpu, model: step?.model, cycles: step?.cycles, seconds: secondsOf(step?.cycles, clock) };
}

/** The numbers behind `explain --plan`, for programs to read; `inFloats` is what integer products are held against. */
export function planCosts(
  model: Model,
  plan: InferencePlan,
  { cpu, cpus = [], clock }: Pick<Emit, 'cpu' | 'cpus' | 'clock'>,
  inFloats?: InFloats,
): PlanCosts {
  const core = coreOf(cpu);
  const rates = core?.rates;
  const cycles = modelledStep(plan, cpu)?.cycles;
  const layers = layerCosts(model, plan, rates, inFloats);
  const { ramBytes, weightBytes } = planSummary(plan);
  return {
    ...{ cpu, model: core?.model, weightBytes, ramBytes, layers },
    ...{ cycles, clock, seconds: secondsOf(cycles, clock) },
    others: cpus.filter((other) => other !== cpu).map((other) => onOther(plan, other, clock)),
    forms: rates === undefined ? [] : callsOfPlan(plan).flatMap((call) => decisionOf(call, rates) ?? []),
    run: runForm(plan),
    notes: warnings(layers),
  };
}

type Stepping = Pick<PlanCosts, 'model' | 'cycles' | 'clock'>;

function stepText({ model, cycles, clock }: Stepping): string {
  if (model === undefined || cycles === undefined) return '';
  const cost = `; one step: modelled ${kilo(cycles)} cycles (${model}, no cache misses)`;
  return clock === undefined ? cost : `${cost}, ${modelledTime({ model, cycles }, clock)}`;
}

/** A text of several lines, a line break at its end. */
export function explainPlan(costs: PlanCosts): string {
  const { cpu, weightBytes, ramBytes, layers, forms, run, notes, others, clock } = costs;
  const core = coreOf(cpu);
  const step = stepText(costs);
  return [
    `plan on ${cpu}: weights ${bytes(weightBytes)} (${fitOf(weightBytes, core) || 'unknown caches'}), ` +
      `memory ${bytes(ramBytes)}${step}`,
    ...others.map((other) => `the same plan on ${other.cpu}${stepText({ ...other, clock }) || ': no cycle model'}`),
    layerTable(layers, core).trimEnd(),
    ...(forms.length === 0 ? [] : ['forms, in modelled cycles:', ...forms.map((line) => `  ${line}`)]),
    ...runText(run),
    ...notes.map((line) => `note: ${line}`),
    '',
  ].join('\n');
}
