// A registry on 127.0.0.1 that has the packages of dist/ and no other, so that a test installs them as a user will:
//
//   node scripts/registry.mjs COMMAND...     runs a command with npm's registry set to it, and exits like it

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';

const dist = new URL('../dist/', import.meta.url);

/** Files by name, and the manifests in folders of the same packages. */
const files = new Map(
  readdirSync(dist).filter((name) => name.endsWith('.tgz')).map((name) => [name, readFileSync(new URL(name, dist))]),
);
const manifests = readdirSync(new URL('packages/', dist)).map((folder) =>
  JSON.parse(readFileSync(new URL(`packages/${folder}/package.json`, dist))),
);

/** The document of a package, as npm asks for it. */
function packument(name, address) {
  const manifest = manifests.find((each) => each.name === name);
  if (manifest === undefined) return undefined;
  const file = `${name}-${manifest.version}.tgz`;
  const integrity = `sha512-${createHash('sha512').update(files.get(file)).digest('base64')}`;
  const version = { ...manifest, dist: { tarball: `${address}/${file}`, integrity } };
  return { name, 'dist-tags': { latest: manifest.version }, versions: { [manifest.version]: version } };
}

const server = createServer(({ url }, response) => {
  const name = decodeURIComponent(url.slice(1));
  const body = files.get(name) ?? packument(name, `http://127.0.0.1:${server.address().port}`);
  response.statusCode = body === undefined ? 404 : 200;
  response.end(Buffer.isBuffer(body) ? body : JSON.stringify(body ?? { error: 'not found' }));
});

server.listen(0, '127.0.0.1', () => {
  const registry = `http://127.0.0.1:${server.address().port}/`;
  const [command, ...rest] = process.argv.slice(2);
  const child = spawn(command, rest, { stdio: 'inherit', env: { ...process.env, npm_config_registry: registry } });
  child.on('exit', (code) => process.exit(code ?? 1));
});
