// The packages as npm has them. Needs nothing but what `node scripts/pack.mjs` or an installation left.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as pi from 'pi-spigot';
import { root } from './common.mjs';

const manifest = JSON.parse(readFileSync(join(root, 'package.json')));

test('the addon and the package have one version', () => {
  assert.equal(pi.version, manifest.version);
});

test('nothing is built or run at installation', () => {
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
    assert.equal(manifest.scripts?.[script], undefined, script);
  }
  assert.equal(manifest.dependencies, undefined);
});

test('every platform has a package of the same version', { skip: manifest.devDependencies && 'not packed' }, () => {
  const { optionalDependencies } = manifest;
  assert.deepEqual(
    Object.keys(optionalDependencies).sort(),
    ['arm64-gnu', 'arm64-musl', 'x64-gnu', 'x64-musl'].map((platform) => `pi-spigot-linux-${platform}`),
  );
  for (const version of Object.values(optionalDependencies)) assert.equal(version, manifest.version);
});

test('the package of this platform holds licences', { skip: manifest.devDependencies && 'not packed' }, () => {
  const modules = join(root, '..');
  const [addon] = readdirSync(modules).filter((name) => name.startsWith('pi-spigot-'));
  const files = readdirSync(join(modules, addon));
  for (const file of ['LICENSE-MIT', 'LICENSE-APACHE', 'THIRD-PARTY-LICENCES.txt']) assert.ok(files.includes(file), file);
  const licences = readFileSync(join(modules, addon, 'THIRD-PARTY-LICENCES.txt'), 'utf8');
  for (const crate of ['napi', 'num-bigint', 'sha2']) assert.match(licences, new RegExp(`^${crate} [\\d.]+, .*MIT`, 'm'));
});

test('a missing addon is told with the platforms that there are', async () => {
  const { execFileSync } = await import('node:child_process');
  const script = `
    const Module = require('node:module');
    const load = Module._load;
    Module._load = (name, ...rest) => {
      if (name.endsWith('.node') || name.startsWith('pi-spigot-')) throw new Error('not there');
      return load(name, ...rest);
    };
    try { require('pi-spigot'); } catch (error) { console.log(error.message, error.cause instanceof Error); }`;
  const output = execFileSync(process.execPath, ['-e', script], { cwd: import.meta.dirname ?? '.', encoding: 'utf8' });
  assert.match(output, /^pi-spigot found no addon for linux \w+\. There are addons for linux x64 glibc, .*--cpu=arm64.* true/);
});
