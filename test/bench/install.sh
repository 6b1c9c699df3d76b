#!/bin/sh
# Installs what the benchmarks crawl on Debian 12, nginx and three packages of HTML documentation, and the programs that Weir is held
# against: from Debian, and Crawlee and node-crawler from npm into the folder that is given. Run by
# `npm run bench -- --install`, never by itself. The system's own nginx service is neither started nor configured.
set -eu
peers=${1:?usage: install.sh FOLDER}
if ! command -v apt-get >/dev/null; then
  echo "no apt-get here: without Debian's packages the benchmark uses the demo site (figures not comparable)" >&2
  exit 2
fi
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
$sudo apt-get update
# policy-rc.d with 101 keeps the package from starting the service.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null
  $sudo chmod +x $policy
  trap '$sudo rm -f $policy' EXIT
fi
# Slim images leave documentation out (dpkg's path-exclude); these three folders are asked for by name.
$sudo apt-get install -y --no-install-recommends --reinstall \
  -o DPkg::Options::=--path-include=/usr/share/doc/sqlite3/* \
  -o DPkg::Options::=--path-include=/usr/share/doc/postgresql-doc-15/* \
  -o DPkg::Options::=--path-include=/usr/share/doc/python3.11/* \
  nginx sqlite3-doc postgresql-doc-15 python3.11-doc
$sudo apt-get install -y --no-install-recommends curl wget2 aria2 python3 python3-scrapy
mkdir -p "$peers"
[ -e "$peers/package.json" ] || echo '{ "private": true }' >"$peers/package.json"
npm install --prefix "$peers" --no-audit --no-fund --save-exact @crawlee/cheerio@3.18.1 crawler@2.1.1
