'use strict';

// The addon: from native/, a build of this tree, or from the package of this platform, which npm installs as an
// optional dependency. An addon for another C library does not load, so there is no need to find out which
// library this process has: that would cost more than the attempt.

const { version } = require('../package.json');

const PLATFORMS = ['linux x64 glibc', 'linux x64 musl', 'linux arm64 glibc', 'linux arm64 musl'];

function load() {
  const causes = [];
  for (const libc of ['gnu', 'musl']) {
    const platform = `${process.platform}-${process.arch}-${libc}`;
    for (const place of [`../native/pi-spigot.${platform}.node`, `pi-spigot-${platform}`]) {
      try {
        return require(place);
      } catch (error) {
        causes.push(error);
      }
    }
  }
  throw new Error(
    `pi-spigot found no addon for ${process.platform} ${process.arch}. There are addons for ` +
      `${PLATFORMS.join(', ')}. Install on the platform that runs the program, or name the platform: ` +
      'npm install --os=linux --cpu=arm64 --libc=glibc pi-spigot',
    { cause: new AggregateError(causes, 'every attempt failed') },
  );
}

const native = load();
if (native.version() !== version) {
  throw new Error(
    `pi-spigot ${version} found an addon of version ${native.version()}: remove node_modules and install again`,
  );
}

module.exports = native;
