import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Findings, problemLine } from '../definitions/problems.ts';

/** When the files of the tests are read. */
const NOW = new Date('2026-03-31T12:00:00Z');

/** Writes one file, reads it, and gives what was read and what was said about it. */
export function readText<Checked>(
  text: string,
  read: (
    files: readonly string[],
    options: { directory: string; now: Date; findings: Findings },
  ) => Checked[],
): { checked: Checked[]; problems: string[]; notes: string[] } {
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-definitions-'));
  try {
    writeFileSync(join(directory, 'f.yaml'), text);
    const findings: Findings = { problems: [], notes: [] };
    const checked = read(['f.yaml'], { directory, now: NOW, findings });
    return { checked, problems: findings.problems.map(problemLine), notes: findings.notes };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
