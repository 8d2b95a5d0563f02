# What deploy/run, deploy/test and deploy/cx share. Sourced, not run.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_TieredPGO=0

die() { printf '%s\n' "$*" >&2; exit 1; }

need_dotnet() {
    command -v dotnet >/dev/null || die "The .NET 10 SDK is missing: install it (https://dotnet.microsoft.com/download) and start again."
    case "$(cd "$root" && dotnet --version 2>/dev/null)" in
        1[0-9].*) ;;
        *) die "The .NET 10 SDK is needed; this machine has: $(dotnet --list-sdks 2>/dev/null | tr '\n' ' ')" ;;
    esac
}

postgres_here() {
    ls /usr/lib/postgresql/*/bin/initdb /opt/homebrew/opt/postgresql*/bin/initdb /usr/local/opt/postgresql*/bin/initdb >/dev/null 2>&1 ||
        { command -v initdb && command -v pg_ctl; } >/dev/null 2>&1
}

# install NAME... : from the system's packages, as root or by sudo; otherwise says exactly what to do.
install() {
    if command -v apt-get >/dev/null; then
        local as=""
        if [ "$(id -u)" -ne 0 ]; then
            command -v sudo >/dev/null && sudo -n true 2>/dev/null && as="sudo -n" ||
                die "Missing on this machine: $*. Install with: sudo apt-get install $*"
        fi
        # Debian would start a cluster of its own; the exchange brings its own.
        $as mkdir -p /etc/postgresql-common
        [ -e /etc/postgresql-common/createcluster.conf ] ||
            printf 'create_main_cluster = false\n' | $as tee /etc/postgresql-common/createcluster.conf >/dev/null
        echo "Installing $* from the system's packages ..."
        $as apt-get update -qq >/dev/null 2>&1 || true
        DEBIAN_FRONTEND=noninteractive $as apt-get install -y -qq --no-install-recommends "$@" >/tmp/compute-exchange-install.log 2>&1 ||
            die "apt-get could not install $*: $(tail -n 1 /tmp/compute-exchange-install.log)"
    elif command -v brew >/dev/null; then
        echo "Installing $* with Homebrew ..."
        brew install "$@" || die "Homebrew could not install $*."
    else
        die "Missing on this machine: $*. Install them with the system's package manager and start again."
    fi
}

need_postgres() { postgres_here || install postgresql; }

# Where the packages come from is found out once; contracts/GrpcStandIn/README.md.
find_packages() {
    [ -e "$root/Directory.Local.props" ] && return
    local answer
    answer=$("$root/contracts/GrpcStandIn/detect" 2>/dev/null) || answer=nuget
    cat >"$root/Directory.Local.props" <<XML
<Project>
  <PropertyGroup>
    <GrpcPackages>$answer</GrpcPackages>
    <SharedCompilation>true</SharedCompilation>
  </PropertyGroup>
</Project>
XML
}

# build PROJECT... : in Release, quietly; prints the errors if there are any.
build() {
    local log project
    log=$(mktemp)
    for project in "$@"; do
        if ! dotnet build "$root/$project" -c Release -v quiet -p:UseSharedCompilation=true >"$log" 2>&1; then
            grep -E 'error|warn' "$log" | sort -u | head -40 >&2
            rm -f "$log"
            die "The build of $project failed."
        fi
    done
    rm -f "$log"
}
