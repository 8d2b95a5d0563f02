#!/bin/sh
# Stands beside a workload for as long as it runs, whether the agent does or not: keeps what it prints and how it ended.
cd "$CX_ROOM" || exit 125
umask 077
exec </dev/null >>"output.$CX_RUN" 2>&1
echo $$ >"pid.$CX_RUN"
# What a shell itself remarks on how its children ended is not the workload's to say.
exec 3>&1 2>/dev/null
# shellcheck disable=SC2086
unshare $CX_UNSHARE --pid --mount --ipc --fork --kill-child=KILL --mount-proc sh "$CX_SCRIPTS/inner.sh" "$@" 2>&3 3>&-
echo $? >exit.part
mv exit.part "exit.$CX_RUN"
