"""Who may vouch for a model: a list of names and public keys that the court keeps where no model can write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from models.bundle.manifest import NAME, DamagedBundleError
from serving.settings import Settings, SettingsError
from serving.signing.signatures import kept, line_of


@dataclass(frozen=True)
class Signers:
    """How many different people of the list must have signed; with none wanted, every bundle will do."""

    home: Path
    wanted: int = 0
    keys: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, settings: Settings) -> Signers:
        """Read the list that the settings name.

        Raises
        ------
        SettingsError
            The list cannot be read, a line is none, or there are fewer signers than signatures wanted.
        """
        if settings.signers is None:
            return cls(settings.home)
        keys = _listed(settings.signers)
        if len(keys) < settings.signatures:
            zh = f"{settings.signers.name} 中只有 {len(keys)} 名签名人，而要求 {settings.signatures} 个签名"
            msg = f"FENLIU_SIGNERS：{zh} / there are fewer signers than signatures wanted"
            raise SettingsError(msg)
        return cls(settings.home, settings.signatures, keys)

    def signed_by(self, sha256: str) -> list[str]:
        """Return who of the list has signed a bundle, each once."""
        found = kept(self.home, sha256) if self.wanted else []
        good = {one.signer for one in found if one.signer in self.keys and one.is_by(self.keys[one.signer], sha256)}
        return sorted(good)

    def demand(self, sha256: str) -> None:
        """Refuse a bundle for which too few have vouched.

        Raises
        ------
        DamagedBundleError
            It lacks signatures.
        """
        if not self.wanted:
            return
        have = len(self.signed_by(sha256))
        if have < self.wanted:
            zh = f"须有 {self.wanted} 人签名，现有 {have} 个有效签名；签名用 fenliu-serve models sign"
            en = f"{self.wanted} signatures are wanted and {have} are good; sign with fenliu-serve models sign"
            raise DamagedBundleError(NAME, zh, en)


def _listed(path: Path) -> Mapping[str, bytes]:
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and line[0] != "#"]
        pairs = [line_of(line) for line in lines]
    except (ValueError, OSError) as error:
        msg = f"FENLIU_SIGNERS={path} 无法读取（{type(error).__name__}）/ the list of signers cannot be read"
        raise SettingsError(msg) from error
    if len({name for name, _ in pairs}) < len(pairs) or len({key for _, key in pairs}) < len(pairs):
        msg = f"FENLIU_SIGNERS={path} 中有人或密钥出现两次 / a person or a key stands there twice"
        raise SettingsError(msg)
    return dict(pairs)
