# What becomes of a bug that was caught: a small plan, what of it is necessary, and whether it still
# says the same on programs built anew. Sourced by `score`, after hunt.sh.

readonly storm_seeds=300
readonly explain_time=${WAVETANK_MUTANTS_FOR:-30s}  # each, of shrinking and of explaining

is_storm() {
  [[ $1 != crash\ * ]] &&
    "$tank" list --json |
    jq -es --arg name "$1" 'any(.name == $name and .kind == "random")' >/dev/null
}

# find_storm NAME: sets `where`, `needed` and `invariant` to those of a storm that the patch names.
find_storm() {
  local what
  while read -r what; do
    is_storm "$what" || continue
    where=$what
    hunt "$what" "$storm_seeds" && return
  done < <(split "$(field "$1" Scenario)")
  return 1
}

# explain_one NAME: a row of explained.md. Uses what `seek` has set. A story and a crash state have
# nothing to leave out: for these a storm is looked through as well.
explain_one() {
  local name=$1 invariant=$invariant needed=$needed where=$where cpu=0 finding='' seen=$where
  if ! is_storm "$where" && ! find_storm "$name"; then
    explained_row "$name" "$seen" 'as small as it is' '' '' '' ''
    return
  fi
  local run=$where:$((needed - 1)) plan=$work/plans/$name.json
  mkdir -p "$work/plans"
  rm -f "$plan"
  "$tank" shrink "$run" --for "$explain_time" --jobs "$jobs" --out "$plan" --json \
    >"$work/shrink.json" 2>"$work/shrink.err" || true
  "$tank" explain "$plan" --as-is --for "$explain_time" --jobs "$jobs" --json \
    >"$work/explain.json" 2>"$work/explain.err" || true
  explained_row "$name" "$run" "$(size_of before)" "$(size_of after)" "$(needs_of necessary)" \
    "$(verdict_of "$tank" "$plan")" "$(verdict_of "$tank.innocent" "$plan")"
}

# explained_row BUG RUN BEFORE AFTER NECESSARY WITH WITHOUT
explained_row() {
  printf '| `%s` | `%s` | %s | %s | %s | %s | %s |\n' "$@" >>"$work/explained.md"
}

explained_heading() {
  printf '%s\n' '| bug | found | machines, operations, faults, chores | smallest | necessary | plan with the bug | without |' \
    '|---|---|---|---|---|---|---|' >"$work/explained.md"
}

# size_of before|after
size_of() {
  jq -r --arg key "$1" 'select(.kind == "end") | .[$key]
    | "\(.machines), \(.operations), \(.faults), \(.chores)"' "$work/shrink.json"
}

# The parts without which it never failed; several of one name once.
needs_of() {
  jq -r --arg need "$1" 'select(.kind == "explanation") | [.parts[] | select(.need == $need)
    | .name] | group_by(.) | map(if length > 1 then "\(length) × \(.[0])" else .[0] end)
    | join(", ")' "$work/explain.json"
}

# What a program says of a plan: the invariant, or "passes".
verdict_of() {
  { "$1" repro "$2" --json 2>/dev/null || true; } |
    jq -rs '[.[] | select(.kind == "run")][0] | if . == null then "no answer"
      elif .verdict == "fail" then .invariant else .verdict + "es" end'
}
