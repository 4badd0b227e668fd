import { readFileSync } from 'node:fs';
import type { Environment } from './run.ts';

/** The id of the GitHub deployment that started this workflow; it stands only in the event's payload. */
export function githubDeploymentId(env: Environment): string | undefined {
  const path = env['GITHUB_EVENT_PATH'];
  if (!env['GITHUB_EVENT_NAME']?.startsWith('deployment') || !path) return;
  try {
    const id: unknown = JSON.parse(readFileSync(path, 'utf8'))?.deployment?.id;
    return typeof id === 'number' || typeof id === 'string' ? String(id) : undefined;
  } catch {
    return;
  }
}
