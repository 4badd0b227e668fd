import { z } from 'zod';
import type { Environment } from './cache/cache-directory.ts';
import { StackError } from './process/stack-error.ts';
import { type PortName, stackPorts } from './stack-ports.ts';

/** What the environment says about the stack. */
export interface StackSettings {
  readonly dataDir: string;
  /** 0: a free one. */
  readonly ports: Partial<Record<PortName, number>>;
}

const port = z.coerce.number().int().min(0).max(65_535);

/** @throws {StackError} naming a variable that holds no port */
export function readStackSettings(environment: Environment): StackSettings {
  const ports: Partial<Record<PortName, number>> = {};
  for (const [name, definition] of Object.entries(stackPorts)) {
    if (!('variable' in definition)) continue;
    const text = environment[definition.variable];
    const parsed = port.safeParse(text ? text.replace(/^auto$/, '0') : definition.standard);
    if (!parsed.success)
      throw new StackError(`${definition.variable}=${text}: expected a port, 0 for a free one`);
    ports[name as PortName] = parsed.data;
  }
  return { dataDir: environment['EVENKEEL_DATA_DIR'] || '.evenkeel', ports };
}
