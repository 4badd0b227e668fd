import type { PartName } from './part.ts';
import { freePort, isFree } from './process/ports.ts';
import { StackError } from './process/stack-error.ts';

/** Every port of the stack, the part that has it, and the variable that sets it. Without one it is always a free one. */
export const stackPorts = {
  otlp: { part: 'collector', variable: 'EVENKEEL_OTLP_PORT', standard: 4318 },
  otlpGrpc: { part: 'collector', variable: 'EVENKEEL_OTLP_GRPC_PORT', standard: 4317 },
  collectorHealth: { part: 'collector' },
  collectorMetrics: { part: 'collector' },
  kafka: { part: 'kafka', variable: 'EVENKEEL_KAFKA_PORT', standard: 9092 },
  kafkaController: { part: 'kafka' },
  clickhouse: { part: 'clickhouse', variable: 'EVENKEEL_CLICKHOUSE_PORT', standard: 8123 },
  normalizer: { part: 'normalizer', variable: 'EVENKEEL_NORMALIZER_PORT', standard: 9464 },
  webhooks: { part: 'webhooks', variable: 'EVENKEEL_WEBHOOKS_PORT', standard: 8081 },
  api: { part: 'api', variable: 'EVENKEEL_API_PORT', standard: 8080 },
} as const satisfies Record<string, { part: PartName; variable?: string; standard?: number }>;

export type PortName = keyof typeof stackPorts;
export type StackPorts = Readonly<Record<PortName, number>>;

/**
 * Gives every part its ports: those asked for, where they are free, and free ones for the rest.
 *
 * @throws {StackError} naming every port that is taken and the variable that changes it
 */
export async function resolvePorts(
  asked: Partial<Record<PortName, number>>,
  wanted: ReadonlySet<PartName>,
): Promise<StackPorts> {
  const taken: string[] = [];
  const resolved: Partial<Record<PortName, number>> = {};
  for (const [name, port] of Object.entries(stackPorts) as [PortName, (typeof stackPorts)[PortName]][]) {
    const given = asked[name] ?? 0;
    if (given !== 0 && wanted.has(port.part) && !(await isFree(given))) {
      taken.push(`${given} (${port.part}${'variable' in port ? `, ${port.variable}` : ''})`);
    }
    resolved[name] = given === 0 ? await freePort() : given;
  }
  if (taken.length > 0) {
    throw new StackError(
      `These ports are taken: ${taken.join(', ')}. Set the variable to another port, or to 0 for a free one.`,
    );
  }
  return resolved as StackPorts;
}
