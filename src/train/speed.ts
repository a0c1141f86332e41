/** How fast a run is, from the moments at which its steps ended. Told to the user; nothing is computed from it. */
export class Speed {
  private last: number;
  private perStep = 0;

  constructor(now: number) {
    this.last = now;
  }

  /** A step ended: the mean of the last twenty or so counts. */
  stepEnded(now: number): void {
    const took = Math.max(now - this.last, 1e-9);
    this.last = now;
    this.perStep = this.perStep === 0 ? took : this.perStep + 0.05 * (took - this.perStep);
  }

  /** What came since the last step was no step. */
  skipTo(now: number): void {
    this.last = now;
  }

  get secondsPerStep(): number {
    return this.perStep;
  }
}
