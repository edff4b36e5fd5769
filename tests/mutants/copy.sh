# The copy of the tree in which bugs are planted. Sourced by `score` and `pairs`, which set `root`,
# and after that `work`, where the copy goes, and `jobs`.

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }

# Ends the script: die CODE MESSAGE
die() {
  say "${*:2}"
  exit "$1"
}

# name_copy: where things are in it. The build lies in the copy as one of the tree lies in the tree,
# so that the compiler's cache knows what the tree has built already.
name_copy() {
  work=$(realpath --canonicalize-missing "$work")
  readonly work tree=$work/tree
  readonly built=$tree/build/copy
  readonly tank=$built/bin/wavetank
}

# in_copy COMMAND…: git, in the copy, without seeing that it lies within another work tree.
in_copy() { GIT_CEILING_DIRECTORIES=$work git -C "$tree" "$@"; }

# mirror PATH…: makes the copy equal to these of the tree; what has not changed keeps its time.
mirror() {
  mkdir -p "$tree"
  local listed path
  listed=$(mktemp)
  git -C "$root" ls-files -co --exclude-standard -- "$@" | sort -u >"$listed"
  while read -r path; do
    [[ -f $root/$path ]] || continue
    cmp -s "$root/$path" "$tree/$path" || install -D -m 644 "$root/$path" "$tree/$path"
  done <"$listed"
  (cd "$tree" && find . -path ./build -prune -o -type f -print | sed 's,^\./,,' | sort |
    comm -23 - "$listed" | xargs -r rm -f)
  rm -f "$listed"
}

# configure FLAG…: as the preset `release` is.
configure() {
  [[ -f $built/build.ninja ]] && return
  cmake -S "$tree" -B "$built" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ \
    -DCMAKE_CXX_FLAGS_RELWITHDEBINFO='-O2 -g1' -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld \
    -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache \
    -DWAVETANK_BENCH=OFF "$@" >"$work/configure.log" 2>&1
}

# compile TARGET…
compile() { ninja -C "$built" -j "$jobs" "$@" >"$work/build.log" 2>&1; }

# prepare_copy PATHS FLAG TARGET…: of the tree as it is. Dies with 4.
prepare_copy() {
  command -v ccache >/dev/null || die 4 'ccache is missing: ./tank build installs it'
  export CCACHE_BASEDIR=$tree CCACHE_NOHASHDIR=1
  mkdir -p "$work"
  say "copying the tree to $tree"
  mirror $1
  say "building it"
  configure "$2" || die 4 "cmake fails: $work/configure.log"
  compile "${@:3}" || die 4 "it does not build: $work/build.log"
}
