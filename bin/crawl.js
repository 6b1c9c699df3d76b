#!/usr/bin/env node
/*
 * Launcher of the commands `crawl` and `weir`. Written so that any Node since version 10 can read it, as a script or as a
 * module: an older Node gets one line saying what is needed, the rest is in start.js. There is no second process: the pid
 * that a user sees is the crawl itself, and a signal or kill -9 reaches it. (`npx crawl` in a checkout finds the Node that
 * the checkout brings along.)
 */
'use strict';

var version = process.versions.node.split('.').map(Number);

if (version[0] > 22 || (version[0] === 22 && version[1] >= 20)) {
  import('./start.js').catch(function (error) {
    process.stderr.write('crawl: cannot start: ' + (error && error.message ? error.message : String(error)) + '\n');
    process.exitCode = 1;
  });
} else {
  process.stderr.write(
    'crawl: Node.js 22.20 or newer is needed, this is ' +
      process.version +
      '; in a checkout "npx crawl" uses the one that npm ci installed\n',
  );
  process.exitCode = 2;
}
