#!/bin/sh
# 离线安装 / installation without a network. Usage: sh install.sh [FOLDER]   (default /opt/fenliu)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-/opt/fenliu}
python=${PYTHON:-python3.11}
wheels="$here/wheels/$(uname -m)"

[ -d "$wheels" ] || { echo "错误：没有适用于 $(uname -m) 的软件包 / no packages for $(uname -m)" >&2; exit 2; }
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || {
  echo "错误：须用 Python 3.11，可设 PYTHON=路径 / Python 3.11 is needed; set PYTHON to its path" >&2; exit 2; }

echo "核对校验和 / comparing checksums"
(cd "$here" && sha256sum --check --quiet SHA256SUMS)

echo "安装到 / installing into $target"
"$python" -m venv "$target"
"$target/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --find-links "$wheels" \
  --require-hashes --requirement "$here/requirements.txt"
"$target/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --find-links "$wheels" --no-deps fenliu
"$target/bin/fenliu-serve" --help >/dev/null
echo "完成。下一步 / done; next: $target/bin/fenliu-serve check"
