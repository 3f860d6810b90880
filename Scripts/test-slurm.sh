#!/bin/sh
# usage: test-slurm.sh IMPASTO
# Repaints photos as a job array of a real Slurm on this machine. One task is killed, and runs again.
set -eu
impasto=$(realpath "$1")
cd "$(dirname "$0")/.."
. Scripts/as-root.sh
if ! command -v slurmctld >/dev/null || ! command -v munged >/dev/null; then
  echo "Installing with apt-get: slurm-wlm, munge"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends slurm-wlm munge
fi

work=$(mktemp -d)
chmod 755 "$work"
stop() {
  for name in slurmd slurmctld munged; do
    if [ -s "$work/$name.pid" ]; then as_root kill "$(cat "$work/$name.pid")" 2>/dev/null || true; fi
  done
  as_root rm -rf "$work"
}
trap stop EXIT
fail() {
  echo "$1" >&2
  tail -n 20 "$work"/*.log >&2 || true
  exit 1
}

# A Slurm with one node, with sockets, ports and states of its own.
export SLURM_CONF="$work/slurm.conf"
mkdir -p "$work/state" "$work/spool" "$work/munge"
head -c 1024 /dev/urandom >"$work/munge/key"
as_root chown -R munge:munge "$work/munge"
as_root chmod 755 "$work/munge"
as_root chmod 400 "$work/munge/key"
as_root setpriv --reuid munge --regid munge --clear-groups munged --force --key-file="$work/munge/key" \
  --socket="$work/munge/socket" --pid-file="$work/munge/pid" --log-file="$work/munge/log" --seed-file="$work/munge/seed"
ln -s munge/pid "$work/munged.pid"
cat >"$SLURM_CONF" <<CONF
ClusterName=impasto
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort=17817
SlurmdPort=17818
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
NodeName=$(hostname) NodeAddr=127.0.0.1 CPUs=2 RealMemory=2000 State=UNKNOWN
PartitionName=main Nodes=$(hostname) Default=YES MaxTime=60 State=UP
CONF
as_root env SLURM_CONF="$SLURM_CONF" slurmctld
as_root env SLURM_CONF="$SLURM_CONF" slurmd
for attempt in $(seq 60); do
  if sinfo -h -o %T 2>/dev/null | grep -q idle; then break; fi
  sleep 0.5
done
sinfo -h -o %T | grep -q idle || fail "Slurm does not start."

# Eight photos, two for each of four tasks.
mkdir "$work/photos" "$work/out" "$work/alone"
for number in 1 2 3 4 5 6 7 8; do
  "$impasto" stylize Examples/photos/chelsea.jpg --style udnie --strength "0.$number" --size 200 --quiet \
    -o "$work/photos/$number.jpg"
done
settings="--style great-wave --size 128 --iterations 30 --scales 1 --quiet --threads 1"
cat >"$work/job.sh" <<JOB
#!/bin/sh
exec "$impasto" transfer "$work/photos" $settings -o "$work/out" --shard "\$SLURM_ARRAY_TASK_ID/4"
JOB
collect() { "$impasto" transfer "$work/photos" $settings -o "$work/out" --collect 2>&1; }
wait_for_jobs() {
  for attempt in $(seq 240); do
    if [ -z "$(squeue -h)" ]; then return; fi
    sleep 0.5
  done
  fail "The jobs do not end."
}

job=$(sbatch --parsable --array=1-4 --cpus-per-task=1 --output="$work/task-%a.log" "$work/job.sh")
# Task 2 is killed after its first photo.
for attempt in $(seq 240); do
  if [ -s "$work/out/.shards/2-of-4/items.jsonl" ]; then break; fi
  sleep 0.1
done
[ -s "$work/out/2.jpg" ] || fail "Task 2 does not begin."
scancel --signal=KILL "${job}_2"
wait_for_jobs
first=$(stat -c %Y.%s "$work/out/2.jpg")
if message=$(collect); then fail "Results are missing, but were collected."; fi
echo "$message"
echo "$message" | grep -q -- "run again --shard 2/4" || fail "The missing shard is not named."

sbatch --parsable --array=2 --cpus-per-task=1 --output="$work/task-%a.log" "$work/job.sh" >/dev/null
wait_for_jobs
collect
[ "$first" = "$(stat -c %Y.%s "$work/out/2.jpg")" ] || fail "A complete result was made again."
[ "$(wc -l <"$work/out/table.csv")" = 9 ] || fail "The table does not have eight results."
[ -s "$work/out/sheet.jpg" ] || fail "There is no sheet."

"$impasto" transfer "$work/photos" $settings -o "$work/alone"
for number in 1 2 3 4 5 6 7 8; do
  cmp "$work/out/$number.jpg" "$work/alone/$number.jpg" || fail "Shards give other bytes."
done
echo "Four tasks, one of them killed, gave the results of one process."
