import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Document, LineCounter, parseAllDocuments, visit } from 'yaml';
import { Located } from './located.ts';
import type { Findings } from './problems.ts';

/**
 * Reads YAML files, each of one or several documents. What cannot be read is among the findings' problems; of a file
 * that is not YAML no document is given.
 *
 * @param directory what relative names start from
 */
export function readFiles(files: readonly string[], directory: string, findings: Findings): Located[] {
  return files.flatMap((file) => {
    try {
      return readText(file, readFileSync(resolve(directory, file), 'utf8'), findings);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      findings.problems.push({
        file,
        line: 1,
        column: 1,
        code: 'unreadable_file',
        field: '',
        message: REASONS[code] ?? code,
      });
      return [];
    }
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'is a directory; name its files',
  EACCES: 'may not be read',
};

function readText(file: string, text: string, findings: Findings): Located[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  const documents = Array.isArray(parsed) ? parsed : [];
  const wrong = documents.flatMap(mistakesOf);
  for (const { at, message } of wrong) {
    const { line, col } = lines.linePos(at);
    findings.problems.push({ file, line, column: col, code: 'invalid_yaml', field: '', message });
  }
  if (wrong.length > 0) return [];
  return documents
    .map(
      (document) =>
        new Located({ file, document, lines, findings }, document.contents, '', document.range[0]),
    )
    .filter(({ present }) => present);
}

/** What keeps a document from being read, and at which character. */
function mistakesOf(document: Document.Parsed): { at: number; message: string }[] {
  // One mistake of syntax makes several of them; the first is where it is.
  const [first] = [...document.errors, ...document.warnings];
  if (first !== undefined) return [{ at: first.pos[0], message: first.message }];
  const dangling: { at: number; message: string }[] = [];
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) === undefined)
        dangling.push({ at: alias.range?.[0] ?? 0, message: `No anchor &${alias.source} stands before` });
    },
  });
  return dangling;
}
