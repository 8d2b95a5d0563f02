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

# any FILE... : whether one of them is there.
any() { local file; for file in "$@"; do [ ! -e "$file" ] || return 0; done; return 1; }

postgres_here() {
    any /usr/lib/postgresql/*/bin/initdb /opt/homebrew/opt/postgresql*/bin/initdb /usr/local/opt/postgresql*/bin/initdb ||
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
        local log policy="" status=0
        log=$(mktemp)
        # Nor is a broker to be started for the whole machine.
        if [ ! -e /usr/sbin/policy-rc.d ]; then
            policy=1
            printf '#!/bin/sh\nexit 101\n' | $as tee /usr/sbin/policy-rc.d >/dev/null
            $as chmod 755 /usr/sbin/policy-rc.d
        fi
        $as apt-get update -qq >/dev/null 2>&1 || true
        $as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$log" 2>&1 || status=1
        [ -z "$policy" ] || $as rm -f /usr/sbin/policy-rc.d
        case " $* " in *" rabbitmq-server "*) [ ! -d /run/systemd/system ] || $as systemctl disable --quiet rabbitmq-server 2>/dev/null || true ;; esac
        [ "$status" -eq 0 ] || die "apt-get could not install $*: $(tail -n 1 "$log"; rm -f "$log")"
        rm -f "$log"
    elif command -v brew >/dev/null; then
        echo "Installing $* with Homebrew ..."
        brew install "$@" || die "Homebrew could not install $*."
    else
        die "Missing on this machine: $*. Install them with the system's package manager and start again."
    fi
}

need_postgres() { postgres_here || install postgresql; }

rabbit_here() {
    any /usr/lib/rabbitmq/bin/rabbitmq-server /opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server /usr/local/opt/rabbitmq/sbin/rabbitmq-server ||
        command -v rabbitmq-server >/dev/null
}

# The package is rabbitmq with Homebrew, rabbitmq-server elsewhere.
rabbit_package() { if command -v apt-get >/dev/null || ! command -v brew >/dev/null; then echo rabbitmq-server; else echo rabbitmq; fi; }

need_rabbit() { rabbit_here || install "$(rabbit_package)"; }

# The agent's tests compile the NVIDIA driver that they make up.
cc_here() { echo "#include <stdio.h>" | cc -E - >/dev/null 2>&1; }

# With Homebrew there is one already: Apple's.
cc_packages() { if command -v apt-get >/dev/null; then echo gcc libc6-dev; else echo gcc; fi; }

# The console's page is built by Node.
page="$root/services/Web/Page"

need_node() {
    if ! { command -v node && command -v npm; } >/dev/null; then
        if command -v apt-get >/dev/null || ! command -v brew >/dev/null; then install nodejs npm; else install node; fi
    fi
    local version
    version=$(node --version 2>/dev/null | sed 's/^v//; s/\..*//')
    [ "${version:-0}" -ge 18 ] ||
        die "Node 18 or newer is needed to build the console's page; this machine has $(node --version 2>/dev/null || echo none). Install it (https://nodejs.org, or Debian 12 and Ubuntu 24.04: nodejs npm) and start again."
}

# build_page: services/Web/Page/dist, from what package-lock.json names and the sources. Only what changed is done again.
build_page() {
    [ -e "$page/package.json" ] || return 0
    local log sources
    log=$(mktemp)
    if ! cmp -s "$page/package-lock.json" "$page/node_modules/.installed"; then
        need_node
        echo "Fetching what the console's page is made of ..."
        (cd "$page" && npm ci --no-audit --no-fund --loglevel=error) >"$log" 2>&1 </dev/null ||
            { tail -n 20 "$log" >&2; rm -f "$log"; die "npm ci failed in $page."; }
        cp "$page/package-lock.json" "$page/node_modules/.installed"
    fi
    # What the build itself writes (*.gen.*, dist) is not a source.
    sources=$(cd "$page" && find . \( -name node_modules -o -name dist \) -prune -o -type f ! -name '*.gen.*' -print | LC_ALL=C sort | xargs cksum | cksum)
    if [ "$sources" != "$(cat "$page/dist/.built" 2>/dev/null)" ]; then
        need_node
        echo "Building the console's page ..."
        (cd "$page" && npm run --silent build) >"$log" 2>&1 </dev/null ||
            { tail -n 30 "$log" >&2; rm -f "$log"; die "The build of the console's page failed."; }
        printf '%s\n' "$sources" >"$page/dist/.built"
    fi
    rm -f "$log"
}

# Where the packages come from is found out once; contracts/GrpcStandIn/README.md, tests/Testing/README.md.
find_packages() {
    [ -e "$root/Directory.Local.props" ] && return
    local grpc containers
    grpc=$("$root/contracts/GrpcStandIn/detect" 2>/dev/null) || grpc=nuget
    containers=$("$root/tests/Testing/Containers/detect" 2>/dev/null) || containers=none
    cat >"$root/Directory.Local.props" <<XML
<Project>
  <PropertyGroup>
    <GrpcPackages>$grpc</GrpcPackages>
    <ContainerPackages>$containers</ContainerPackages>
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
