#!/bin/sh
# The first process of the workload's own namespaces: puts it into its limits and its room, starts it as nobody, and buries its dead.
# Everything outside the room that the workload must not see is covered in this mount namespace alone; the host sees nothing of it.
no_room() {
  echo "$1" >"room.$CX_RUN"
  exit 125
}
for group in $CX_GROUPS; do
  echo 0 >"$group/cgroup.procs" || no_room "The limits in $group could not be set."
done
readlink /proc/self/ns/pid >"ns.$CX_RUN"
main=$(cat "$CX_SCRIPTS/main.sh")

mount -t tmpfs -o mode=755,size=64k cx /home && mkdir /home/workload /home/cx || no_room "/home could not be covered."
mount -c --bind ./home /home/workload || no_room "The room's folder could not be shown to the workload."
mount -c --bind ./meta /home/cx || no_room "The metadata socket could not be shown to the workload."
for device in $CX_HIDE; do
  mount -c --bind /dev/null "$device" || no_room "$device could not be hidden."
done
if [ -d /dev/shm ]; then mount -t tmpfs -o "mode=1777,size=$CX_SHARED" cx /dev/shm || no_room "/dev/shm could not be covered."; fi
mount -c --bind ./tmp /var/tmp || no_room "/var/tmp could not be covered."
mount -c --bind ./tmp /tmp || no_room "/tmp could not be covered."
if [ -d "$CX_STATE" ]; then mount -t tmpfs -o mode=000,size=4k cx "$CX_STATE" || no_room "The agent's own folder could not be hidden."; fi

cd /home/workload || exit 125
# shellcheck disable=SC2086
setpriv $CX_IDENTITY --no-new-privs --inh-caps=-all --bounding-set=-all prlimit $CX_LIMITS $CX_AFFINITY sh -c "$main" workload "$@" &
exec 2>/dev/null
wait $!
exit $?
