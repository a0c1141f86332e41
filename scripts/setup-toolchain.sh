#!/usr/bin/env bash
# Installs what rnnc needs beside Node to verify the C it emits: gcc, clang, cross compilers for AArch64 and
# ARMv7, and qemu-user; with CI=true also Chromium, in which the emitted page is tested. Idempotent; without apt or root it says what to install and goes on (exit 0), except
# when CI=true, where a missing tool is a failure. RNNC_NO_SETUP=1 only checks; RNNC_BENCH=1 adds what
# `npm run bench:inference` compares with and models by.
set -euo pipefail

declare -A package=(
  [gcc]=gcc [clang]=clang [make]=make
  [aarch64-linux-gnu-gcc]=gcc-aarch64-linux-gnu [arm-linux-gnueabihf-gcc]=gcc-arm-linux-gnueabihf
  [qemu-aarch64]=qemu-user [qemu-arm]=qemu-user
)

# llvm-mca models cycles, clang is the second compiler, Eigen the library that is compared with, SIMDe builds NEON sources for x86.
bench=""
if [ "${RNNC_BENCH:-}" = 1 ]; then
  bench="clang-19 llvm-19 g++ g++-aarch64-linux-gnu libeigen3-dev libsimde-dev"
  for tool in clang-19 llvm-mca-19 llvm-mc-19 g++ aarch64-linux-gnu-g++; do package[$tool]=$tool; done
fi

# Only continuous integration must test the emitted page in a browser; elsewhere that test says that it is left out.
[ "${CI:-}" = true ] && package[chromium]=chromium

missing_tools() {
  local tool
  for tool in "${!package[@]}"; do command -v "$tool" >/dev/null 2>&1 || echo "$tool"; done
  # The cross compilers need the C libraries of their targets.
  if command -v aarch64-linux-gnu-gcc >/dev/null 2>&1; then
    echo '#include <math.h>' | aarch64-linux-gnu-gcc -E -x c - >/dev/null 2>&1 || echo libc6-dev-arm64-cross
  fi
  if command -v arm-linux-gnueabihf-gcc >/dev/null 2>&1; then
    echo '#include <math.h>' | arm-linux-gnueabihf-gcc -E -x c - >/dev/null 2>&1 || echo libc6-dev-armhf-cross
  fi
  if [ -n "$bench" ] && [ ! -d /usr/include/eigen3 ]; then echo libeigen3-dev; fi
  if [ -n "$bench" ] && [ ! -d /usr/include/simde ]; then echo libsimde-dev; fi
}

missing=$(missing_tools)
[ -z "$missing" ] && exit 0

wanted="gcc libc6-dev clang make gcc-aarch64-linux-gnu libc6-dev-arm64-cross gcc-arm-linux-gnueabihf libc6-dev-armhf-cross qemu-user${package[chromium]:+ chromium} $bench"
if [ "${RNNC_NO_SETUP:-0}" != 1 ] && command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
  echo "setup-toolchain: installing" $wanted
  apt-get update -qq >/dev/null
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted >/dev/null
  missing=$(missing_tools)
  [ -z "$missing" ] && exit 0
fi

echo "setup-toolchain: missing:" $missing
if command -v apt-get >/dev/null 2>&1; then
  echo "setup-toolchain: install with: sudo apt-get install $wanted"
else
  echo "setup-toolchain: install gcc, clang, make, GCC cross compilers for aarch64-linux-gnu and arm-linux-gnueabihf, and qemu-user (qemu-aarch64, qemu-arm)"
fi
[ "${CI:-}" != true ]
