/** Formats in which an answer can be had, the default first. */
export const MEDIA_TYPES = ['application/json', 'text/csv'] as const;

/** A format of {@link MEDIA_TYPES}. */
export type MediaType = (typeof MEDIA_TYPES)[number];

/**
 * The format that an `Accept` header prefers (RFC 9110, 12.5.1): greatest quality; of equals, JSON.
 *
 * @returns undefined when it accepts none of them
 */
export function negotiate(accept: string | undefined): MediaType | undefined {
  if (accept === undefined || accept.trim() === '') return MEDIA_TYPES[0];
  const ranges = accept.split(',').map(readRange);
  let best: { type: MediaType; quality: number } | undefined;
  for (const type of MEDIA_TYPES) {
    const quality = qualityOf(type, ranges);
    if (quality > (best?.quality ?? 0)) best = { type, quality };
  }
  return best?.type;
}

interface MediaRange {
  readonly range: string;
  readonly quality: number;
}

function readRange(text: string): MediaRange {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const given = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = given === undefined ? 1 : Number(given.slice(2));
  return { range, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

/** The most specific range that fits decides, whatever its quality. */
function qualityOf(type: MediaType, ranges: readonly MediaRange[]): number {
  const family = `${type.slice(0, type.indexOf('/'))}/*`;
  for (const specific of [type, family, '*/*']) {
    const found = ranges.find(({ range }) => range === specific);
    if (found !== undefined) return found.quality;
  }
  return 0;
}
