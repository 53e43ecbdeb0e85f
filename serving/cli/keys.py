"""`fenliu-serve keys`: API keys of systems are made, listed, changed over and ended here, and the data key changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

import typer

from serving.access.actions import ADMINISTRATION, OWN, Action
from serving.access.principal import Courts
from serving.cli.options import Home, at_bureau, fail, part, refusing, settings_of

USUAL_ACTIONS: Final = "score.create,score.read,score.preview,outcome.create,job.create,job.read,model.read,rules.read"
BAD: Final = 2
_STATES: Final = {"valid": "有效", "waiting": "待核准", "revoked": "已撤销", "expired": "已到期"}

keys = typer.Typer(help="接口密钥 / API keys of intake systems.", no_args_is_help=True, rich_markup_mode=None)

Client = Annotated[str, typer.Argument(help="系统名，如 intake / name of the system")]
Days = Annotated[int, typer.Option("--days", help="有效天数 / days it is valid")]


@keys.command()
def create(
    client: Client,
    courts: Annotated[str, typer.Option(help="法院代字，逗号分隔；* 为全部 / court codes, or * for all")],
    actions: Annotated[str, typer.Option(help="可办事项，逗号分隔 / actions")] = USUAL_ACTIONS,
    days: Days = 180,
    home: Home = None,
) -> None:
    """签发系统的第一把密钥，明文只显示这一次 / make the first key of a system; it is shown this once.

    退出码 / exit codes: 0 已签发 (made), 2 参数不符 (refused), 6 存储不可用 (store).

    Example: fenliu-serve keys create intake --courts 浙1022 --days 180
    """
    wanted = _actions(actions)
    with at_bureau(home) as (bureau, part):
        scope = part.Scope(actions=wanted, courts=_courts(courts), lasts=timedelta(days=days))
        made = bureau.api_keys.create(client, scope, origin=bureau.origin)
    _show(made.text, made.row.id, made.row.expires_at)


@keys.command()
def rotate(
    client: Client,
    days: Days = 180,
    overlap: Annotated[int, typer.Option(help="旧密钥再有效几天 / days the old key stays valid")] = 7,
    home: Home = None,
) -> None:
    """签发第二把同范围的密钥，旧密钥到期自停 / make a second key of the same scope; the old one ends by itself.

    退出码 / exit codes: 0 已签发 (made), 2 参数不符 (refused), 6 存储不可用 (store).

    Example: fenliu-serve keys rotate intake --overlap 7
    """
    with at_bureau(home) as (bureau, _):
        made = bureau.api_keys.rotate(
            client, lasts=timedelta(days=days), overlap=timedelta(days=overlap), origin=bureau.origin
        )
    _show(made.text, made.row.id, made.row.expires_at)
    typer.echo(f"旧密钥将于 {overlap} 天内停用 / the old key ends within {overlap} days", err=True)


@keys.command()
def approve(
    key_id: Annotated[str, typer.Argument(help="密钥编号，见 keys list / id of the key")],
    home: Home = None,
) -> None:
    """核准一把由管理员在线签发的密钥 / approve a key that an administrator made online.

    退出码 / exit codes: 0 已核准 (approved), 2 没有待核准的密钥 (none waits), 6 存储不可用 (store).

    Example: fenliu-serve keys approve 7f31c2a0
    """
    with at_bureau(home) as (bureau, _):
        bureau.api_keys.approve(key_id, origin=bureau.origin)
    typer.echo(f"已核准 / approved: {key_id}")


@keys.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="密钥编号，见 keys list / id of the key")],
    home: Home = None,
) -> None:
    """立即停用一把密钥 / end a key at once.

    退出码 / exit codes: 0 已停用 (ended), 2 没有此密钥 (no such key), 6 存储不可用 (store).

    Example: fenliu-serve keys revoke 7f31c2a0
    """
    with at_bureau(home) as (bureau, _):
        bureau.api_keys.revoke(key_id, origin=bureau.origin)
    typer.echo(f"已停用 / revoked: {key_id}")


@keys.command("rotate-data")
def rotate_data(
    finish: Annotated[
        bool, typer.Option("--finish", help="不再生成新密钥，只完成重新加密 / make no key, only seal the rest anew")
    ] = False,
    home: Home = None,
) -> None:
    """更换数据密钥 data.key，并把库中已加密的内容逐批改由新密钥加密 / change data.key and seal everything anew.

    服务可照常运行；中断后再次运行即继续，不另生成密钥。PostgreSQL 须设置 FENLIU_DATABASE_OWNER。
    退出码 / exit codes: 0 完成 (done), 1 仍有数据须用旧密钥 (some rows still need an earlier key), 2 设置 (settings),
    6 数据库 (database).

    Example: fenliu-serve keys rotate-data
    """
    settings = settings_of(home=home)
    part("logs").configure("error")
    with refusing():
        whole = part("upkeep.resealing").rotate_data_key(settings, finish=finish, say=typer.echo)
    raise typer.Exit(0 if whole else 1)


@keys.command("list")
def list_keys(home: Home = None) -> None:
    """列出全部密钥（不含明文）/ list all keys, never their text.

    退出码 / exit codes: 0 完成 (done), 6 存储不可用 (store).

    Example: fenliu-serve keys list
    """
    with at_bureau(home) as (bureau, _):
        rows = bureau.api_keys.every()
        now = bureau.api_keys.clock()
    typer.echo("编号\t系统\t状态\t到期\t最近使用\t法院\t可办事项")
    for row in rows:
        shown = (
            row.id,
            row.client,
            _STATES[row.state(now)],
            row.expires_at[:10],
            row.last_used_on or "-",
            row.courts,
            row.actions,
        )
        typer.echo("\t".join(shown))


def _show(text: str, key_id: str, expires_at: str) -> None:
    """Print the key on stdout alone, so that a script can keep it, and what to do with it beside."""
    typer.echo(text)
    typer.echo(
        f"编号 {key_id}，有效至 {expires_at[:10]}。明文只显示这一次，请立即存入调用方的密钥库 / "
        f"key {key_id} is valid until {expires_at[:10]} and is shown this once: keep it now",
        err=True,
    )


def _actions(text: str) -> frozenset[Action]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    known = {action.value for action in Action if action not in ADMINISTRATION | OWN}
    unknown = [word for word in words if word not in known]
    if unknown:
        zh = f"未登记的事项 {'、'.join(unknown)}；可用 {'、'.join(sorted(known))}"
        fail("ACTION", f"{zh} / no such action: {', '.join(unknown)}", BAD)
    return frozenset(Action(word) for word in words)


def _courts(text: str) -> Courts:
    courts = Courts.read(text.replace("，", ",").replace(" ", ""))
    if courts.codes is not None and not courts.codes:
        fail("COURTS", "须至少列出一个法院代字，或 * / name at least one court, or *", BAD)
    return courts
