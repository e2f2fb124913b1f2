'use strict';

// The addon: napi-rs's loader takes it from native/ (a build of this tree) or from the package of this
// platform, which npm installs as an optional dependency.

const { version } = require('../package.json');

const PLATFORMS = ['linux x64 glibc', 'linux x64 musl', 'linux arm64 glibc', 'linux arm64 musl'];

function load() {
  try {
    return require('../native/binding.js');
  } catch (cause) {
    const here = `${process.platform} ${process.arch}`;
    throw new Error(
      `pi-spigot found no addon for ${here}. There are addons for ${PLATFORMS.join(', ')}. ` +
        'Install on the platform that runs the program, or name the platform: ' +
        'npm install --os=linux --cpu=arm64 --libc=glibc pi-spigot',
      { cause },
    );
  }
}

const native = load();
if (native.version() !== version) {
  throw new Error(
    `pi-spigot ${version} found an addon of version ${native.version()}: remove node_modules and install again`,
  );
}

module.exports = native;
