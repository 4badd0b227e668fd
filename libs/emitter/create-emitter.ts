import type { Emitter, EmitterOptions } from './emitter.ts';

/**
 * Starts an emitter; one at a time per process, because the OpenTelemetry SDK registers itself globally. The SDK is
 * loaded here and not with this package: loading takes longer than everything else, and a program may have better to do first.
 */
export async function createEmitter(options: EmitterOptions = {}): Promise<Emitter> {
  const { startEmitter } = await import('./emitter.ts');
  return startEmitter(options);
}
