import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AcceptedToken, authorize, type HealthAnswer, type HealthEndpoints } from '@evenkeel/runtime';

/** The port of `/healthz`, `/readyz` and `/metrics` of a process that serves nothing else. */
export interface HealthServer {
  readonly address: { host: string; port: number };
  close(): Promise<void>;
}

/** Listens; `/metrics` needs scope `read` where tokens are configured. */
export async function listenHealth(options: {
  host: string;
  port: number;
  health: HealthEndpoints;
  tokens: readonly AcceptedToken[];
}): Promise<HealthServer> {
  const { health, tokens } = options;
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const { outcome } = authorize(tokens, request.headers.authorization, 'read');
    answer(path, outcome === 'ok', health).then(
      (found) => send(response, found),
      () => send(response, { status: 500, contentType: 'text/plain', body: 'failed\n' }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  return {
    address: { host: address, port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(path: string, mayRead: boolean, health: HealthEndpoints): Promise<HealthAnswer> {
  if (path === '/healthz') return health.healthz();
  if (path === '/readyz') return health.readyz();
  if (path !== '/metrics') return { status: 404, contentType: 'text/plain', body: 'not found\n' };
  return mayRead ? health.metrics() : { status: 401, contentType: 'text/plain', body: 'a token is needed\n' };
}

function send(response: ServerResponse, { status, contentType, body }: HealthAnswer): void {
  response.writeHead(status, { 'content-type': contentType }).end(body);
}
