"""The closed list of problems (RFC 9457), and the one place that makes them.

Holds every title and sentence that a client may be shown; codes are never reused for another meaning.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

URN: Final = "urn:minxin:problem:"
MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of problem: HTTP status, title and the sentence that says the way out."""

    status: int
    title: str
    detail: str


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "malformed": Kind(400, "请求格式不对", "请求与接口约定不符，位置见 errors。"),
        "token-expired": Kind(401, "登录已失效", "请重新登录；未上报的数据不受影响。"),
        "sign-in-refused": Kind(401, "未能登录", "终端、人员、口令或动态码有一项不对。"),
        "not-authorised": Kind(403, "没有这项权限", "这件事不归当前机构或当前人员办理，请联系管理员核对。"),
        "device-revoked": Kind(403, "终端已停用", "请联系平台管理员；本机未上报的数据仍在。"),
        "device-not-enrolled": Kind(
            403, "终端没有登记", "平台上没有这台终端的登记，请用新的注册码重新登记；本机未上报的数据仍在。"
        ),
        "enrolment-code-unknown": Kind(403, "没有这个注册码", "请核对本机构领到的注册码。"),
        "enrolment-code-used": Kind(409, "注册码已用过", "这个注册码已注册另一台终端，请另领一个。"),
        "enrolment-code-expired": Kind(403, "注册码已过期", "这个注册码已过期，请向管理员另领一个。"),
        "operator-locked": Kind(403, "账号不能使用", "账号或机构已停用，请联系管理员；本机数据仍在。"),
        "own-rights": Kind(403, "不能改自己的账号", "自己的权限和账号请由另一位管理员办理。"),
        "unit-unknown": Kind(404, "没有这个机构", "平台上没有这个机构代码。"),
        "operator-unknown": Kind(404, "没有这名人员", "平台上没有这名人员，或不归当前管理员管理。"),
        "device-unknown": Kind(404, "没有这台终端", "平台上没有这台终端，或不归当前管理员管理。"),
        "grant-unknown": Kind(404, "没有这项授权", "这名人员没有这项授权，或授权已结束。"),
        "code-taken": Kind(409, "代码已被占用", "平台上已有同一代码，请换一个。"),
        "unit-closed": Kind(409, "机构已停用", "机构已停用，请先恢复，或改用另一机构。"),
        "unit-in-use": Kind(409, "机构下还有机构", "请先停用或移走下级机构。"),
        "unit-misplaced": Kind(422, "机构层级不对", "下级机构的层级要低于上级，也不能移到自己下面。"),
        "operator-closed": Kind(409, "账号已停用", "账号已停用，不能再改；需要时请新建账号。"),
        "grant-held": Kind(409, "已有这项授权", "这名人员在这个机构已有这个角色。"),
        "role-misplaced": Kind(422, "角色范围不对", "大厅角色要授在整个区域。"),
        "notice-unknown": Kind(404, "没有这条通知", "平台上没有这条通知，或不归当前管理员管理。"),
        "publication-unknown": Kind(404, "没有发布过", "平台没有发布过这一内容，请核对摘要。"),
        "catalog-unsound": Kind(422, "目录集不能发布", "目录集有 {count} 处不合规，位置见 errors。"),
        "catalog-not-in-force": Kind(422, "目录版本不在有效期", "目录版本已停用或未生效，请按现行目录填报。"),
        "last-catalog": Kind(409, "不能没有目录", "停用后没有现行目录，请先发布新的目录集。"),
        "calendar-unsound": Kind(422, "日历不能发布", "日历文件不合规，位置见 errors。"),
        "rules-unsound": Kind(422, "规则集不能发布", "规则集有 {count} 处不合规，位置见 errors。"),
        "rules-unknown": Kind(404, "没有这个规则集", "平台没有发布过这个规则集，或它不用于这类办件。"),
        "item-unknown": Kind(404, "没有这个目录事项", "现行目录里没有这个事项。"),
        "period-unfit": Kind(422, "周期不对", "周期与目录事项的报送周期不符，请按目录选周期。"),
        "period-not-over": Kind(409, "周期还没有结束", "周期结束后再报；确实不会再有的，请注明提前报。"),
        "period-has-records": Kind(409, "周期内已有数据", "周期内已报过 {count} 条数据，不能报“无数据”。"),
        "already-declared": Kind(409, "已报过无数据", "这个周期已报过“无数据”。"),
        "zero-report-unknown": Kind(404, "没有这份无数据上报", "平台上没有这份上报，或不归本机构。"),
        "score-unknown": Kind(404, "还没有评价", "这个机构的这个周期还没有算过评价。"),
        "last-admin": Kind(409, "不能没有管理员", "请先给这个机构另设一名管理员。"),
        "not-found": Kind(404, "没有这个地址", "平台上没有这个地址。"),
        "method-not-allowed": Kind(405, "不能这样访问", "这个地址不支持这种请求方法。"),
        "batch-unknown": Kind(404, "没有这个批次", "平台没有收到过这个批次，可以放心重发。"),
        "record-unknown": Kind(404, "没有这条记录", "平台上没有这条记录，或不属于可查看的范围。"),
        "no-such-subject": Kind(404, "没有这个主体", "主体库和已收到的记录里都没有这个代码，请核对后再查。"),
        "question-unknown": Kind(404, "没有这条疑问", "平台上没有这条疑问数据，或不属于可查看的范围。"),
        "list-unknown": Kind(404, "没有这个名单", "平台上没有这个名单代码，代码见名单目录。"),
        "list-unpublished": Kind(404, "名单还没有发布", "这个名单还没有人列入，或还没到每天发布的时间。"),
        "conflict-unknown": Kind(404, "没有这个矛盾", "平台上没有这个矛盾，或与本机构无关。"),
        "case-unknown": Kind(404, "没有这个办件", "平台上没有这个办件，或不属于可查看的范围。"),
        "event-unfitting": Kind(409, "这一步现在不能办", "办件现在的环节不能办这一步，请看过最新情况再办。"),
        "case-leased": Kind(409, "有人正在办", "另一位同事正在办这件，半小时没有续办就可以接手。"),
        "case-repeated": Kind(409, "已有同样的办件", "同一申请人以同一理由提的还在办理，不用重复登记。"),
        "record-of-another-unit": Kind(
            409, "记录归别的机构", "一件只办一个机构报送的记录；机构自己登记的，只能是本机构报送的。"
        ),
        "repair-too-early": Kind(422, "还不到修复的日子", "最短公示期还没有满，可以准予的日期见 from_on。"),
        "attachment-unknown": Kind(404, "没有这个附件", "平台上没有这个附件，或不属于可查看的范围。"),
        "upload-unknown": Kind(404, "没有这次上传", "这次上传已完成、已过期，或不归本机构，请重新开始。"),
        "offset-differs": Kind(409, "续传位置不符", "请从第 {offset} 字节接着传。"),
        "device-forked": Kind(409, "终端编号重复使用", "这个批次序号已被另一批次用过，请换用新的终端编号。"),
        "epoch-changed": Kind(410, "平台已重新编号", "平台曾恢复或迁移，请从头读取消息。"),
        "batch-too-large": Kind(413, "内容太大", "超出平台限额，请拆小后再发。"),
        "unsupported-media": Kind(415, "内容类型不对", "平台不认识这种内容类型或压缩方式。"),
        "approval-changed": Kind(422, "审核内容不一致", "同一审核编号下已有另一份内容。"),
        "signature-invalid": Kind(422, "签名不符", "签名与内容不符，或公钥未在平台登记，请签名人重新登录。"),
        "maker-is-checker": Kind(422, "填报与复核不能是同一人", "请由另一人复核。"),
        "key-reused": Kind(422, "编号重复使用", "同一编号下已有另一份内容，请联系技术支持。"),
        "batch-digest-mismatch": Kind(422, "内容不完整", "收到的内容与摘要不符，请原样重发。"),
        "attachment-mismatch": Kind(422, "附件不完整", "收到的附件与摘要不符，请重新上传。"),
        "field-invalid": Kind(422, "数据项不合规", "有 {count} 处不符合目录要求，请修改，位置见 errors。"),
        "reason-required": Kind(422, "请写明理由", "查看自然人的信息须写明理由，填写后再查。"),
        "stale": Kind(409, "已有更新的内容", "填写时看到的已不是最新内容，请对照后再改。"),
        "parent-unknown": Kind(409, "等待上一版本", "平台还没有收到上一版本，收到后再处理。"),
        "parent-rejected": Kind(422, "上一版本未被接收", "上一版本已被退回，请从最近一次接收的内容改起。"),
        "withdrawn-already": Kind(409, "记录已撤销", "这条记录已撤销，不能再改；确需上报的，请新填一条。"),
        "question-settled": Kind(409, "疑问已有结果", "这条疑问数据已修改或已处理，不能再忽略或恢复。"),
        "conflict-settled": Kind(409, "矛盾已了结", "这个矛盾已经了结，不能再分派或了结。"),
        "conflict-stands": Kind(409, "矛盾还在", "各条记录仍对不上。请先更正或撤销，入库后自动了结。"),
        "id-reused": Kind(422, "版本编号重复使用", "同一编号下已有另一份内容，请联系技术支持。"),
        "duplicate-business-key": Kind(409, "已有同一笔业务", "本机构已报过同一笔业务，请改用更正。"),
        "catalog-unknown": Kind(422, "目录不认识", "平台没有这个目录版本，请更新目录后重新填报。"),
        "attachment-missing": Kind(409, "附件未到", "有 {count} 个附件还没有上传，传到后再处理。"),
        "approval-unknown": Kind(409, "审核未到", "平台还没有收到这次审核，收到后再处理。"),
        "subject-unknown": Kind(409, "未关联到信用主体", "主体库中没有这个代码，主体入库后自动关联。"),
        "subject-name-differs": Kind(409, "主体名称不一致", "主体库中这个代码登记的是另一个名称，请核对。"),
        "answered-warnings": Kind(200, "有已说明的提示", "有 {count} 处提示，填报人已说明。"),
        "protocol-too-old": Kind(426, "程序需要更新", "请更新程序后再报送；数据不会丢失。"),
        "rate-limited": Kind(429, "请求太频繁", "请 {seconds} 秒后再试。"),
        "internal": Kind(500, "平台出错", "平台内部出错，事件编号 {incident}。"),
        "maintenance": Kind(503, "平台暂时不可用", "平台正在维护或繁忙，请稍后再试。"),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of `errors`: a JSON pointer into what was sent, and what is wrong there."""

    pointer: str
    code: str
    detail: str
    severity: Literal["error", "warning"] = "error"

    def as_dict(self) -> dict[str, str]:
        """The entry as it travels."""
        return {"pointer": self.pointer, "code": self.code, "detail": self.detail, "severity": self.severity}


class Refusal(Exception):
    """A request is refused: raised anywhere, turned into a problem answer in `app`.

    Attributes:
        code: a key of KINDS.
        errors: where in the request.
        status: when it differs from the kind's.
        headers: for the answer.
        extras: members of the problem beside the standard ones; they also fill the sentence.
    """

    def __init__(
        self,
        code: str,
        *,
        errors: Sequence[Fault] = (),
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        **extras: object,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.errors = tuple(errors)
        self.status = status
        self.headers = dict(headers or {})
        self.extras = extras


def problem(
    code: str,
    *,
    instance: str,
    errors: Sequence[Fault] = (),
    status: int | None = None,
    extras: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Make one problem object.

    Args:
        code: a key of KINDS.
        instance: path of the request, or of the version.
        errors: where in what was sent.
        status: when it differs from the kind's.
        extras: further members; `count` and `seconds` only fill the sentence.
    """
    kind = KINDS[code]
    more = dict(extras or {})
    sentence = kind.detail.format(**{"count": len(errors), **more})
    more.pop("count", None)
    more.pop("seconds", None)
    made: dict[str, Any] = {
        "type": URN + code,
        "title": kind.title,
        "status": status or kind.status,
        "detail": sentence,
        "instance": instance,
    }
    if errors:
        made["errors"] = [fault.as_dict() for fault in errors]
    return {**made, **more}


def new_incident() -> str:
    """Return a number under which a fault of ours is logged and told."""
    return secrets.token_hex(4).upper()
