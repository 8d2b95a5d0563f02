#!/bin/sh
# Stands beside a container for as long as it runs, whether the agent does or not: keeps what it prints and how it ended.
cd "$CX_ROOM" || exit 125
umask 077
exec </dev/null >>"output.$CX_RUN" 2>&1
echo $$ >"pid.$CX_RUN"
ended() {
  echo "$1" >exit.part
  mv exit.part "exit.$CX_RUN"
  exit 0
}
if [ -z "$CX_SINCE" ]; then
  "$@" >"container.$CX_RUN" 2>"room.part"
  code=$?
  rm -f "env.$CX_RUN"
  if [ "$code" -ne 0 ]; then
    mv room.part "room.$CX_RUN"
    ended "$code"
  fi
  rm -f room.part
  "$CX_ENGINE" logs --follow "$CX_NAME"
else
  "$CX_ENGINE" logs --follow --since "$CX_SINCE" "$CX_NAME"
fi
# What the engine itself remarks is not the workload's to say.
code=$("$CX_ENGINE" wait "$CX_NAME" 2>/dev/null)
ended "${code:-125}"
