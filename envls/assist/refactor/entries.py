"""Small changes of one place: none but these channels, and pip's options that an old conda does not know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from envls.assist.refactor.site import REWRITE, Offer, Site
from envls.formats.conda.environment import Requirement
from envls.text import Span
from envls.write import Add, Change, Replace

BRING_PACKAGES = ("--requirement", "--editable")


def offers(site: Site) -> Iterator[Offer]:
    yield from _nodefaults(site)
    yield from _without_options(site)


def _nodefaults(site: Site) -> Iterator[Offer]:
    """On the channels: none but these, where the list does not say so yet."""
    key = site.file.key("channels")
    names = {channel.node.value for channel in site.file.channels}
    on_channels = key is not None and (
        key.span.touches(site.span.start) or any(one.span.touches(site.span.start) for one in site.file.channels)
    )
    if on_channels and site.is_sound and names and not names & {"nodefaults", "defaults"}:
        title = "Add `nodefaults`: only these channels, none of the user's own"
        yield Offer(title, REWRITE, lambda: (Add(("channels",), "nodefaults"),))


def _without_options(site: Site) -> Iterator[Offer]:
    """On an option of pip: conda before 4.4 handed each line to pip as one word, which then is no option.

    What brings packages stays, and so does a section of nothing else.
    """
    options = [item for item in site.items if isinstance(item, Requirement) and _is_option(item)]
    if len(options) != len(site.items) or not options or not site.is_sound:
        return
    section = next(one for one in site.file.pip_sections if any(line is options[0] for line in one.requirements))
    together = [one for one in section.requirements if _is_option(one)] if len(options) == 1 else options
    if len(together) == len(section.requirements) or not all(_has_its_line(site, one) for one in together):
        return
    whose = "this pip option" if len(together) == 1 else f"the {len(together)} pip options"
    yield Offer(f"Comment out {whose}, for conda before 4.4", REWRITE, partial(_comments, together))


def _is_option(item: Requirement) -> bool:
    return item.line.kind == "option" and item.line.option not in BRING_PACKAGES


def _has_its_line(site: Site, item: Requirement) -> bool:
    flow = item.dash == item.node.start
    return not flow and site.begins_line(item.dash) and len(site.lines_of(item)) == 1 and site.is_written_here(item)


def _comments(options: Sequence[Requirement]) -> list[Change]:
    return [Replace(Span(one.dash, one.dash), "# ") for one in options]
