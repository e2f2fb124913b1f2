// Packs the npm packages into dist/: the package `pi-spigot`, which has no addon, and one package for each
// platform that was built, which npm takes as an optional dependency by its os, cpu and libc.
//
//   node scripts/pack.mjs            after `napi build` of at least one target

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const here = new URL('..', import.meta.url).pathname;
const dist = join(here, 'dist');
const LICENCES = ['LICENSE', 'LICENSE-MIT', 'LICENSE-APACHE'];

const { devDependencies, scripts, napi, ...manifest } = JSON.parse(readFileSync(join(here, 'package.json')));

/** Platforms by npm's words. */
const platforms = napi.targets.map((target) => {
  const [arch, , , abi] = target.split('-');
  const cpu = arch === 'x86_64' ? 'x64' : 'arm64';
  const libc = abi === 'musl' ? 'musl' : 'glibc';
  return { name: `linux-${cpu}-${abi}`, target, os: 'linux', cpu, libc };
});

/** A folder with a manifest and files, packed into dist/. */
function pack(folder, json, files) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [from, to] of files) cpSync(join(here, from), join(folder, to), { recursive: true });
  for (const licence of LICENCES) cpSync(join(here, '../..', licence), join(folder, licence));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(json, null, 2)}\n`);
  execFileSync('npm', ['pack', '--silent', '--pack-destination', dist], { cwd: folder, stdio: 'inherit' });
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);

const { version, license, repository, homepage, engines } = manifest;
const built = platforms.filter(({ name }) => existsSync(join(here, `native/pi-spigot.${name}.node`)));
if (built.length === 0) throw new Error('no addon in native/: run ci/node.sh build');

for (const { name, target, os, cpu, libc } of built) {
  const file = `pi-spigot.${name}.node`;
  const json = {
    name: `${manifest.name}-${name}`,
    version,
    description: `The addon of the package ${manifest.name} for ${os} ${cpu} with ${libc}`,
    license,
    repository,
    homepage,
    engines,
    os: [os],
    cpu: [cpu],
    libc: [libc],
    main: file,
    files: [file, 'THIRD-PARTY-LICENCES.txt', 'LICENSE-MIT', 'LICENSE-APACHE'],
  };
  const folder = join(dist, 'packages', name);
  const readme = `# ${json.name}\n\n${json.description}. Install [${manifest.name}](${homepage}), which brings it.\n`;
  writeFileSync(join(here, `native/${name}.md`), readme);
  pack(folder, json, [
    [`native/${file}`, file],
    [`native/${name}.md`, 'README.md'],
    [`native/licences-${target}.txt`, 'THIRD-PARTY-LICENCES.txt'],
  ]);
}

manifest.optionalDependencies = Object.fromEntries(
  platforms.map(({ name }) => [`${manifest.name}-${name}`, version]),
);
pack(join(dist, 'packages', manifest.name), manifest, [
  ['lib', 'lib'],
  ['README.md', 'README.md'],
]);
