// Re-creates runtime.js, LICENSES.txt and vendor.json from the pinned packages. Needs Node 20 and npm; the product does not.
// Run: node make.mjs
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bundled = {
  'preact': '11.2.0',
  '@preact/signals': '2.11.4',
  '@preact/signals-core': '1.14.5',
  'htm': '3.1.1',
  '@fluent/bundle': '0.19.1',
};
const esbuild = '0.28.2';

// One module, because the npm files import each other by bare names, which a browser can't resolve without an import map.
const entry = `
import { h } from 'preact';
import htm from 'htm';
export { Fragment, h, render } from 'preact';
export { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
export { batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect } from '@preact/signals';
export { FluentBundle, FluentResource } from '@fluent/bundle';
export const html = htm.bind(h);
`;

const here = dirname(fileURLToPath(import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'sala-vendor-'));
try {
  const dependencies = { ...bundled, esbuild };
  writeFileSync(join(work, 'package.json'), JSON.stringify({ private: true, dependencies, overrides: bundled }));
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent'], { cwd: work, stdio: 'inherit' });
  writeFileSync(join(work, 'entry.js'), entry);
  const options = ['entry.js', '--bundle', '--format=esm', '--minify', '--target=es2022', '--legal-comments=none', '--outfile=runtime.js'];
  execFileSync(join(work, 'node_modules/.bin/esbuild'), options, { cwd: work, stdio: 'inherit' });

  const runtime = readFileSync(join(work, 'runtime.js'));
  const packages = Object.keys(bundled).map((name) => describe(join(work, 'node_modules', name)));
  const notices = packages.map((each) => `${each.name} ${each.version} (${each.licence})\n\n${each.notice}`).join('\n\n----\n\n');
  const record = {
    file: 'runtime.js',
    sha256: createHash('sha256').update(runtime).digest('hex'),
    bytes: runtime.length,
    made_with: `esbuild ${esbuild}`,
    packages: packages.map(({ name, version, licence }) => ({ name, version, licence })),
  };
  writeFileSync(join(here, 'runtime.js'), runtime);
  writeFileSync(join(here, 'LICENSES.txt'), notices + '\n');
  writeFileSync(join(here, 'vendor.json'), JSON.stringify(record, null, 2) + '\n');
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** The name, version, licence and licence text of one installed package. */
function describe(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const notice = file ? readFileSync(join(folder, file), 'utf8').trim() : `Licensed under ${license}.`;
  return { name, version, licence: license, notice };
}
