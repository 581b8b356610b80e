#!/bin/sh
# Stands in for a host's programs in the tests of linky-deploy. Processes, ports and files are real.
#
#   stand_in.sh systemctl PYTHON FOLDER VERB UNIT...   runs the service of FOLDER/root/current
#   stand_in.sh uv PYTHON ... TREE                     makes TREE/.venv
#   stand_in.sh run TREE VERB                          `linky preflight` and `linky migrate`
#
# Files in the tree of a release decide what happens: preflight, migrate, starts (yes, no, or only
# as a bridge), version, uv.lock. A bridge is only noted: it needs a socket of systemd.
set -eu
here=$(dirname -- "$0")

end_service() {
    [ -f "$1" ] || return 0
    pid=$(cat "$1")
    rm "$1"
    kill -9 "$pid" 2>/dev/null || return 0
    # Wait until its port is free. A zombie holds no port.
    while grep -q '^State:.*[^Z] (' "/proc/$pid/status" 2>/dev/null; do sleep 0.01; done
}

program=$1
shift
case $program in
systemctl)
    python=$1 folder=$2
    shift 2
    echo "$*" >>"$folder/systemctl.log"
    installed=$folder/root
    if [ "$*" = "restart linky-api-next.service" ]; then
        [ "$(cat "$installed/next/starts")" != no ] && exit 0
        echo "Job for linky-api-next.service failed"
        exit 1
    fi
    case "$*" in "restart linky-api.service"*) ;; *) exit 0 ;; esac
    end_service "$folder/pid"
    tree=$(readlink -f "$folder/root/current")
    if [ "$(cat "$tree/starts")" != yes ]; then
        echo "Job for linky-api.service failed"
        exit 1
    fi
    # Redirect the output: the caller reads ours until no process has it open.
    rm -f "$folder/listening"
    "$python" -I "$here/stand_in_service.py" "$tree" "$(cat "$folder/port")" \
        "$folder/certificate.pem" "$folder/listening" >/dev/null 2>&1 &
    echo $! >"$folder/pid"
    # Wait as systemd does for a service that notifies.
    while [ ! -e "$folder/listening" ] && kill -0 $! 2>/dev/null; do sleep 0.01; done
    ;;
end)
    end_service "$1/pid"
    ;;
uv)
    python=$1
    for tree in "$@"; do :; done
    if [ "$(cat "$tree/uv.lock")" = broken ]; then
        echo "error: the lock asks for what is not to be had"
        exit 1
    fi
    mkdir -p "$tree/.venv/bin"
    ln -s "$python" "$tree/.venv/bin/python"
    ;;
run)
    cat "$1/$2"
    echo "$2 $(basename -- "$1")" >>"$1/../../../run.log"
    [ "$(cat "$1/$2")" = fine ]
    ;;
esac
