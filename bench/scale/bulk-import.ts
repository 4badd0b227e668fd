import { postFacts } from './traffic.ts';

const linesOfRequest = 10_000;

/**
 * Last year's deployments and their changes of services that nobody knew, as an import would send them: large
 * requests, one after the other.
 *
 * @returns seconds until the last was durable
 */
export async function importFacts(
  api: string,
  facts: number,
  services: number,
  name: string,
): Promise<number> {
  const began = performance.now();
  const yearAgo = Date.now() - 365 * 86_400_000;
  const deployments = facts / 2;
  for (let first = 0; first < facts; first += linesOfRequest) {
    const lines = Array.from({ length: Math.min(linesOfRequest, facts - first) }, (_, index) => {
      const number = Math.floor((first + index) / 2);
      const service = `${name}-${number % services}`;
      const at = new Date(yearAgo + Math.floor((number / deployments) * 364 * 86_400_000));
      const place = { service, environment: 'production', deployment_id: `${name}-${number}` };
      return (first + index) % 2 === 0
        ? {
            kind: 'deployment',
            ...place,
            phase: 'finished',
            outcome: 'succeeded',
            version: `${number}`,
            occurred_at: at.toISOString(),
          }
        : {
            kind: 'change',
            ...place,
            repository: `example.com/acme/${service}`,
            change_id: `${name}-${number}`,
            committed_at: new Date(at.getTime() - 7_200_000).toISOString(),
            occurred_at: at.toISOString(),
          };
    });
    await postFacts(api, lines);
  }
  return (performance.now() - began) / 1000;
}
