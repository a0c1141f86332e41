/**
 * A loss curve on a canvas: the steps as a thin line, their running mean as a thick one, validation as dots that are
 * joined, a ring around the best. Knows no model.
 */

export interface CurvePoint {
  readonly step: number;
  readonly value: number;
}

export interface CurveStyle {
  readonly text: string;
  readonly grid: string;
  readonly faint: string;
  readonly line: string;
  readonly valid: string;
  readonly goal: string;
}

/** Room around the plot, in CSS pixels. */
const margin = { left: 52, right: 16, top: 14, bottom: 30 };
/** Weight of the past in the running mean. */
const inertia = 0.9;
/** Upper end of the scale before the first step, in nats. */
const emptyTop = 4;
/** Enough for any screen: older points are thinned out. */
const mostPoints = 4000;

/** A round distance between ticks: 1, 2 or 5 times a power of ten. */
export function tickStep(range: number, ticks: number): number {
  const rough = Math.max(range, 1e-9) / ticks;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((f) => f * power >= rough) ?? 10;
  return factor * power;
}

/** The mean of all values up to each, older ones counting less; unbiased at the start. */
export function runningMean(values: readonly number[]): number[] {
  let [sum, weight] = [0, 0];
  return values.map((value) => {
    sum = inertia * sum + (1 - inertia) * value;
    weight = inertia * weight + (1 - inertia);
    return sum / weight;
  });
}

/** Every other point of too many, the last always among them. */
const thinned = (points: CurvePoint[]): CurvePoint[] =>
  points.length <= mostPoints ? points : points.filter((_, i) => (points.length - 1 - i) % 2 === 0);

interface Frame {
  readonly x: (step: number) => number;
  readonly y: (value: number) => number;
  readonly width: number;
  readonly height: number;
  readonly lowest: number;
  readonly highest: number;
  readonly lastStep: number;
}

export class Curve {
  private readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private points: CurvePoint[] = [];
  private checks: CurvePoint[] = [];
  /** The step whose validation is ringed. */
  best: number | undefined;
  /** A level drawn across the plot: what a perfect model would reach. */
  goal: { readonly value: number; readonly label: string } | undefined;

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('this browser draws no canvas');
    this.canvas = canvas;
    this.context = context;
  }

  clear(): void {
    this.points = [];
    this.checks = [];
    this.best = undefined;
  }

  add(point: CurvePoint): void {
    this.points.push(point);
    this.points = thinned(this.points);
  }

  addValidation(point: CurvePoint): void {
    this.checks.push(point);
    this.checks = thinned(this.checks);
  }

  private frame(): Frame {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const values = [...this.points, ...this.checks].map(({ value }) => value);
    const goal = this.goal === undefined ? [] : [this.goal.value];
    const [first, last] = [this.points[0]?.step ?? 0, this.points.at(-1)?.step ?? 1];
    const top = values.length === 0 ? emptyTop : Math.max(...values, ...goal);
    const bottom = Math.min(...values, ...goal, top - 0.5);
    const room = (top - bottom) * 0.08;
    const [lowest, highest] = [Math.max(0, bottom - room), top + room];
    const lastStep = Math.max(last, first + 10);
    const [across, down] = [width - margin.left - margin.right, height - margin.top - margin.bottom];
    return {
      x: (step) => margin.left + ((step - first) / (lastStep - first)) * across,
      y: (value) => margin.top + ((highest - value) / (highest - lowest)) * down,
      width,
      height,
      lowest,
      highest,
      lastStep,
    };
  }

  draw(style: CurveStyle): void {
    const ratio = globalThis.devicePixelRatio || 1;
    const frame = this.frame();
    this.canvas.width = Math.round(frame.width * ratio);
    this.canvas.height = Math.round(frame.height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.font = '12px system-ui, sans-serif';
    this.drawLevels(frame, style);
    this.drawSteps(frame, style);
    if (this.goal !== undefined) this.drawGoal(frame, style, this.goal);
    const means = runningMean(this.points.map(({ value }) => value));
    this.drawLine(frame, this.points, { color: style.faint, width: 1 });
    this.drawLine(
      frame,
      this.points.map(({ step }, i) => ({ step, value: means[i]! })),
      { color: style.line, width: 2.5 },
    );
    this.drawLine(frame, this.checks, { color: style.valid, width: 2 });
    for (const check of this.checks) this.drawDot(frame, check, style.valid);
  }

  private drawDot({ x, y }: Frame, { step, value }: CurvePoint, color: string): void {
    const { context } = this;
    const circle = (radius: number): void => {
      context.beginPath();
      context.arc(x(step), y(value), radius, 0, 2 * Math.PI);
    };
    context.fillStyle = color;
    circle(3);
    context.fill();
    if (step !== this.best) return;
    context.lineWidth = 1.5;
    circle(7);
    context.stroke();
  }

  private drawLevels({ y, width, lowest, highest }: Frame, style: CurveStyle): void {
    const { context } = this;
    const every = tickStep(highest - lowest, 5);
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    for (let value = Math.ceil(lowest / every) * every; value <= highest; value += every) {
      this.stroke(style.grid, 1, [margin.left, y(value), width - margin.right, y(value)]);
      context.fillStyle = style.text;
      context.fillText(String(Number(value.toFixed(4))), margin.left - 8, y(value));
    }
  }

  private drawSteps({ x, height, lastStep }: Frame, style: CurveStyle): void {
    const { context } = this;
    const first = this.points[0]?.step ?? 0;
    const every = Math.max(1, tickStep(lastStep - first, 6));
    context.textAlign = 'center';
    context.textBaseline = 'top';
    context.fillStyle = style.text;
    for (let step = Math.ceil(first / every) * every; step <= lastStep; step += every)
      context.fillText(String(step), x(step), height - margin.bottom + 8);
  }

  private drawGoal({ y, width }: Frame, style: CurveStyle, goal: { value: number; label: string }): void {
    const { context } = this;
    context.setLineDash([6, 4]);
    this.stroke(style.goal, 1.5, [margin.left, y(goal.value), width - margin.right, y(goal.value)]);
    context.setLineDash([]);
    context.textAlign = 'right';
    context.textBaseline = 'bottom';
    context.fillStyle = style.goal;
    context.fillText(goal.label, width - margin.right, y(goal.value) - 3);
  }

  private stroke(color: string, width: number, [x1, y1, x2, y2]: readonly [number, number, number, number]): void {
    const { context } = this;
    context.strokeStyle = color;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
  }

  private drawLine({ x, y }: Frame, points: readonly CurvePoint[], pen: { color: string; width: number }): void {
    const { context } = this;
    context.strokeStyle = pen.color;
    context.lineWidth = pen.width;
    context.lineJoin = 'round';
    context.beginPath();
    points.forEach(({ step, value }, i) => {
      if (i === 0) context.moveTo(x(step), y(value));
      else context.lineTo(x(step), y(value));
    });
    context.stroke();
  }
}
