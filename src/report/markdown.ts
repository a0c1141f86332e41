/** Text in Markdown. */

/** Columns of a page; tables, and what cannot be broken, may be wider. */
export const pageWidth = 120;

/** A bar would end a table's cell. */
export const inCell = (text: string): string => text.replaceAll('|', '\\|');
