// How long a file is, as people say it.

const STEPS = [
  ["byte", 1],
  ["kilobyte", 1_000],
  ["megabyte", 1_000_000],
] as const;

export function sizeText(bytes: number, locale: string): string {
  const [unit, step] = STEPS.findLast(([, least]) => bytes >= least) ?? STEPS[0];
  const few = bytes / step < 10 && step > 1;
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: few ? 1 : 0 }).format(bytes / step);
}
