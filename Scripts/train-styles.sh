#!/bin/sh
# usage: train-styles.sh IMPASTO PHOTOS
# Trains the shipped styles of paintings, one after the other, each from the network of the one before. A
# second call continues where the first one was stopped. The networks and the records of the trainings
# are in .build/styles.
set -eu
cd "$(dirname "$0")/.."
impasto=$1
photos=$2
folder=.build/styles
mkdir -p "$folder"
network=styles-26
while read -r name options; do
  case $name in '#'* | '') continue ;; esac
  result=$folder/$name.safetensors
  if [ -e "$result.checkpoint" ]; then
    "$impasto" train --resume "$result" </dev/null
  elif [ ! -e "$result" ]; then
    # The options are several words.
    # shellcheck disable=SC2086
    "$impasto" train --from "$network" --add-style --style "$name" --photos "$photos" -o "$result" \
      --run "$folder/$name" $options </dev/null
  fi
  network=$result
done <Scripts/styles.txt
cp "$network" Sources/NetworkStore/Resources/stylizers/styles.safetensors
mkdir -p Benchmarks/styles
grep -v '^#' Scripts/styles.txt | while read -r name _; do
  cp "$folder/$name/losses.csv" "Benchmarks/styles/$name.csv"
done
echo "The network is Sources/NetworkStore/Resources/stylizers/styles.safetensors."
