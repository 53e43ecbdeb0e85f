"""Reading rule files: strictly, and with every fault named."""

from models.rules.reading.file import read_file, text_of
from models.rules.reading.rule_file import RuleFile

__all__ = ["RuleFile", "read_file", "text_of"]
