#!/usr/bin/env bash
# Shows that the README's two commands work on a system that has nothing yet: makes a bare Debian in
# a folder, clones this repository into it, and runs `./dev run` and `./dev test` there.
set -euo pipefail

usage() {
  cat <<'END'
bench/fresh.sh SUITE [--ref REF] [--only run|test] [--keep FOLDER] [-- COMMAND…]

SUITE is bookworm (Debian 12) or trixie (Debian 13). This needs root, Linux, debootstrap and 8 GB of
disk, and takes an hour or two on two cores. The real digits in ZSCAPE_MNIST, if it is set, are used
there too. The exit status is that of the first command that failed.

--ref REF        a commit, branch or tag (HEAD if not given); uncommitted changes are never tried
--only run|test  only one of the two commands
--keep FOLDER    make the system in FOLDER and leave it there. If one lies there already it is used
                 with what was built in it: quick, but no longer a proof from nothing.
-- COMMAND…      run this in the clone instead of the two commands
END
}

say() { printf '==> %s %s\n' "$(date +%H:%M:%S)" "$*" >&2; }
die() {
  printf 'fresh.sh: %s\n' "$*" >&2
  exit 2
}

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
suite='' ref=HEAD system='' commands=('./dev run' './dev test')
while (($#)); do
  case $1 in
    bookworm | trixie) suite=$1 ;;
    --ref) ref=${2:?a commit, branch or tag is missing behind --ref} && shift ;;
    --keep) system=${2:?a folder is missing behind --keep} && shift ;;
    --only)
      [[ ${2:-} == run || ${2:-} == test ]] || die '--only takes run or test'
      commands=("./dev $2") && shift
      ;;
    --)
      shift
      commands=("${*@Q}")
      break
      ;;
    -h | --help) usage && exit ;;
    *) usage >&2 && die "'$1' means nothing here" ;;
  esac
  shift
done
[[ $suite ]] || { usage >&2 && die 'a suite is missing'; }
((EUID == 0)) || die 'this needs root: it installs a system in a folder'
for tool in debootstrap unshare setpriv git; do
  command -v $tool >/dev/null || die "$tool is missing; apt-get can install it"
done
commit=$(git -C "$root" rev-parse --verify --quiet "$ref^{commit}") || die "there is no commit '$ref'"

# inside SYSTEM COMMAND…: mounts what a system needs and runs the commands in the clone. It has
# mounts and processes of its own, and the kernel takes them away when it ends, however it ends.
inside() {
  local system=$1 command status=0
  shift
  mount --bind "$system" "$system"
  mount -t proc proc "$system/proc"
  mount --rbind /dev "$system/dev"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$system/dev/pts"
  mount -t tmpfs tmpfs "$system/dev/shm"
  local environment=(HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "TERM=${TERM:-dumb}")
  # How this machine reaches its packages.
  mapfile -t -O "${#environment[@]}" environment < <(
    env | grep -E '^(PIP_(CERT|INDEX_URL|EXTRA_INDEX_URL|DEFAULT_TIMEOUT|FIND_LINKS)|SSL_CERT_(FILE|DIR)|[a-z_]*proxy|[A-Z_]*PROXY)=')
  if [[ ${ZSCAPE_MNIST:-} ]]; then
    mkdir -p "$system/opt/mnist"
    mount --bind -o ro "$ZSCAPE_MNIST" "$system/opt/mnist"
    environment+=(ZSCAPE_MNIST=/opt/mnist)
  fi
  for command; do
    say "$command"
    local began=$SECONDS result=0
    chroot "$system" env -i "${environment[@]}" bash -c "cd /opt/zscape && $command" || result=$?
    say "$command ended with $result after $(((SECONDS - began + 59) / 60)) minutes"
    if ((status == 0)); then status=$result; fi
  done
  return $status
}

child=''
clean_up() {
  if [[ $child ]]; then kill -KILL "$child" 2>/dev/null && wait "$child" 2>/dev/null; fi
  if [[ $temporary ]]; then rm -rf --one-file-system "$system"; fi
}
temporary=''
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
if [[ ! $system ]]; then
  system=$(mktemp -d "${TMPDIR:-/tmp}/zscape-$suite.XXXXXX")
  temporary=yes
fi
mkdir -p "$system"
system=$(cd -- "$system" && pwd -P)
case $system/ in "$root"/*) die 'the folder must lie outside the checkout' ;; esac

if [[ ! -f $system/etc/zscape-fresh ]]; then
  say "A bare $suite is made in $system"
  debootstrap --variant=minbase "$suite" "$system" >&2
  echo "$suite" >"$system/etc/zscape-fresh"
elif [[ $(<"$system/etc/zscape-fresh") != "$suite" ]]; then
  die "in $system lies a $(<"$system/etc/zscape-fresh")"
fi

# This machine's resolver, certificates, and settings of apt and pip.
for path in /etc/resolv.conf /etc/hosts /etc/ssl/certs /usr/local/share/ca-certificates \
  /etc/apt/apt.conf.d /etc/apt/auth.conf.d /etc/pip.conf; do
  if [[ -e $path ]]; then
    mkdir -p "$system$(dirname "$path")"
    cp -aL --remove-destination "$path" "$system$(dirname "$path")/" 2>/dev/null || say "Not all of $path was copied"
  fi
done

if [[ ! -d $system/opt/zscape ]]; then git clone --quiet --no-local "$root" "$system/opt/zscape"; fi
clone=(git -C "$system/opt/zscape")
"${clone[@]}" fetch --quiet origin '+refs/heads/*:refs/remotes/origin/*'
"${clone[@]}" checkout --quiet --detach "$commit" || die "no branch of $root holds $commit"
say "$suite tries $("${clone[@]}" log -1 --format='%h %s')"

setpriv --pdeathsig KILL -- unshare --mount --pid --fork --kill-child -- \
  bash -euo pipefail -c "$(declare -f say inside)"$'\n''inside "$@"' inside "$system" "${commands[@]}" <&0 &
child=$!
status=0
wait "$child" || status=$?
child=''
exit $status
