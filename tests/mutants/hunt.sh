# Planted bugs and the hunt for one. Sourced by `score` and `explained`, after copy.sh; of these it
# wants `here` and `root`, `work`, `jobs`, `tank`, and `seeds`, the most that are looked through.

# Where a bug is looked for when the scenarios that its patch names have not found it.
readonly elsewhere='torn-tail, crash-in-recovery, power-cut-in-snapshot, power-cut-in-compaction,
  failed-fsync, slow-disk, disk-full, bit-rot, lost-fsync, everything, crash log-small,
  crash snapshot-small, election-storm, recall-storm, partition-storm, lagging-replica,
  replicated-everything'

# ---- Patches: a title, then "Field: value" lines, then a diff against the root.

patch_file() { printf '%s/%s.patch' "$here" "$1"; }

# field NAME FIELD: its value on one line; a value goes on in lines that begin with two spaces.
field() {
  sed -n '/^--- /q; p' "$(patch_file "$1")" |
    awk -v want="$2: " 'index($0, want) == 1 { on = 1; text = substr($0, length(want) + 1); next }
                        on && /^  / { text = text " " substr($0, 3); next }
                        { on = 0 }
                        END { print text }'
}

title() { sed -n '/^$/q; p' "$(patch_file "$1")" | paste -s -d ' '; }

# Of storms by their field, of stories by their first argument, which may be on the next line.
known_scenarios() {
  cat "$root"/scenarios/{random,crash,directed,replicated}/*.cc 2>/dev/null | tr '\n' ' ' |
    grep -oE '(\.name = |StoryOf\( *)"[a-z0-9-]+"' | sed 's/^[^"]*"//; s/"$//'
}
known_invariants() {
  sed -n 's/^    {"\([a-z-]*\)",.*/\1/p' "$root/scenarios/invariants.cc"
}

# split "a, b": one a line.
split() { tr ',' '\n' <<<"$1" | sed 's/^ *//; s/ *$//; /^$/d'; }

# ---- The hunt.

# hunt "SCENARIO" or hunt "crash SCENARIO", up to N seeds: sets `invariant` and `needed` when it
# found something, and adds to `cpu`. A seed on which the tree fails too proves nothing.
hunt() {
  local what=$1 most=$2 seed depth
  invariant='' needed=''
  if [[ $what != crash\ * ]]; then
    launch "$tank" run "$what" --seeds "0..$most" --until-fail --shrink 0 --jobs "$jobs" \
      --out "$work/out"
    note_finding && innocent run "$what" --seed "$((needed - 1))" --out "$work/out"
    return
  fi
  for depth in 1 2; do
    for ((seed = 1; seed <= most && seed <= 4 / depth; ++seed)); do
      launch "$tank" crash "${what#crash }" --seed "$seed" --depth "$depth"
      note_finding "$seed" &&
        innocent crash "${what#crash }" --seed "$seed" --depth "$depth" && return
    done
  done
  return 1
}

launch() {
  local user system TIMEFORMAT='%U %S'
  { time "$@" --json >"$work/hunt.json" 2>"$work/hunt.err" || true; } 2>"$work/hunt.time"
  read -r user system <"$work/hunt.time"
  cpu=$(awk -v a="$cpu" -v b="$user" -v c="$system" 'BEGIN { printf "%.1f", a + b + c }')
}

# innocent VERB…: the tree without the bug passes there.
innocent() {
  "$tank.innocent" "$@" --json >"$work/innocent.json" 2>/dev/null
  grep -q '"verdict":"fail"' "$work/innocent.json" || return 0
  say "  the tree itself fails: wavetank $*"
  return 1
}

# note_finding [SEEDS]: from the first finding of the hunt; without SEEDS, its seed tells.
note_finding() {
  local line
  line=$(grep -m 1 '"verdict":"fail"' "$work/hunt.json") || return 1
  [[ $line =~ \"invariant\":\"([a-z-]+)\" ]] && invariant=${BASH_REMATCH[1]}
  needed=${1:-}
  if [[ -z $needed && $line =~ \"seed\":\"(0x[0-9a-f]+)\" ]]; then
    needed=$((BASH_REMATCH[1] + 1))
  fi
  [[ $line =~ \"message\":\"(([^\"\\]|\\.)*)\" ]] && finding=${BASH_REMATCH[1]}
}

# seek NAME: where it is promised first, then elsewhere. Sets `where` as well.
seek() {
  local name=$1 what
  local promised
  promised=$(field "$name" Seeds)
  while read -r what; do
    where=$what
    say "  $what"
    hunt "$what" "$((promised < seeds ? promised : seeds))" && return
  done < <(split "$(field "$name" Scenario)")
  while read -r what; do
    where=$what
    say "  not where it was promised; $what"
    hunt "$what" "$seeds" && return
  done < <(split "$(field "$name" Scenario), $(tr '\n' ' ' <<<"$elsewhere")" | awk '!seen[$0]++')
  return 1
}
