/** Numbers as people read them. */

/** 3382600 -> "3,382,600". */
export const count = (value: number): string =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');

/** "1 rule", "2 rules": a count with its noun. */
export const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

/** Bytes with a decimal unit that keeps three digits: 56000000 -> "56.0 MB". */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  const units = ['KB', 'MB', 'GB'];
  let scaled = value / 1000;
  let unit = 0;
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${scaled >= 100 ? scaled.toFixed(0) : scaled >= 10 ? scaled.toFixed(1) : scaled.toFixed(2)} ${units[unit]}`;
}

/** 25 -> "25x", 338.9379 -> "338.9x", 14.2857 -> "14.29x". */
export function factor(value: number): string {
  if (Number.isInteger(value)) return `${value}x`;
  const digits = value >= 1000 ? 0 : value >= 100 ? 1 : 2;
  return `${value.toFixed(digits)}x`;
}

/** Values that a sparsity (a fraction) leaves of `total`, in whole blocks of `area` values. */
export const keptOf = (sparsity: number, total: number, area = 1): number =>
  Math.round(((1 - sparsity) * total) / area) * area;

/**
 * The fraction `kept of total` as a sparsity percent with as many digits as give `kept` back by
 * round((1 - sparsity) * total), whole blocks of `area` values of it.
 */
export function sparsityPercent(kept: number, total: number, area = 1): string {
  for (let digits = 0; digits <= 12; digits++) {
    const text = ((1 - kept / total) * 100).toFixed(digits);
    if (keptOf(Number(text) / 100, total, area) === kept) return `${text}%`;
  }
  return `${(1 - kept / total) * 100}%`;
}

/** Seconds as "850 ms", "42.1 s", "12 min 5 s". */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}

const digits = (value: number): string => String(Number(value.toPrecision(3)));

/** Seconds with three digits as the language writes them: 0.0021 -> "2.1 ms", 4.35e-6 -> "4.35 us". */
export function time(seconds: number): string {
  if (seconds >= 1) return `${digits(seconds)} s`;
  return seconds >= 1e-3 ? `${digits(seconds * 1e3)} ms` : `${digits(seconds * 1e6)} us`;
}

/** Hertz as the language writes them: 1.8e9 -> "1.8 GHz". */
export function frequency(hertz: number): string {
  const [scale, unit] = hertz >= 1e9 ? [1e9, 'GHz'] : hertz >= 1e6 ? [1e6, 'MHz'] : [1e3, 'kHz'];
  return `${Number((hertz / scale).toPrecision(6))} ${unit}`;
}
