"""Shell completion beyond commands and options: players and models."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem


class SpecText(click.types.StringParamType):
    """A player's spec; the shell completes its kind, then models, levels and options."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(text) for text in spec_texts(incomplete) if text.startswith(incomplete)]


class ModelText(click.types.StringParamType):
    """A model's name, or a folder."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from ..model import named

        known = [name for name in (*named.shipped(), *named.own()) if name.startswith(incomplete)]
        return [CompletionItem(name) for name in known] or [CompletionItem(incomplete, type="dir")]


def spec_texts(incomplete: str) -> list[str]:
    """Return possible continuations of a spec: kinds, models and levels, or the options of the kind typed so far."""
    from ..engine.spec import KINDS
    from ..model import named

    head, mark, query = incomplete.partition("?")
    kind = KINDS.get(head.partition(":")[0])
    if mark and kind is not None:
        before = "&".join(query.split("&")[:-1])
        return [f"{head}?{before}{'&' * bool(before)}{name}=" for name in kind.options]
    found = []
    for name, rules in KINDS.items():
        targets = rules.targets or ([*named.shipped(), *named.own()] if name in ("lm", "mcts") else [])
        found += [f"{name}:{target}" for target in targets] or [f"{name}:" if rules.needs_target else name]
    return found


def complete_names(param: click.Parameter) -> None:
    """Enable shell completion for an option that takes a player or a model."""
    if type(param.type) is not click.types.StringParamType:
        return
    if str(param.metavar).endswith("SPEC"):
        param.type = SpecText()
    elif "--model" in param.opts or "--init" in param.opts:
        param.type = ModelText()
