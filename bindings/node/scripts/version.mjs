// Checks that package.json has the version of Cargo's workspace, the one place of versions; with --write it
// copies the version there.

import { readFileSync, writeFileSync } from 'node:fs';

const cargo = new URL('../../../Cargo.toml', import.meta.url);
const file = new URL('../package.json', import.meta.url);

const workspace = readFileSync(cargo, 'utf8').split('[workspace.package]')[1] ?? '';
const version = /^version = "(.+)"$/m.exec(workspace)?.[1];
if (version === undefined) throw new Error('Cargo.toml has no version below [workspace.package]');

const text = readFileSync(file, 'utf8');
const found = JSON.parse(text).version;
if (found !== version && process.argv[2] === '--write') {
  writeFileSync(file, text.replace(`"version": "${found}"`, `"version": "${version}"`));
} else if (found !== version) {
  console.error(`bindings/node/package.json has version ${found}, Cargo.toml ${version}: node scripts/version.mjs --write`);
  process.exit(1);
}
