import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Random draws that the same name always makes the same. */
export interface Draw {
  /** 0 included, 1 excluded. */
  share(): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** From `least` to `most`, evenly. */
  between(least: number, most: number): number;
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  /** Log-normal: most draws near `median`, some far above; `spread` is the standard deviation of the logarithm. */
  around(median: number, spread: number): number;
  /** How often something happens that happens `mean` times on average. */
  times(mean: number): number;
  one<T>(of: readonly [T, ...T[]]): T;
}

/** @param name what is drawn for, seed included: another name is another, independent sequence */
export function drawFor(name: string): Draw {
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  const generator = xoroshiro128plus(hash | 0);
  const share = () => uniformFloat64(generator);
  // Box and Muller; 1 - share() keeps the logarithm finite.
  const normal = () => Math.sqrt(-2 * Math.log(1 - share())) * Math.cos(2 * Math.PI * share());
  const poisson = (mean: number) => {
    if (mean > 50) return Math.max(0, Math.round(mean + normal() * Math.sqrt(mean)));
    const limit = Math.exp(-mean);
    let events = 0;
    for (let product = share(); product > limit; product *= share()) events += 1;
    return events;
  };
  return {
    share,
    chance: (probability) => share() < probability,
    between: (least, most) => least + share() * (most - least),
    whole: (least, most) => least + Math.floor(share() * (most - least + 1)),
    around: (median, spread) => median * Math.exp(normal() * spread),
    times: poisson,
    one: (of) => of[Math.floor(share() * of.length)] ?? of[0],
  };
}
