/**
 * "What comes next?" of `index.html`: the likeliest words after those that are typed, by the best weights of the run in
 * this page, or else by the emitted ones.
 */
import type { BrowserProgram } from '../targets/tfjs/browser-program.js';
import type { Evaluation, Predictor, Trainer } from './api.js';
import { byId, set } from './elements.js';
import type { OpenedModel } from './open-model.js';

interface Source {
  readonly model: OpenedModel;
  readonly program: BrowserProgram;
  /** The trainer of this page, where there is one now. */
  readonly trainer: () => Trainer | undefined;
  readonly fail: (error: unknown) => void;
}

interface Opened {
  readonly predictor: Predictor;
  /** The step of the run in this page whose weights it has; undefined for the emitted ones. */
  readonly step: number | undefined;
}

const likeliest = 5;

/** Whether words of a text go in one by one. */
function readsWords({ predict, train }: BrowserProgram): boolean {
  const input = predict.data.find(({ role }) => role === 'input');
  const unit = train?.training.loader.kind === 'text' ? train.training.loader.unit : 'word';
  return input?.type === 'int32' && predict.steps === 1 && unit === 'word';
}

function rowOf(word: string, share: number): HTMLElement {
  const [row, name, bar, percent] = ['li', 'span', 'span', 'span'].map((tag) => document.createElement(tag));
  name!.textContent = word;
  bar!.className = 'bar';
  bar!.style.width = `${100 * share}%`;
  percent!.textContent = `${(100 * share).toFixed(1)}%`;
  row!.append(name!, bar!, percent!);
  return row!;
}

export class Asking {
  private readonly source: Source;
  private readonly emitted = byId('asked').textContent;
  /** id -> word, once a vocabulary is known. */
  private words: readonly string[] | undefined;
  private opened: Opened | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(source: Source) {
    this.source = source;
    byId('ask').addEventListener('submit', (event) => {
      event.preventDefault();
      const { value } = byId<HTMLInputElement>('words');
      this.last = this.last.then(() => this.answer(value)).catch(source.fail);
    });
  }

  /** Shows the question once there are words to ask about. */
  offer(words: readonly string[] | undefined): void {
    if (words === undefined || this.words !== undefined || !readsWords(this.source.program)) return;
    this.words = words;
    byId('asking').hidden = false;
    const some = words.filter((word) => !word.startsWith('<')).slice(0, 2);
    byId<HTMLInputElement>('words').value = some.join(' ');
  }

  /** Says whose weights answer. */
  show(best: Evaluation | undefined): void {
    set('asked', best === undefined ? this.emitted : `the weights of step ${best.step} of this run, its best so far`);
  }

  private async predictor(): Promise<Predictor> {
    const trainer = this.source.trainer();
    const step = trainer?.best?.step;
    if (this.opened !== undefined && this.opened.step === step) return this.opened.predictor;
    await this.opened?.predictor.close();
    this.opened = undefined;
    const weights = step === undefined ? undefined : await trainer?.weights('best');
    const predictor = await this.source.model.createPredictor(weights === undefined ? {} : { weights });
    this.opened = { predictor, step };
    return predictor;
  }

  private async answer(text: string): Promise<void> {
    const { words = [] } = this;
    const idOf = new Map(words.map((word, id) => [word, id]));
    const asked = text.split(/\s+/).filter((word) => word !== '');
    const ids = asked.map((word) => idOf.get(word) ?? idOf.get('<unk>') ?? 0);
    const predictor = await this.predictor();
    predictor.reset();
    const shares = await predictor.predict([idOf.get('<eos>') ?? 0, ...ids]);
    const ranked = [...shares.keys()].sort((a, b) => shares[b]! - shares[a]!).slice(0, likeliest);
    byId('answers').replaceChildren(...ranked.map((id) => rowOf(words[id] ?? String(id), shares[id]!)));
  }
}
