/** Laboratory: all orders in which several threads can take their steps, each its own in the order given. */

/** Who takes which step, one turn after the other. */
export type Interleaving<S> = readonly { readonly who: number; readonly what: S }[];

/** Of `threads` threads that each take `steps`: (n·k)! / (k!)^n of them. For few steps: all are made. */
export function interleavings<S>(steps: readonly S[], threads: number): Interleaving<S>[] {
  const extend = (taken: readonly number[]): Interleaving<S>[] => {
    const rest = taken.flatMap((count, who) => {
      const what = steps[count];
      if (what === undefined) return [];
      const after = taken.map((other, index) => (index === who ? other + 1 : other));
      return extend(after).map((tail) => [{ who, what }, ...tail]);
    });
    return taken.every((count) => count === steps.length) ? [[]] : rest;
  };
  return extend(Array.from({ length: threads }, () => 0));
}
