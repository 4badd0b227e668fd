#!/usr/bin/env node
// Plain JavaScript that any Node can parse: it only finds a Node that can run the rest.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';

const OLDEST_NODE = 24;

if (Number.parseInt(process.versions.node, 10) >= OLDEST_NODE) {
  const { entryFile } = await import('./bundle-choice.js');
  await import(entryFile(import.meta.dirname));
} else {
  runUnder(bundledNode());
}

/** The Node that `npm ci` installed with the project, or undefined. */
function bundledNode() {
  try {
    const root = dirname(createRequire(import.meta.url).resolve('node/package.json'));
    const node = join(root, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(node) ? node : undefined;
  } catch {
    return undefined;
  }
}

/** Starts this file again under another Node, passing signals and the exit code through. */
function runUnder(node) {
  if (node === undefined) {
    process.stderr.write(
      `evenkeel: needs Node ${OLDEST_NODE} or newer, this is ${process.versions.node}; "npm ci" in the project brings one along\n`,
    );
    process.exit(1);
  }
  let child;
  // Before the other Node starts: a signal that comes while it does must not leave it alone.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole foreground group; a second copy means "stop at once" to many tools.
      if (!(signal === 'SIGINT' && process.stdin.isTTY)) child?.kill(signal);
    });
  }
  child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
  child.on('error', (error) => {
    process.stderr.write(`evenkeel: cannot start ${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code === null ? 128 + constants.signals[signal] : code));
}
