/** Report: numbers as people read them. KB is 1,000 bytes throughout, as in the options. Pure; English digits on every machine. */

const SIZE_NAMES = ['KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** 1234567 → `1,234,567`. */
export function count(n: number): string {
  const digits = String(Math.round(Math.abs(n)));
  const grouped = digits.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return n <= -0.5 ? `-${grouped}` : grouped;
}

/** 999 → `999 B`, 12345 → `12.3 KB`. */
export function bytes(n: number): string {
  if (n < 1000) return `${count(n)} B`;
  let value = n / 1000;
  let unit = 0;
  // 999,600 would round to "1,000 KB".
  while (value >= 999.5 && unit < SIZE_NAMES.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${threeDigits(value)} ${SIZE_NAMES[unit] ?? 'PB'}`;
}

/** Pages per second: `0.4`, `12.3`, `1,234`. */
export function rate(perSecond: number): string {
  return perSecond >= 100 ? count(perSecond) : threeDigits(perSecond);
}

/** Time as a clock: 5000 → `0:05`, 3661000 → `1:01:01`. */
export function clockTime(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const seconds = String(total % 60).padStart(2, '0');
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours > 0
    ? `${String(hours)}:${String(minutes).padStart(2, '0')}:${seconds}`
    : `${String(minutes)}:${seconds}`;
}

/** Seconds with two decimals, as in `Total time: 12.34 seconds`. */
export function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}

/** `1 URL`, `2 URLs`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** Percent without decimals; 0 of 0 is 0 %. */
export function percent(part: number, whole: number): string {
  return `${whole === 0 ? '0' : String(Math.round((part / whole) * 100))}%`;
}

function threeDigits(value: number): string {
  return value >= 99.95 ? count(value) : value.toFixed(1);
}
