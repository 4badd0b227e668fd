import type { Program } from './process/native-process.ts';

/** The processes of the stack, in the order in which they start. */
export const partNames = ['kafka', 'clickhouse', 'collector', 'normalizer', 'webhooks', 'api'] as const;
export type PartName = (typeof partNames)[number];

/** How one part is run. */
export interface Part {
  readonly name: PartName;
  /** What is done before each start. */
  readonly prepare?: () => Promise<void>;
  readonly program: Omit<Program, 'logFile'>;
  /** Throws, saying why, until it takes work. */
  readonly check: () => Promise<void>;
  /** Longest wait for it to take work, in milliseconds. */
  readonly startMs: number;
  /** Longest wait for it to end by itself, in milliseconds. */
  readonly stopMs: number;
}

/** @throws when the address does not answer with a 2xx status */
export async function expectOk(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answers ${response.status} ${text.slice(0, 300)}`);
}
