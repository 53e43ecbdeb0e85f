"""`fenliu-serve users`: accounts of people are opened, closed, unlocked and given roles here, the first one too."""

from __future__ import annotations

import sys
from typing import Annotated, Final

import typer

from serving.access.principal import Courts
from serving.access.roles import ROLES, Role
from serving.cli.options import Home, at_bureau

users = typer.Typer(help="账户 / accounts of people.", no_args_is_help=True, rich_markup_mode=None)

_ROLES: Final = "、".join(f"{role.value}（{grant.zh}）" for role, grant in ROLES.items())

Name = Annotated[str, typer.Argument(help="账户名 / name of the account")]
Roles = Annotated[list[Role], typer.Option("--role", help=f"角色，可多次：{_ROLES} / role, may be repeated")]
CourtCodes = Annotated[str, typer.Option("--courts", help="法院代字，逗号分隔；* 为全部 / court codes, or * for all")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="从标准输入读口令 / read the password from stdin")]
Keep = Annotated[bool, typer.Option("--keep-password", help="首次登录不强制修改 / need not be changed at first log-in")]


@users.command()
def create(
    name: Name,
    role: Roles,
    courts: CourtCodes = "",
    display_name: Annotated[str, typer.Option(help="显示名 / displayed name")] = "",
    external_id: Annotated[str, typer.Option(help="统一身份认证编号 / number at the court's log-in service")] = "",
    password_stdin: FromStdin = False,
    keep_password: Keep = False,
    home: Home = None,
) -> None:
    """开立账户；未给口令则生成并显示一次 / open an account; without a password one is made and shown once.

    管理员（system_admin、security_admin、audit_admin）不办案，无需法院代字。
    退出码 / exit codes: 0 已开立 (opened), 2 参数不符 (refused), 6 存储不可用 (store).

    Example: fenliu-serve users create li.ming --role judge --courts 浙1022
    """
    given = _given(password_stdin)
    with at_bureau(home) as (bureau, part):
        applicant = part.Applicant(
            name=name,
            roles=frozenset(role),
            courts=Courts.read(courts),
            display_name=display_name,
            external_id=external_id or None,
        )
        made = bureau.accounts.create(applicant, origin=bureau.origin, password=given, must_change=not keep_password)
    _show(name, made)


@users.command()
def reset(name: Name, password_stdin: FromStdin = False, keep_password: Keep = False, home: Home = None) -> None:
    """重置口令，所有会话立即结束 / give a new password; every session ends at once.

    退出码 / exit codes: 0 已重置 (done), 2 参数不符 (refused), 6 存储不可用 (store).

    Example: fenliu-serve users reset li.ming
    """
    given = _given(password_stdin)
    with at_bureau(home) as (bureau, _):
        made = bureau.accounts.reset(name, origin=bureau.origin, password=given, must_change=not keep_password)
    _show(name, made)


@users.command()
def grant(name: Name, role: Roles, courts: CourtCodes = "", home: Home = None) -> None:
    """以所列角色与法院取代原有授权 / give these roles and courts in place of what was granted before.

    退出码 / exit codes: 0 已授权 (granted), 2 参数不符 (refused), 6 存储不可用 (store).

    Example: fenliu-serve users grant li.ming --role judge --role team_lead --courts 浙1022
    """
    with at_bureau(home) as (bureau, _):
        bureau.accounts.grant(name, role, Courts.read(courts), origin=bureau.origin)
    typer.echo(f"已授权 / granted: {name}")


@users.command()
def link(
    name: Name,
    external_id: Annotated[str, typer.Argument(help="统一身份认证编号，空为解除 / number there; empty to undo")],
    home: Home = None,
) -> None:
    """登记账户在统一身份认证中的编号 / say by which number the court's log-in service knows the account.

    退出码 / exit codes: 0 已登记 (done), 2 参数不符 (refused), 6 存储不可用 (store).

    Example: fenliu-serve users link li.ming 7c1e0f0a-2c1b-4b5c-9a59-2f7f0f7f0f7f
    """
    with at_bureau(home) as (bureau, _):
        bureau.accounts.link(name, external_id or None, origin=bureau.origin)
    typer.echo(f"已登记 / linked: {name}")


@users.command()
def disable(name: Name, home: Home = None) -> None:
    """停用账户，所有会话立即结束 / close an account; every session ends at once.

    退出码 / exit codes: 0 已停用 (closed), 2 没有此账户 (no such account), 6 存储不可用 (store).

    Example: fenliu-serve users disable li.ming
    """
    with at_bureau(home) as (bureau, _):
        bureau.accounts.disable(name, origin=bureau.origin)
    typer.echo(f"已停用 / disabled: {name}")


@users.command()
def enable(name: Name, home: Home = None) -> None:
    """重新启用账户 / open a closed account again.

    退出码 / exit codes: 0 已启用 (opened), 2 没有此账户 (no such account), 6 存储不可用 (store).

    Example: fenliu-serve users enable li.ming
    """
    with at_bureau(home) as (bureau, _):
        bureau.accounts.enable(name, origin=bureau.origin)
    typer.echo(f"已启用 / enabled: {name}")


@users.command()
def unlock(name: Name, home: Home = None) -> None:
    """解除登录锁定 / let an account try again that was locked after wrong passwords.

    退出码 / exit codes: 0 已解锁 (unlocked), 6 存储不可用 (store).

    Example: fenliu-serve users unlock li.ming
    """
    with at_bureau(home) as (bureau, _):
        bureau.accounts.unlock(name, origin=bureau.origin)
    typer.echo(f"已解锁 / unlocked: {name}")


@users.command("list")
def list_users(home: Home = None) -> None:
    """列出全部账户 / list all accounts.

    退出码 / exit codes: 0 完成 (done), 6 存储不可用 (store).

    Example: fenliu-serve users list
    """
    with at_bureau(home) as (bureau, _):
        rows = bureau.accounts.every()
    typer.echo("账户\t状态\t角色\t法院\t开立\t开立者")
    for row in rows:
        state = "停用" if row.disabled_at else "权限待确认" if row.rights_wait else "启用"
        shown = (row.name, state, row.roles or "-", row.courts or "-", row.created_at[:10], row.created_by)
        typer.echo("\t".join(shown))


def _given(from_stdin: bool) -> str | None:
    """Read a password from stdin; never from the command line, where other users of the machine see it."""
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else None


def _show(name: str, made: str | None) -> None:
    """Print a password that was made here on stdout alone."""
    if made is not None:
        typer.echo(made)
        told = "口令只显示这一次，首次登录须修改 / the password is shown this once and must be changed at first log-in"
        typer.echo(f"账户 / account: {name}。{told}", err=True)
    else:
        typer.echo(f"账户 / account: {name}", err=True)
