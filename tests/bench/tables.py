# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/performance.md, each of one part's figures."""

from collections.abc import Iterable, Sequence
from typing import Any

Data = dict[str, Any]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def significant(value: float) -> str:
    """Three digits are all that such figures are worth."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}" if abs(value) >= 0.001 else "0"


def ratio(told: Data) -> str:
    between = f" ({told['q1']:.2f} to {told['q3']:.2f})" if len(told["runs"]) > 1 else ""
    return f"{told['median']:.2f}{between}"


def losses(lost: dict[str, int]) -> str:
    """{event="open",reason="flood"}: 5 -> 5 open: flood"""
    told = []
    for label, count in sorted(lost.items()):
        values = dict(part.split("=") for part in label.split(","))
        told.append(f"{count:,} {values['event']}: {values['reason']}".replace('"', ""))
    return "; ".join(told) or "none"


def machine(slowdown: Data) -> str:
    of = slowdown["machine"]
    pairs = max(len(told["runs"]) for by_work in slowdown["data"]["ratios"].values() for told in by_work.values())
    kind = "a virtual machine with" if of["virtual"] else "a machine with"
    build = of["commit"][:12] + (" and changes" if "changes" in of["commit"] else "")
    quick = "\nQuick runs: shorter, and less certain." if slowdown["quick"] else ""
    return (f"Measured {slowdown['taken'][:10]} on {kind} {of['cpus']} cores ({of['cpu']},"
            f" {of['memory_mib'] // 1024} GiB of memory),\n"
            f"Linux {of['kernel']}, {of['system']}; commit {build}, {pairs} pairs.{quick}\n")  # fmt: skip


def _ratios(data: Data, variants: Sequence[str]) -> str:
    rows = []
    for name, title in data["workloads"].items():
        cells = [ratio(data["ratios"][v][name]) if name in data["ratios"].get(v, {}) else "" for v in variants]
        itself = data["against_itself"].get(name)
        noise = f"{itself['q1']:.2f} to {itself['q3']:.2f}" if itself else ""
        rows.append([title, f"{significant(data['nothing_us'][name]['median'])} us", noise, *cells])
    return table(["Workload", "Nothing attached", "Nothing to itself", *variants], rows)


def slowdown(part: Data) -> str:
    return _ratios(part["data"], list(part["data"]["ratios"]))


def peers(part: Data) -> str:
    data = part["data"]
    short = _ratios(data, list(data["ratios"]))
    refused = "".join(f"- {name}: `{' '.join(why.split())[:100]}`\n" for name, why in data["refused"].items())
    versions = ", ".join(f"{name} {version}" for name, version in data["versions"].items())
    return short + (f"\nThese could not run here:\n\n{refused}" if refused else "") + f"\nVersions: {versions}.\n"


def agent(part: Data) -> str:
    told = part["data"]["agent_us"]
    titles = part["data"]["workloads"]
    rows = [[titles[name], *[f"{of[name]['median']:.2f} us" if name in of else "" for of in told.values()]]
            for name in titles if any(name in of for of in told.values())]  # fmt: skip
    return table(["Workload, an operation", *told], rows)


def programs(part: Data) -> str:
    """Each program under the workload that runs it most."""
    busiest: dict[str, tuple[int, int, str]] = {}
    for work in part["data"]["workloads"].values():
        for name, told in work["programs"].items():
            if told["runs"] > busiest.get(name, (0, 0, ""))[0]:
                busiest[name] = told["runs"], told["ns"], work["title"]
    rows = [[f"`{name}`", title, f"{runs:,}", f"{ns / runs:,.0f}"]
            for name, (runs, ns, title) in sorted(busiest.items()) if runs >= 100]  # fmt: skip
    return table(["Program", "Under", "Runs", "ns a run"], rows)


def where(part: Data) -> str:
    """Programs that others hand on to are counted within those."""
    rows = []
    for work in part["data"]["workloads"].values():
        count = work["operations"]
        ran = sum(told["runs"] for told in work["programs"].values())
        ns = sum(told["ns"] for told in work["programs"].values())
        records = sum(work["records"].values())
        rows.append([work["title"], f"{ran / count:.1f}", f"{ns / count:,.0f} ns", f"{records / count:.2f}",
                     f"{work['agent_ns'] / count / 1e3:.2f} us", losses(work["lost"])])  # fmt: skip
    return table(["An operation", "Program runs", "Time in them", "Records", "Monitor's CPU", "Lost"], rows)


def idle(part: Data) -> str:
    data = part["data"]
    return table(["Idle", ""], [
        [f"CPU of one core, {data['seconds']} s", f"{data['cpu_percent']:.2f} %"],
        ["memory resident", mib(data["memory_kib"]["VmRSS"])],
        ["of it its own (heap, stacks)", mib(data["memory_kib"]["RssAnon"])],
        ["of it the program's file and the rings", mib(data["memory_kib"]["RssFile"] + data["memory_kib"]["RssShmem"])],
        ["most at any time (the start)", mib(data["memory_kib"]["VmHWM"])],
        ["events judged meanwhile", f"{data['events_judged']:,.0f}"],
    ])  # fmt: skip


def mib(kib: float) -> str:
    return f"{kib / 1024:.0f} MiB"


def memory(part: Data) -> str:
    data = part["data"]
    rows = [["before", mib(data["before_kib"]["VmRSS"]), mib(data["before_kib"]["RssAnon"])],
            [f"after {data['processes']:,} processes in {data['containers']:,} containers, {data['seconds']:.0f} s",
             mib(data["after_kib"]["VmRSS"]), mib(data["after_kib"]["RssAnon"])],
            ["most at any time", mib(data["after_kib"]["VmHWM"]), ""]]  # fmt: skip
    tables = ", ".join(f"{value:,.0f} {name.split(chr(34))[1]}" for name, value in data["tables"].items())
    return table(["Long run", "Resident", "Of it its own"], rows) + f"\nEntries then: {tables}.\n"


def startup(part: Data) -> str:
    data = part["data"]
    rows = [[title, f"{data[key]['median'] / 1000:.2f} s", f"{max(data[key]['runs']) / 1000:.2f} s"] for title, key in (
        ("first event that is judged", "first_judged_ms"), ("its alert on stdout", "first_line_ms"),
        ("says that it watches", "says_ready_ms"))]  # fmt: skip
    return table(["From the start", "Median", "Longest"], rows)


def percentiles(run: Data) -> list[str]:
    return [f"{run[name]:.2f} ms" if name in run else "" for name in ("p50", "p99", "p99.9", "longest")]


def latency(part: Data) -> str:
    rows = [[f"one every {run['gap_ms']:g} ms", run["storm"] or "nothing", f"{run['arrived']:,} of {run['executed']:,}",
             *percentiles(run)] for run in part["data"]["runs"]]  # fmt: skip
    return table(["Execs", "Beside them", "Arrived", "p50", "p99", "p99.9", "Longest"], rows)


def _late(run: Data, which: str) -> str:
    return f", {which} {run[which]:.1f} ms" if which in run else ""


def floods(part: Data) -> str:
    data = part["data"]
    rows = [[f"{run['executed']} execs that must alert, beside {run['storm']} at full speed",
             f"{run['arrived']} of {run['executed']}{_late(run, 'p99')}", losses(run["lost"])]
            for run in data["beside"]]  # fmt: skip
    victim, reload = data["victim"], data["reload"]
    rate = victim["flood_opens"] / victim["flood_seconds"]
    rows.append([f"{victim['opened']:,} opens of one container that must alert, beside {rate:,.0f} opens/s of another",
                 f"{victim['arrived']:,} of {victim['opened']:,}", losses(victim["lost"])])  # fmt: skip
    rows.append([f"{reload['executed']:,} execs that must alert, around {reload['reloads']} reloads of the rules",
                 f"{reload['arrived']:,} of {reload['executed']:,}{_late(reload, 'longest')}",
                 losses(reload["lost"])])  # fmt: skip
    return table(["What", "Arrived", "Refused or lost"], rows)


def rates(part: Data) -> str:
    rows = []
    for ring, of in part["data"]["rings"].items():
        for run in of["runs"]:
            share = run["ring_full"] / (run["ring_full"] + run["records"]) if run["ring_full"] else 0
            cost = f"{run['agent_us']:.2f} us" if run["agent_us"] else ""
            rows.append([f"{ring}: {of['events']}", f"{run['asked']:,}" if run["asked"] else "as many as it can",
                         f"{run['made']:,.0f}", f"{run['ring_full']:,} ({share:.1%})", cost])  # fmt: skip
    run = part["data"]["shared"]
    told = (f"\nWith a share of 20,000/s the same flood of {run['made']:,.0f} opens a second gives"
            f" {run['records']:,.0f} records in {run['seconds']:.1f} s;\nlost: {losses(run['lost'])}.\n")  # fmt: skip
    return table(["Ring", "Asked, a second", "Made", "Lost, the ring full", "Monitor's CPU, a record"], rows) + told


def rules(part: Data) -> str:
    judged = part["data"].get("judge")
    if not judged:
        return ""
    events = list(next(iter(judged["by_rules"].values())))
    rows = [[f"{int(count):,}", *[f"{of[event]:,.0f} ns" for event in events]]
            for count, of in judged["by_rules"].items()]  # fmt: skip
    load = " and ".join(f"{int(count):,} rules {ms:,.0f} ms" for count, ms in judged["load_ms"].items())
    return table(["Rules", *events], rows) + f"\nReading, checking and compiling: {load}.\n"


def default_rules(part: Data) -> str:
    judged = part["data"].get("judge")
    if not judged:
        return ""
    titles = {
        "judge_everyday_default_rules": "everyday events, one each of exec, open, connect",
        "judge_default_rules": "the events of the rules' own tests, nearly all of which meet a rule or nearly do",
    }
    rows = [[titles.get(name, name), f"{ns:,.0f}", f"{float(f'{1e9 / ns:.3g}'):,.0f}"]
            for name, ns in judged["default"].items()]  # fmt: skip
    return table(["Default rules", "ns an event", "events a second and core"], rows)


def replay(part: Data) -> str:
    data = part["data"]["replay"]
    rate = significant(data["events_per_second"]["median"])
    return (f"A recording of {data['events']:,} events ({data['bytes'] / 2**20:.1f} MiB: spawns, connects and opens)\n"
            f"is judged again by the default rules at {rate} events a second, reading and starting included.\n")


def rings(part: Data) -> str:
    data = part["data"]
    alone = {(row["layout"], row["producers"]): row["written_per_second"] for row in data["produce"]}
    whole = {(row["layout"], row["producers"]): row["read_per_second"] for row in data["whole"]}
    late: dict[int, int] = {}
    for row in data["whole"]:
        late[row["producers"]] = late.get(row["producers"], 0) + row["out_of_order"]
    rows = [[str(count) + (" *" if count > data["cpus"] else ""),
             *[f"{of[layout, count] / 1e6:.1f} M/s" for of in (alone, whole) for layout in ("shared", "grouped")],
             str(late[count])] for count in late]  # fmt: skip
    head = ["Producers", "One ring", "A ring each", "One ring, with its reader", "A ring each, with their reader",
            "Out of order"]  # fmt: skip
    return table(head, rows)


def rings_computed(part: Data) -> str:
    """From three measured figures: one producer alone, two at one lock, and the reader of so many rings."""
    data = part["data"]
    made = {(row["layout"], row["producers"]): row["written_per_second"] for row in data["produce"]}
    merged = {row["rings"]: row["read_per_second"] for row in data["merge"]}
    alone, contended = made["shared", 1], min(made["shared", 2], made["shared", 1])

    def carried(cpus: int, size: int) -> str:
        """By one ring for so many processors each: what is written, or what one reader takes of it."""
        count = max(cpus // size, 1)
        if count > max(merged):
            return "not measured: too many rings"
        written = count * (alone if size == 1 else contended)
        read = merged[min(n for n in merged if n >= count)]
        return f"{written / 1e6:.0f} M/s" if written <= read else f"{read / 1e6:.0f} M/s, bound by the reader"

    sizes = (8, 4, 1)
    rows = [[str(cpus), carried(cpus, cpus), *[carried(cpus, size) if size <= cpus else "" for size in sizes]]
            for cpus in (2, 8, 32, 128)]  # fmt: skip
    return table(["Processors", "One ring", *["A ring each" if n == 1 else f"A ring for {n}" for n in sizes]], rows)
