# Gives the workload its own environment, and nothing of the agent's, and becomes the workload. Values come by the environment: never on a command line.
cx_i=0
while [ "$cx_i" -lt "$CXENV_COUNT" ]; do
  eval "export \"\$CXENV_$cx_i\"; unset CXENV_$cx_i"
  cx_i=$((cx_i + 1))
done
unset cx_i CXENV_COUNT CX_ROOM CX_RUN CX_STATE CX_SCRIPTS CX_UNSHARE CX_GROUPS CX_HIDE CX_SHARED CX_IDENTITY CX_LIMITS CX_AFFINITY OLDPWD
exec "$@"
