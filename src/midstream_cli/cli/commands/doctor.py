"""`midstream doctor`: what is wrong with a set-up."""

from dataclasses import asdict
from functools import partial
from typing import Annotated

import typer

from midstream_cli.cli import console, output
from midstream_cli.cli import options as o
from midstream_cli.errors import ExitCode

EXAMPLES = ("midstream doctor", "midstream doctor --json", "midstream doctor --compile")

Compile = Annotated[bool, typer.Option("--compile", help="Compile all kernels for this machine first.")]


def command(
    compile_all: Compile = False,
    store: o.Store = o.DEFAULT_STORE,
    output_format: o.Output = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> int:
    """Find out what is wrong with a set-up.

    Versions, compiled kernels, the simulator, ports, the store, configuration files and the terminal are looked at, each
    with a hint what to do. Exit code 1 when something is wrong.
    """
    from midstream_cli.cli.diagnosis import examine, kernel_modules

    console.quiet = quiet
    if compile_all:
        from midstream_cli.cli import interrupts
        from midstream_cli.compiled import machine

        machine.tell = console.note
        for module in kernel_modules():
            interrupts.waited_for(partial(machine.load, module))
    form = output.chosen(output_format, json)
    findings = []
    for finding in examine(store):
        findings.append(finding)
        if form is output.OutputFormat.TABLE:
            output.text(f"{finding.status:<6} {finding.check:<14} {finding.found}")
            if finding.hint and finding.status != "ok":
                output.text(f"{'':<21} hint: {finding.hint}")
    if form is not output.OutputFormat.TABLE:
        output.write([asdict(finding) for finding in findings], form)
    return ExitCode.NO if any(finding.status == "fault" for finding in findings) else ExitCode.OK
