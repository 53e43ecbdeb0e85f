"""`fenliu-serve models sign` and `new-signer`: people vouch for a bundle, each with a key of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from models.bundle.manifest import DamagedBundleError, read_bundle
from serving.settings import Settings, SettingsError
from serving.signing.signatures import add, new_signer
from serving.signing.signers import Signers

Say = Callable[[str], None]


def sign(settings: Settings, bundle: Path, *, key: Path, say: Say) -> None:
    """Sign the bundle in a folder, or the kept one of that name.

    Raises
    ------
    SettingsError
        The bundle is not whole, or the key is none.
    """
    folder = bundle if bundle.is_dir() else settings.bundles / bundle.name
    try:
        sha256 = read_bundle(folder)[2]
    except DamagedBundleError as error:
        raise SettingsError(str(error)) from error
    signer = add(settings.home, sha256, key)
    say(f"{signer} 已为 {folder.name}（{sha256}）签名 / {signer} has signed {folder.name}")
    signers = Signers.of(settings)
    if signers.wanted:
        have = len(signers.signed_by(sha256))
        say(f"有效签名 {have} 个，须 {signers.wanted} 个 / {have} good signatures of {signers.wanted} wanted")


def begin(name: str, *, file: Path, say: Say) -> None:
    """Make a signing key for a person and say which line the list of signers needs.

    Raises
    ------
    SettingsError
        The name is no name.
    """
    if not name.strip() or any(not letter.isprintable() for letter in name):
        msg = "签名人姓名不能为空 / a signer needs a name"
        raise SettingsError(msg)
    line = new_signer(name.strip(), file)
    say(f"密钥已写入 {file}，由本人保管 / the key is in {file}; keep it")
    say("把下一行加入 FENLIU_SIGNERS 所指文件 / add this line to the list of signers:")
    say(line)
