/** Text for tables in Markdown. */

/** A bar would end a table's cell. */
export const inCell = (text: string): string => text.replaceAll('|', '\\|');
