/** All pages by code, each with the message it is about. Reads no file. */
import { laterError } from '../../arguments/later.js';
import { argumentError } from '../../arguments/messages.js';
import type { Entries, Entry } from '../../diagnostics/catalogue.js';
import { fitError } from '../../fit/messages.js';
import { layerError } from '../../layers/messages.js';
import { common } from '../../methods/common-messages.js';
import { methods } from '../../methods/methods.js';
import { contradictions } from '../../model/contradiction.js';
import { formatError } from '../../model/format-messages.js';
import { compressError, emitError, modelError } from '../../model/messages.js';
import { sweepError } from '../../model/sweep-messages.js';
import { trainError } from '../../model/train-messages.js';
import { defined } from '../../support/assert.js';
import { syntaxError } from '../../syntax/messages.js';
import { argumentPages } from './argument-pages.js';
import { compressPages, formatPages } from './compress-pages.js';
import { emitPages, fitPages } from './emit-pages.js';
import { methodPages } from './method-pages.js';
import { laterPages, layerPages, modelPages } from './model-pages.js';
import type { DiagnosticPage } from './page.js';
import { sweepPages } from './sweep-pages.js';
import { syntaxPages } from './syntax-pages.js';
import { trainPages } from './train-pages.js';

export interface CodePage extends DiagnosticPage {
  /** `room/name`. */
  readonly code: string;
  readonly entry: Entry;
}

interface Room {
  readonly room: string;
  readonly entries: Entries;
}
type Pages = Readonly<Record<string, DiagnosticPage>>;

/** Every catalogue of the sources, with its pages. */
export const catalogues: readonly (readonly [Room, Pages])[] = [
  [syntaxError, syntaxPages],
  [argumentError, argumentPages],
  [laterError, laterPages],
  [modelError, modelPages],
  [layerError, layerPages],
  [compressError, compressPages],
  [formatError, formatPages],
  [trainError, trainPages],
  [emitError, emitPages],
  [sweepError, sweepPages],
  [fitError, fitPages],
];

const ofRoom = ([{ room, entries }, pages]: readonly [Room, Pages]): readonly CodePage[] =>
  Object.entries(entries).map(([name, entry]) => ({
    code: `${room}/${name}`,
    entry,
    ...defined(pages[name], `page of ${room}/${name}`),
  }));

/** What a method says: its own messages, and those that every method may give under its name. */
const ofMethods: readonly CodePage[] = methods.flatMap((method) => {
  const entries: Entries = { ...method.messages, ...common, ...contradictions };
  return Object.entries(entries).flatMap(([name, entry]) => {
    const code = `${method.name}/${name}`;
    const page = methodPages[code];
    return page === undefined ? [] : [{ code, entry, ...page }];
  });
});

/** In the order of the compiler's rooms. */
export const codePages: readonly CodePage[] = [...catalogues.flatMap(ofRoom), ...ofMethods];
