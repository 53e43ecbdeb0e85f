"""What was wrong with a command line, in Chinese: the parser of command lines speaks English only."""

from __future__ import annotations

import re
from typing import Final

from training.errors import CommandError

_SAID: Final = (
    (re.compile(r"Invalid value for '(.+?)': .*'%Y-%m-%d'.*"), r"\1 应为日期，如 2026-11-26"),
    (re.compile(r"Invalid value for '(.+?)': .*valid integer.*"), r"\1 应为整数"),
    (re.compile(r"Invalid value for '(.+?)': .*greater than or equal to (-?\d+)$"), r"\1 应不小于 \2"),
    (re.compile(r"Invalid value for '(.+?)': .*less than or equal to (-?\d+)$"), r"\1 应不大于 \2"),
    (re.compile(r"Invalid value for '(.+?)': .*"), r"\1 的值不能用"),
    (re.compile(r"No such option: (\S+).*"), r"没有选项 \1"),
    (re.compile(r"No such command '(.+?)'.*"), r"没有命令 \1"),
    (re.compile(r"Missing (?:argument|option|parameter) '(.+?)'.*"), r"缺少参数 \1"),
    (re.compile(r"Option '(.+?)' requires an argument.*"), r"选项 \1 后面应有值"),
)


def wrong_usage(said: str) -> CommandError:
    """Return the refusal for what the parser said of a command line."""
    for pattern, zh in _SAID:
        found = pattern.fullmatch(" ".join(said.split()))
        if found:
            return CommandError("USAGE", found.expand(zh), said)
    return CommandError("USAGE", "命令的写法不对", said)
