/** Applies the fixes of diagnostics to the texts they are about. Pure; who writes the files is the caller. */
import type { Diagnostic, Fix } from './diagnostic.js';
import type { Source } from './source.js';

export interface Fixed {
  readonly source: Source;
  /** The text with the fixes in it. */
  readonly text: string;
  readonly fixes: readonly Fix[];
}

/** First come, first served: a fix that overlaps an earlier one waits for the next round. */
function apart(fixes: readonly Fix[]): readonly Fix[] {
  const sorted = [...fixes].sort((a, b) => a.span.start - b.span.start);
  let end = -1;
  return sorted.filter(({ span }) => {
    const free = span.start > end;
    if (free) end = span.end;
    return free;
  });
}

/** One entry for each file that has a fix. */
export function applyFixes(found: readonly Diagnostic[]): readonly Fixed[] {
  const fixes = found.flatMap((d) => d.fix ?? []);
  const sources = [...new Map(fixes.map(({ span }) => [span.source.path, span.source])).values()];
  return sources.map((source) => {
    const mine = apart(fixes.filter(({ span }) => span.source.path === source.path));
    let text = source.text;
    for (const { span, text: fresh } of [...mine].reverse()) {
      text = text.slice(0, span.start) + fresh + text.slice(span.end);
    }
    return { source, text, fixes: mine };
  });
}
