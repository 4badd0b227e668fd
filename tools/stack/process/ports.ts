import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below where operating systems take ports for outgoing connections, so that none of those takes one in between. */
const range = { from: 15_000, to: 32_000 };

/** A port of the loopback interface that nobody has right now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(range.from, range.to);
    if (await isFree(port)) return port;
  }
}

/** True when the port of the loopback interface can be had. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
