"""What ended a cycle, in a few words for a bar or a cell of a table. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from client.ui import messages

SHORT: Final[Mapping[str, str]] = {
    "no_connection": "离线",
    "timeout": "平台没有回应",
    "truncated": "线路中断",
    "name_not_found": "找不到平台地址",
    "not_ours": "回答的不是本平台",
    "portal": "网络要求先登录",
    "redirected": "平台地址被转走",
    "tls_failed": "安全连接没有建立",
    "certificate_expired": "平台证书过期",
    "certificate_not_yet": "电脑时间多半不对",
    "certificate_unknown": "证书签发者不认识",
    "certificate_other_host": "证书不是平台的",
    "proxy_failed": "代理没有连通",
    "proxy_unreachable": "代理连不上",
    "proxy_name_not_found": "找不到代理",
    "proxy_password_needed": "代理要口令",
    "proxy_password_wrong": "代理口令不对",
    "proxy_ntlm": "代理只认域登录",
    "proxy_login_unknown": "代理登录方式不支持",
    "proxy_refused": "代理不放行",
    "proxy_address_wrong": "代理地址写错",
    "proxy_script": "代理是脚本",
    "proxy_script_missing": "取不到代理脚本",
    "proxy_script_faulty": "代理脚本有错",
    "proxy_socks": "代理不支持",
    "answer_too_large": "平台的回答过大",
    "feed_gap": "平台的通知缺了一段",
    "receipt_conflict": "平台的回执前后不一",
    "address_wrong": "平台地址写错",
    "tls_needed": "平台地址没有加密",
    "ca_file_missing": "证书文件不见了",
    "ca_file_unreadable": "证书文件读不懂",
    "maintenance": "平台说：正在维护",
    "rate_limited": "平台说：稍后再来",
    "internal": "平台说：内部出错",
    "malformed": "平台说：读不懂",
    "not_authorised": "平台说：没有授权",
    "device_revoked": "平台说：本终端已停用",
    "device_forked": "平台说：两台电脑同一份档案",
    "protocol_too_old": "平台说：程序太旧",
    "key_reused": "平台说：批次内容不符",
    "operator_locked": "平台说：账号已停用",
    "unit_closed": "平台说：机构已停用",
    "batch_unknown": "平台没有收到",
    "in_progress": "平台还在处理",
    "batch_too_large": "平台说：太大，要拆开",
    "batch_digest_mismatch": "在路上受损",
    "token_expired": "登录已过期",
    "epoch_changed": "平台恢复过，正在核对",
}
"""Code of what ended the last cycle → a few words for the bar; any other is told by who said it."""


def said_by(code: str) -> str:
    """Return what a code is in a few words; of one without any, who said it."""
    if code in SHORT:
        return SHORT[code]
    return "联系不上平台" if code in messages.LINK else "平台说：不接受"
