#!/usr/bin/env python3
"""Times encrypted backup tools on one folder, in turns: peers.py PRINTKEEP FOLDER [ROUNDS].

Every round runs each tool once: first backup, second backup of the unchanged folder, restore to an empty folder, which is compared.
Printkeep runs twice, with the sizes of a PC and of a small printer; OTHER_PRINTKEEP names another build of it that is timed beside.
Prints medians of wall seconds, CPU seconds and peak memory (the largest process), the bytes stored (without any tool's local caches), and ratios
to the fastest or smallest peer. Nothing is deleted before the end: ext4 looks long for a free inode after many were freed, whoever asks.
Peers that are not on PATH are left out: restic, rustic, borg, vykar.
"""
import os, shutil, statistics, subprocess, sys, tempfile, time

WORDS = "correct horse battery staple lamp"
STEPS = ("first", "second", "restore")


def printkeep(program, out, source):
    # a build from before `setup` made its account with `init`
    make = f"{program} setup -q --yes >/dev/null 2>&1 || {program} init -q"
    return [make, *[f"{program} backup -q {source}"] * 2, f"{program} restore -q latest --to {out}"]


def tools(program, work, source):
    out, repo = f"{work}/out", f"{work}/repo"
    config = f"{work}/vykar.yaml"
    other = os.environ.get("OTHER_PRINTKEEP", "printkeep of another build")
    return {
        "printkeep": (["true"], printkeep(program, out, source)),
        "printkeep, printer-small": (["true"], printkeep(f"{program} --profile printer-small", out, source)),
        "printkeep, other build": ([other], printkeep(other, out, source)),
        "restic": (["restic"], [f"restic -q -r {repo} init", *[f"restic -q -r {repo} backup {source}"] * 2,
                                f"restic -q -r {repo} restore latest --target {out}"]),
        "rustic": (["rustic"], [f"rustic -r {repo} --log-level error init", *[f"rustic -r {repo} --log-level error --no-progress backup {source}"] * 2,
                                f"rustic -r {repo} --log-level error --no-progress restore latest:{source} {out}"]),
        "borg": (["borg"], [f"borg init -e repokey-blake2 {repo}", *[f"borg create -C zstd,3 {repo}::{{now:%s%f}} {source}"] * 2,
                            f"cd {out} && borg extract {repo}::$(borg list --short --last 1 {repo})"]),
        "vykar": (["vykar"], [f"printf 'repositories:\\n  - label: b\\n    url: {repo}\\nsources:\\n  - path: {source}\\n    label: s\\n' > {config}"
                              f" && vykar -c {config} init", *[f"vykar -c {config} backup"] * 2, f"vykar -c {config} restore latest {out}"]),
    }


def environment(work):
    plain = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "LD_LIBRARY_PATH")}
    words = {f"{tool}_{name}": WORDS for tool, name in (("RESTIC", "PASSWORD"), ("RUSTIC", "PASSWORD"), ("BORG", "PASSPHRASE"),
                                                        ("VYKAR", "PASSPHRASE"), ("PRINTKEEP", "PASSPHRASE"))}
    return plain | words | {"HOME": work, "PRINTKEEP_HOME": f"{work}/repo", "XDG_CACHE_HOME": f"{work}/cache", "BORG_BASE_DIR": f"{work}/borg"}


def run(command, env):
    start = time.monotonic()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(["bash", "-c", command if "&&" in command or "||" in command else "exec " + command], env=env, stdout=log, stderr=log)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        if status:
            log.seek(0)
            raise RuntimeError(f"{command}\n{log.read()[-2000:].decode(errors='replace')}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def size(path):
    return sum(os.lstat(os.path.join(folder, name)).st_size for folder, _, names in os.walk(path) for name in names)


def once(name, work, program, source, got, stored):
    os.makedirs(f"{work}/out")
    commands, env = tools(program, work, source)[name][1], environment(work)
    try:
        run(commands[0], env)
        for step, command in zip(STEPS, commands[1:]):
            if step == "restore":
                stored.setdefault(name, []).append(size(f"{work}/repo/vault" if name.startswith("printkeep") else f"{work}/repo"))
            got.setdefault(name, {}).setdefault(step, []).append(run(command, env))
        places = [f"{work}/out{source}", f"{work}/out/{os.path.basename(source)}", f"{work}/out"]
        if not any(os.path.isdir(p) and not subprocess.run(["diff", "-rq", source, p], capture_output=True).returncode for p in places):
            print(f"{name}: what was restored differs")
    except RuntimeError as error:
        print(f"{name}: {error}")
        got.pop(name, None)


def main():
    program, source = map(os.path.realpath, sys.argv[1:3])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    subprocess.run(f"find '{source}' -type f -exec cat {{}} + >/dev/null", shell=True, check=True)
    got, stored = {}, {}
    with tempfile.TemporaryDirectory(prefix="peers-") as everything:
        for number in range(rounds):
            for name, (needs, _) in tools(program, "", source).items():
                if all(shutil.which(need) for need in needs):
                    once(name, f"{everything}/{number}-{name.replace(', ', '-').replace(' ', '-')}", program, source, got, stored)
    whole = size(source)
    print(f"{whole / 1e6:.0f} MB in {sum(len(names) for _, _, names in os.walk(source))} files, median of {rounds}, {os.cpu_count()} cores\n")
    stored = {name: statistics.median(sizes) for name, sizes in stored.items()}
    print("| tool | first s | MB/s | CPU s | MiB | unchanged s | MiB | restore s | CPU s | MiB | stored MB |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    median = {n: {s: [statistics.median(x[i] for x in g[s]) for i in range(3)] for s in STEPS} for n, g in got.items()}
    for name, m in median.items():
        (fw, fc, fm), (sw, _, sm), (rw, rc, rm) = m["first"], m["second"], m["restore"]
        print(f"| {name} | {fw:.2f} | {whole / 1e6 / fw:.0f} | {fc:.2f} | {fm:.0f} | {sw:.2f} | {sm:.0f} | {rw:.2f} | {rc:.2f} | {rm:.0f} | {stored[name] / 1e6:.1f} |")
    peers = [n for n in median if not n.startswith("printkeep")]
    for group in (peers, [n for n in median if n.endswith("other build")]):
        if group and "printkeep" in median:
            ratios = [f"{step} {median['printkeep'][step][0] / min(median[n][step][0] for n in group):.2f}" for step in STEPS]
            print(f"\nprintkeep / the best of {', '.join(group)}: {', '.join(ratios)}, stored {stored['printkeep'] / min(stored[n] for n in group):.3f}")


main()
