"""Opening the reception: keys, accounts and sessions on one store, handed to whoever works with them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import datetime

from serving.identity.accounts import Accounts
from serving.identity.api_keys import ApiKeys
from serving.identity.log_in import LogIn
from serving.identity.policy import Policy
from serving.identity.porter import Porter
from serving.identity.reception import Reception, Staff
from serving.identity.sessions import Sessions
from serving.identity.sign_on import SignOn
from serving.keys import KeyRing
from serving.repositories.accounts import AccountStore
from serving.repositories.api_keys import ApiKeyStore
from serving.repositories.denials import DenialStore
from serving.repositories.failures import FailureStore
from serving.repositories.sessions import SessionStore
from serving.settings import Settings, SettingsError
from serving.store.transaction import Store


def open_reception(
    store: Store, keys: KeyRing, *, policy: Policy, clock: Callable[[], datetime], sign_on: SignOn | None = None
) -> Reception:
    """Return the reception of a worker."""
    accounts, failures = AccountStore(store, keys), FailureStore(store, keys)
    sessions = Sessions(SessionStore(store, keys), policy, clock)
    api_keys = open_api_keys(store, keys, clock=clock)
    staff = Staff(
        porter=Porter(api_keys, sessions, DenialStore(store, keys), clock=clock),
        log_in=LogIn(accounts, failures, sessions, clock),
        sessions=sessions,
        accounts=Accounts(accounts, failures, policy, clock),
        api_keys=api_keys,
    )
    staff.log_in.warm()
    return Reception(staff, sign_on=sign_on)


def sign_on_of(settings: Settings, keys: KeyRing, *, clock: Callable[[], datetime]) -> SignOn | None:
    """Return the court's log-in service; None when the court has named none.

    Raises
    ------
    SettingsError
        It is named, and what is needed to speak to it is not installed or not there.
    """
    if not settings.oidc_issuer:
        return None
    secret = settings.oidc_secret_file
    try:
        mode = 0o600 if secret is None else secret.stat().st_mode & 0o777
        library = importlib.import_module("serving.identity.single_sign_on")
        found: SignOn = library.SingleSignOn(library.Service.of(settings), keys.seal, clock=clock)
    except ImportError:
        msg = "统一身份认证需要安装 fenliu[oidc] / single sign-on needs fenliu[oidc] to be installed"
        raise SettingsError(msg) from None
    except OSError as error:
        msg = f"FENLIU_OIDC_SECRET_FILE 无法读取：{error.strerror} / cannot be read"
        raise SettingsError(msg) from None
    if mode & 0o077:
        msg = f"FENLIU_OIDC_SECRET_FILE 权限为 {mode:04o}，须为 0600 / must not be readable by others"
        raise SettingsError(msg)
    return found


def open_api_keys(store: Store, keys: KeyRing, *, clock: Callable[[], datetime]) -> ApiKeys:
    """Return the keys of a store, for whoever makes, lists or ends them."""
    return ApiKeys(ApiKeyStore(store, keys), clock)


def open_accounts(store: Store, keys: KeyRing, *, policy: Policy, clock: Callable[[], datetime]) -> Accounts:
    """Return the accounts of a store, for whoever opens, changes or closes them."""
    return Accounts(AccountStore(store, keys), FailureStore(store, keys), policy, clock)
