import { spawn } from 'node:child_process';

/** Seconds that a process gets to end by itself once the runner is gone. */
const graceSeconds = 8;

const script = `read -r answer
[ "$answer" = ended ] && exit 0
kill -TERM "$1" 2>/dev/null
for _ in $(seq 1 ${graceSeconds * 5}); do kill -0 "$1" 2>/dev/null || exit 0; sleep 0.2; done
kill -KILL "$1" 2>/dev/null`;

/**
 * Ends a process when this one dies, however it dies: a shell of its own session waits at a pipe that the operating
 * system closes with us.
 *
 * @returns how to say that the process has ended by itself
 */
export function guard(pid: number): () => void {
  const shell = spawn('/bin/sh', ['-c', script, 'guard', String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  return () => shell.stdin.end('ended\n');
}
