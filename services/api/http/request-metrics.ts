import type { Telemetry } from '@evenkeel/runtime';
import type { FastifyInstance } from 'fastify';

/** Bounds of the histogram's buckets, in seconds. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Measure how long each address takes to answer, with the names of OpenTelemetry's HTTP conventions. */
export function measureRequests(app: FastifyInstance, meter: Telemetry['meter']): void {
  const duration = meter.createHistogram('http.server.request.duration', {
    description: 'Time until a request was answered',
    unit: 's',
    advice: { explicitBucketBoundaries: BOUNDS },
  });
  app.addHook('onResponse', async (request, reply) => {
    duration.record(reply.elapsedTime / 1000, {
      'http.request.method': request.method,
      // The pattern, never the address: ids would make a series each.
      'http.route': request.routeOptions.url ?? '',
      'http.response.status_code': reply.statusCode,
    });
  });
}
