"""Codes of errors → Chinese sentences: what happened, what it means, what to do.

Imports no Qt, so that the command line says the same. A sentence is filled from the
parameters of its error; a test holds that no code is raised that has none here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from client.errors import ClientError, LinkError
from client.ui.case_messages import CASES
from client.ui.letters.words import REFUSALS as LETTERS

CRASH: Final = (
    "程序遇到了没有料到的问题。已保存的内容都在本机，可以继续使用；再次出现时，请把右边的编号告诉技术支持。"
)
NO_PARAMS: Final[Mapping[str, str | int]] = MappingProxyType({})

PROFILE: Final[dict[str, str]] = {
    "profile_unusable": "本机档案打不开。请把编号告诉技术支持；档案里的内容没有动过。",
    "profile_missing": "这个文件夹里没有本机档案。请先登记这台电脑，或选择正确的档案文件夹。",
    "profile_exists": "这个文件夹里已经有一份本机档案，没有覆盖它。请直接解锁，或换一个文件夹。",
    "profile_in_use": "本机档案正被另一个闽信通窗口或命令使用。请先关掉那一个，再试一次。",
    "profile_newer": "本机档案是更新版本的程序写的，这个版本不敢改动它。请升级闽信通。",
    "profile_older": "本机档案还是旧格式，要先用窗口打开一次，由程序备份并升级。",
    "profile_foreign": "这个数据库不是闽信通的档案，没有动它。请检查选择的文件夹。",
    "database_missing": "档案文件夹里缺少数据库。请从备份恢复（解锁页，或命令 minxin restore）。",
    "keys_damaged": "档案的钥匙文件损坏，打不开。请从备份里取回 keys.json。",
    "unlock_failed": "没有解锁成功。请检查操作员和口令。",
    "passphrase_wrong": "口令不对。请检查大小写和输入法，再试一次。",
    "passphrase_too_short": "口令太短，至少 {least} 个字符。",
    "keyring_half_missing": (
        "这台电脑的钥匙串里缺少一半钥匙，光有口令打不开。"
        "请登录平时使用的系统账户；换过电脑的，由管理员重新加入。"
    ),
    "operator_unknown": "这台电脑上没有这位操作员。请由管理员在设置里加入。",
    "wrong_key": "这把钥匙打不开数据库。请确认口令，或从备份恢复。",
    "last_operator": "这是最后一位能解锁本机的操作员，移除后谁也打不开了，所以没有移除。",
    "operator_at_work": "不能移除正在使用的操作员。请换一位操作员登录后再移除。",
}

STORE: Final[dict[str, str]] = {
    "store_failed": "本机数据库没有写成。刚才的改动还没有保存，请再试一次。",
    "disk_full": "磁盘满了，没有保存成功。请清出一些空间，再试一次；以前保存的都在。",
    "disk_failed": "磁盘读写出错。请尽快备份，并请技术人员检查磁盘。",
    "read_only": "档案是只读的，不能保存。请检查文件夹权限，或关掉正在使用它的程序。",
    "no_permission": "没有读写这个位置的权限。请检查文件夹权限。",
    "cannot_open": "文件打不开。请检查它是否还在、是否被别的程序占用。",
    "locked": "数据库正忙。请稍等片刻再试一次。",
    "damaged": "数据库损坏，为保护数据已停止使用。请从备份恢复（解锁页，或命令 minxin restore）。",
    "out_of_memory": "内存不够。请关掉一些别的程序，再试一次。",
    "interrupted": "已经停下，没有改动任何内容。",
    "closed": "档案已经锁定。请解锁后再做一次。",
    "pragma_refused": "数据库没有按要求的安全设置打开，已停止使用。请把编号告诉技术支持。",
    "settings_unreadable": "设置文件 {file} 读不懂（{key}），已按默认设置显示。",
    "settings_unwritable": "设置没有保存成功：磁盘满了或只读。",
    "backup_missing": "找不到这份备份。",
    "backup_damaged": "这份备份读不出来或不完整，没有恢复它。请选另一份。",
}

ACTS: Final[dict[str, str]] = {
    "client_error": "这一步没有做成。已保存的内容都在本机。",
    "not_allowed": "这一步现在不能做。",
    "not_your_role": "这一步不在你的职责之内。请由有权限的操作员来做。",
    "not_in_this_state": "这条记录现在的状态不能这样做，可能刚刚变过。请看一下它的最新状态。",
    "maker_is_checker": "这是你自己填报的，要由另一位复核员来复核。",
    "record_unknown": "找不到这条记录，可能已被移除。",
    "template_unnamed": "给模板起个名字，下次才找得到。",
    "template_empty": "这条记录还是空的，没有存成模板。先填几项，再存一次。",
    "template_exists": "这个事项已经有同名的模板。换一个名字，或先删掉那一个。",
    "too_many_templates": "模板最多 {most} 个。先删掉几个不用的，再存一次。",
    "version_unknown": "找不到这个版本。",
    "move_unknown": "找不到这次目录迁移。",
    "move_undone": "这次目录迁移已经撤销过了。",
    "act_unknown": "找不到这次提交，可能已被撤回。",
    "code_of_another_unit": "这个登记码是「{unit}」的，不是本单位的。请向平台管理员要本单位的登记码。",
    "case_unknown": "找不到这件异议，可能已经移交别的单位。",
    "case_closed": "这件异议已经办结，不能再改结论。",
    "case_changed": "异议的内容在平台上有了变化。请看过最新内容再提交。",
    "decision_in_review": "结论已经提交复核。要改的话请先取回。",
    "decision_on_its_way": "结论已经通过复核，正在报送，不能再改。",
    "decision_rejected": "平台没有接受这件异议的结论，随结论的更正没有发送。请在异议页里修改结论。",
    "record_changed": "这条记录在本机有更新的版本，和异议所说的不一样。请先核对记录，再作结论。",
    "belongs_to_case": "它是异议结论的一部分，请在异议页里处理。",
    "being_changed": "这条记录正在改动或复核，请等那一次办完，或先取回。",
    "act_is_whole": "异议的结论和更正要一起通过，不能只留下其中一部分。",
    "already_sent": "这条记录已经送出，不能撤回。要改动请用更正或撤销。",
    "not_stale": "这条记录不是因为另一台终端先改过而退回的，不用合并。",
    "nothing_to_choose": "这一项已经选好了。",
    "nothing_accepted": "平台还没有接受过这条记录，不能更正或撤销；直接修改草稿就可以。",
    "no_change": "新填报的记录不用写更正理由。",
    "withdrawal_has_no_values": "这是一次撤销，只写理由，不改内容。",
    "not_the_maker": "只有提交的人能取回。",
    "not_deleted": "这条记录没有被删除，不用恢复。",
    "not_blocked": "这条记录没有被隔离，会自动发送。",
    "field_unknown": "目录里没有数据项 {field}。请检查写法。",
    "reason_missing": "还没有选择原因。",
    "reason_unfit": "这个原因不适用于这种改动，请另选一个。",
    "reason_text_missing": "请把原因写清楚。",
    "nothing_to_submit": "没有可以提交的记录。",
    "catalog_unknown": "这台电脑上没有目录事项 {item}。请先联网更新目录。",
    "decision_incomplete": "还有争议项没有选择维持或更正，或没有写核查结论。",
    "calendar_year_unknown": "没有{year}年的放假通知。可以用 minxin calendar read 读一份，交平台发布。",
    "rule_set_unknown": "没有规则集“{id}”。请用 minxin rules list 查看编号。",
    "date_unreadable": "看不懂日期“{text}”。请写成 2026-11-24 这样。",
    "secret_unreadable": "没有读到口令。请检查给出的描述符 {descriptor}。",
    "attachment_too_large": "附件超过 {limit_mb} MB。请压缩或拆开后再加。",
    "attachment_folder": "这是一个文件夹。请加里面的文件。",
    "attachment_empty": "这个附件是空的。",
    "attachment_missing": "附件不在本机。联网同步后再打开。",
    "attachment_damaged": "附件的内容对不上校验值，没有打开。请重新添加。",
    "attachment_unreadable": "附件读不出来。请检查文件是否还在。",
    "attachment_unknown": "平台上没有这个附件。",
    "pdf_broken": "这份 PDF 读不出来，可能不完整。请另取一份。",
    "pdf_locked": "这份 PDF 有打开口令，不能在这里显示。请另取一份没有口令的。",
    "pdf_empty": "这份 PDF 里一页也没有。请另取一份。",
}

LINK: Final[dict[str, str]] = {
    "link_failed": "平台暂时联系不上。记录都在本机，恢复后自动发送。",
    "no_connection": "平台暂时联系不上。记录都在本机，恢复后自动发送。",
    "timeout": "平台很久没有回应。记录都在本机，稍后自动再试。",
    "truncated": "平台的回答中途断了。结果将自动询问，不会重复入库。",
    "not_ours": "回答的不是本单位登记的平台，没有发送任何内容。请检查网络，或联系平台管理员。",
    "name_not_found": "查不到平台的地址（域名解析）。请检查网线、无线网或专网是否连上，再核对平台地址。",
    "tls_failed": "和平台的安全连接没有建立，没有发送任何内容。请网管检查平台地址的端口是否放行。",
    "certificate_expired": (
        "平台的证书过期，没有发送任何内容。请先核对这台电脑的日期；日期没错，请平台管理员更换证书。"
    ),
    "certificate_not_yet": (
        "平台的证书还没到生效的日子，多半是这台电脑的时间慢了，没有发送任何内容。请校准电脑的日期和时间。"
    ),
    "certificate_unknown": (
        "平台的证书由不认识的机构签发，没有发送任何内容。单位的上网设备在检查加密流量的，"
        "请网管对平台地址放行，或要它的 CA 文件；平台用自建证书的，请向平台管理员要 CA 文件。"
        "拿到后在“设置 · 网络”里选用。"
    ),
    "certificate_other_host": (
        "这个地址上的证书不是发给平台的，没有发送任何内容。请核对平台地址；地址没错，请网管看是否被转到了别处。"
    ),
    "portal": "网络要求先登录（例如办公网认证页）。请先打开浏览器登录网络，再试一次。",
    "redirected": "平台地址被转到了别处，没有跟过去。请检查设置里的平台地址。",
    "proxy_failed": "代理服务器应答不正常，没有连到平台。请网管检查代理。",
    "proxy_unreachable": "代理服务器连不上。请在“设置 · 网络”里核对代理的地址和端口，或请网管检查。",
    "proxy_name_not_found": "查不到代理服务器的地址。请在“设置 · 网络”里核对代理的名称。",
    "proxy_password_needed": "代理要用户名和口令。请在“设置 · 网络”里填写。",
    "proxy_password_wrong": "代理没有接受用户名或口令。请在“设置 · 网络”里重新填写。",
    "proxy_ntlm": (
        "代理只接受 Windows 域登录（NTLM），闽信通不支持。请网管对平台地址免登录放行，"
        "或给一个用户名口令登录的代理；也可以先用交换包（U 盘）报送。"
    ),
    "proxy_login_unknown": "代理的登录方式（{schemes}）不支持。请网管改用用户名口令登录，或对平台地址放行。",
    "proxy_refused": "代理不让连平台（{status}）。请网管在代理上放行平台的地址和端口。",
    "proxy_address_wrong": "代理地址写得不对。请写成 10.1.2.3:8080 这样，带端口。",
    "proxy_script": "这是自动代理脚本（PAC）的地址。请在“设置 · 网络”里选“自动脚本”，再填这个地址。",
    "proxy_script_missing": "取不到自动代理脚本（PAC）。请核对它的地址，或请网管检查。",
    "proxy_script_faulty": "自动代理脚本（PAC）执行不成。请网管检查，或给出代理的地址和端口，选“手动”填写。",
    "proxy_socks": "SOCKS 代理不支持。请网管给一个 HTTP 代理的地址和端口。",
    "answer_too_large": "平台的回答过大，没有接收。请联系平台管理员。",
    "feed_gap": "平台的通知缺了一段，没有采用。稍后自动再取。",
    "receipt_conflict": "平台的回执和以前收到的不一致，没有采用。请把编号告诉技术支持。",
    "address_wrong": "平台地址写得不对。请写成 https:// 开头的完整地址。",
    "tls_needed": "到 {host} 的地址不是加密的（https），没有连接。",
    "ca_file_missing": "找不到 CA 证书文件。请在“设置 · 网络”里重新选择。",
    "ca_file_unreadable": "这个文件里没有证书。请选平台管理员给的 CA 文件（.pem、.crt 或 .cer）。",
    "sign_in_needed": "还没有联网登录，或登录已过期。请重新联网登录；待发送的记录都在。",
}

PLATFORM: Final[dict[str, str]] = {
    "platform_refused": "平台没有接受。请看说明，或联系平台管理员。",
    "sign_in_refused": "平台没有接受密码或动态口令。请核对后再试；动态口令每 30 秒更换一次。",
    "rate_limited": "平台正忙，请我们等一等。稍后自动再试。",
    "in_progress": "平台收到了这一批，还在处理。结果稍后自动询问，不会重复入库。",
    "asked_to_spread": "平台刚恢复，请各单位错开时间报送。稍后自动发送，不用操作。",
    "maintenance": "平台正在维护。记录都在本机，恢复后自动发送。",
    "token_expired": "联网登录已过期。请重新登录；待发送的记录都在。",
    "not_authorised": "平台没有授权这一步。请联系平台管理员核对你的角色。",
    "device_revoked": "平台停用了这台终端，已停止发送。记录都在本机；请联系平台管理员。",
    "device_forked": "平台又一次发现有另一台电脑在用同一份档案。请只保留一台，并联系平台管理员。",
    "upload_unknown": "平台上没有这次上传，或已过期。附件会从头再传。",
    "offset_differs": "平台收到的附件和本机算的不一样长。会从平台说的位置接着传。",
    "device_not_enrolled": (
        "平台不认识这台终端，多半是平台恢复了以前的备份。请向平台管理员要一个新的登记码，"
        "在设置里重新登记；待发送的记录都在，登记后接着发送。"
    ),
    "enrolment_code_unknown": "平台不认识这个登记码。请核对后再试。",
    "enrolment_code_used": "这个登记码已经被另一台电脑用过。请向平台管理员要一个新的。",
    "enrolment_code_expired": "这个登记码已经过期。请向平台管理员要一个新的。",
    "operator_locked": "平台停用了这个账号或机构，不能联网登录。记录都在本机；请联系平台管理员。",
    "no_such_subject": "主体库和平台收到的记录里都没有这个代码。请核对后再查。",
    "reason_required": "查看自然人的信息要写明理由。填写后再查。",
    "unit_closed": "平台停用了这个机构。记录都在本机；请联系平台管理员。",
    "notice_unknown": "平台没有这条通知，或不归你管理。",
    "publication_unknown": "平台没有发布过这一内容。",
    "catalog_unsound": "目录集不合规，平台没有发布。请按说明修改。",
    "catalog_not_in_force": "这个目录版本已停用或尚未生效。请按现行目录重新填报。",
    "last_catalog": "停用后没有现行目录。请先发布新的目录集。",
    "calendar_unsound": "日历文件不合规，平台没有发布。",
    "rules_unsound": "规则集不合规，平台没有发布。请按说明修改。",
    "rules_unknown": "平台没有发布过这个规则集，或它不用于这类办件。",
    "list_unknown": "平台没有这份名单。",
    "list_unpublished": "平台还没有发布这份名单。请稍后再试。",
    "question_unknown": "平台没有这条疑问数据，或不归你办理。",
    "question_settled": "这条疑问数据已经办结，不能再改。",
    "item_unknown": "平台的现行目录里没有这个事项。",
    "period_unfit": "周期与这个事项的报送周期不符。请按目录选周期。",
    "period_not_over": "周期还没有结束。结束后再报；确实不会再有的，请注明提前报。",
    "period_has_records": "这个周期里已经报过数据，不能再报“无数据”。",
    "already_declared": "这个周期已经报过“无数据”。",
    "zero_report_unknown": "平台没有这份无数据上报，或不归本机构。",
    "score_unknown": "平台还没有算过这个机构这个周期的评价。",
    "conflict_unknown": "平台没有这处矛盾，或不归你办理。",
    "conflict_settled": "这处矛盾已经办结，不能再改。",
    "conflict_stands": "各条记录仍对不上。请先更正或撤销，入库后会自动办结。",
    "own_rights": "自己的权限和账号请由另一位管理员办理。",
    "unit_unknown": "平台没有这个机构代码。请核对后再试。",
    "operator_unknown": "平台没有这名人员，或不归你管理。",
    "device_unknown": "平台没有这台终端，或不归你管理。",
    "grant_unknown": "这名人员没有这项授权，或授权已结束。",
    "code_taken": "平台上已有同一代码。请换一个。",
    "unit_in_use": "这个机构下还有机构。请先停用或移走下级机构。",
    "unit_misplaced": "机构的层级不对。下级要低于上级，也不能移到自己下面。",
    "operator_closed": "这个账号已停用，不能再改。需要时请新建账号。",
    "grant_held": "这名人员在这个机构已有这个角色。",
    "role_misplaced": "大厅角色要授在整个区域。",
    "last_admin": "机构不能没有管理员。请先另设一名管理员。",
    "protocol_too_old": "平台已升级，这个版本的闽信通太旧，不能发送。请升级程序；记录都在本机。",
    "epoch_changed": "平台从备份恢复过，正在从头核对。",
    "batch_unknown": "平台没有收到过这一批，将自动重新发送。",
    "batch_too_large": "这一批太大，将自动拆开再送。",
    "batch_digest_mismatch": "这一批在路上受损，将自动重新发送。",
    "key_reused": "平台上已有同号但内容不同的批次，已停止发送。请把编号告诉技术支持。",
    "malformed": "平台读不懂发送的内容。已单独隔离，不影响其他记录；请把编号告诉技术支持。",
    "approval_changed": "同一份审核在平台上内容不同，没有接受。请把编号告诉技术支持。",
    "approval_unknown": "平台还没有收到这份审核，将自动补送。",
    "signature_invalid": "平台核不上审核签名，没有接受。请重新提交并复核。",
    "maker_key_unknown": "平台还不认识填报人的签名。请填报人在这台电脑上联网登录一次。",
    "checker_key_unknown": "平台还不认识复核人的签名。请复核人在这台电脑上联网登录一次。",
    "by_courier": "已装进交换包由 U 盘带出，读入回执包后有结果；也可以联网发送，不会重复入库。",
    "left_out": "平台的回答里没有提到它，将自动再问。",
    "attachment_mismatch": "附件在路上受损，将自动重新发送。",
    "parent_unknown": "平台还没有收到上一个版本，将自动再送。",
    "parent_rejected": "它所依据的上一个版本被平台退回了。请先处理那一个。",
    "stale": "另一台终端先改了这条记录。打开合并修改，选好两边都改过的，再提交。",
    "withdrawn_already": "平台上这条记录已经撤销，不能再改。",
    "field_invalid": "有数据项没有通过平台的校验。请按下面的说明修改。",
    "duplicate_business_key": "平台上已有同一件行政行为的记录。请核对是否重复；要改动请用更正。",
    "id_reused": "平台上同号的版本内容不同，没有接受。请把编号告诉技术支持。",
    "answered_warnings": "平台接受了，但有已说明的提示。",
    "subject_unknown": "平台的主体库里还没有这个代码，登记后自动关联。",
    "subject_name_differs": "名称和平台主体库里登记的不一样。请核对名称。",
    "internal": "平台内部出错。记录都在本机，稍后自动再试。",
    "not_found": "平台上没有要找的内容。",
    "method_not_allowed": "平台不支持这一步。请升级闽信通。",
    "unsupported_media": "平台不认识发送的格式。请升级闽信通。",
}

FILES: Final[dict[str, str]] = {
    "file_refused": "这个文件没有读进来。",
    "folder_not_empty": "文件夹 {name} 里已经有内容。请换一个新的文件夹。",
    "folder_unwritable": "写不进文件夹 {name}。请检查有没有权限、磁盘还有没有空间。",
    "catalog_unsound": "目录 {name} 不完整或被改动过（{detail}）。请重新安装目录，或找发布的人核对。",
    "catalog_none": "{name} 里没有目录集。请选目录集的文件夹（里面有 set.json），或它的 .zip 包。",
    "catalog_too_big": "目录集太大，超过 {most} MB，没有装。请找发布的人核对。",
    "catalog_unsigned": "目录集 {name} 没有签名，没有装。请向发布的人要签过名的。",
    "catalog_key_unknown": (
        "目录集 {name} 的签名钥匙（{key}）本机不认识，没有装。请向发布的人当面或电话核对公钥，"
        "由管理员登记：minxin catalog trust 公钥 名称。"
    ),
    "catalog_forged": "目录集 {name} 的签名对不上，内容被改动过，没有装。请向发布的人重新要一份。",
    "catalog_run_out": "目录集 {name} 的签名到 {until} 为止，已经过期，没有装。请向发布的人要新的。",
    "catalog_name_taken": "本机已经有另一个叫 {name} 的目录集，没有覆盖它。请发布的人换个名称。",
    "key_unreadable": "这不是一把公钥。请把发布的人给的公钥整行粘贴过来。",
    "recipe_damaged": "这不是完整的导入方案文件（{path} 处不对）。请从原来的电脑重新导出。",
    "recipe_unfit": "文件的表头和方案“{name}”对不上，没有导入。请换一个方案，或在导入页逐列对应。",
    "recipe_unknown": "没有这个导入方案。",
    "recipe_unnamed": "请给导入方案起个名字。",
    "recipe_exists": "已经有名为“{name}”的导入方案。",
    "too_many_recipes": "导入方案已有 {most} 个，请先删去不用的。",
    "item_ambiguous": "表头同时像 {item} 和 {rival}，分不清是哪个事项。请指明事项，或先在导入页导入一次。",
    "folder_missing": "找不到文件夹 {name}。",
    "reading_failed": "读取这个文件时程序出错，已跳过。请把文件发给技术支持。",
    "file_missing": "找不到这个文件。请检查它是否被移动或改名。",
    "file_unreadable": "这个文件读不出来。请检查是否被别的程序占用、有没有权限。",
    "file_empty": "这是一个空文件。",
    "file_damaged": "这个文件损坏或没有存完整。请用 Excel 或 WPS 打开，另存一份再试。",
    "file_too_large": "文件有 {size_mb} MB，超过 {limit_mb} MB。请拆成几个文件。",
    "unpacks_too_large": "文件展开后超过 {limit_mb} MB，没有读取。请删去空白的行列和图片，或拆成几个文件。",
    "compressed_bomb": "文件展开后大得不合常理，没有读取。请确认文件来源。",
    "not_a_spreadsheet": "这不是电子表格。请选 .xlsx、.xls、.ods 或 .csv 文件。",
    "password_protected": "文件设了打开密码。请在 Excel 或 WPS 里去掉密码，另存一份再试。",
    "encoding_unknown": "看不出这个文本文件的编码。请另存为 UTF-8 的 .csv 再试。",
    "text_damaged": "第 {row} 行读不懂，文件可能没有存完整。请重新导出再试。",
    "too_many_cells": "表格太大，没有读取。请删去空白的行列，或拆成几个文件。",
    "too_many_columns": "超过 {limit} 列，没有读取。请检查是不是选错了表。",
    "needs_too_much_memory": "表格太大，内存不够读它。请拆成几个文件。",
    "takes_too_long": "读这个文件用了太久，已经停下，没有读进来。请另存一份或拆成几个文件再试。",
    "reader_broke": "读这个文件时出了错，没有读进来。请在 Excel 或 WPS 里打开，另存为 .xlsx 再试。",
    "no_rows": "表里没有数据。请检查是不是选错了表，或还没有填。",
    "headings_unknown": "没有认出表头。请确认有一行是数据项的名称，或用本事项的模板。",
    "heading_doubled": "表头“{heading}”出现了两次（{columns} 列）。请删去或改名其中一列。",
    "heading_merged": "表头“{heading}”合并了几列（{columns}）。请拆开合并的单元格。",
    "item_unknown": "目录里没有事项 {item}。请检查事项代码。",
    "sheet_unknown": "文件里没有名为“{sheet}”的表。",
    "import_cut_short": "上一次导入（{file_name}）没有做完。请先继续它，或把它移除。",
    "import_differs": "上次导入 {file_name} 没有做完，可文件或列的对应后来变了，接不上。请先把那次整批移除。",
    "import_not_loading": "这次导入已经结束，不能再加内容。",
    "import_not_visible": "这次导入还没有完成。",
    "import_unknown": "找不到这次导入，可能已被移除。",
    "report_over_source": "报告不能盖住原来的文件，请另取一个名字。",
    "signature_lost": "写了批注，文件的数字签名就会失效。",
    "threads_unmarked": "有对话批注的单元格只涂色，问题看“问题清单”。",
    "ending_unmarked": "报告的后缀与原表不合（带宏的要 .xlsm，不带的要 .xlsx）：报告是新表，只有有误的行。",
    "rows_unmarked": "超过 20,000 行，不在原表上标注：报告是新表，只有有误的行，没有原来的格式和其他表。",
    "format_unmarked": "这种格式不能在原表上标注：报告是新的 .xlsx，只有有误的行，没有原来的格式和其他表。",
    "report_unwritable": "报告没有写成。请检查位置的权限和磁盘空间，文件是否正被打开。",
    "file_unwritable": "{file_name} 没有写成。请检查位置的权限和磁盘空间，文件是否正被打开。",
    "signs_unprintable": "这些字打印不出来：{signs}。没有打印。可以改用编号代替后再打印。",
    "id_missing": "清单 {name} 要用 --id 说明是哪一份。",
    "format_unknown": "{file_name} 写不成。文件名请以 .xlsx、.csv 或 .pdf 结尾。",
    "too_long_to_print": "超过 {limit} 行，不适合打印。请导出为表格（.xlsx）。",
    "package_key_missing": "还不知道平台的加密钥匙。请先联网同步一次，以后就可以用 U 盘报送。",
    "package_gone": "本机没有可以再写一份的交换包。请重新制作。",
    "not_a_package": "这不是交换包。请选 .mxp 文件。",
    "package_unknown_format": "这个包由更新版本的平台制作。请升级闽信通。",
    "package_truncated": "回执包不完整，可能没有复制完，没有读入。请重新复制，或请平台重写一份。",
    "package_damaged": "回执包已损坏或被改动，没有读入。请重新复制，或请平台重写一份。",
    "package_forged": "回执包不是本单位登记的平台签发的，没有读入。请核对来源。",
    "package_for_another": "这个回执包是给另一台终端的，没有读入。请核对文件。",
    "package_wrong_way": "这是报送包，不是回执包。请选平台交回的文件。",
    "package_too_large": "回执包展开后超过 {most_mb} MB，没有读入。请联系平台管理员。",
    "package_too_many": "回执包超过 {most} 项，没有读入。请联系平台管理员。",
    "package_part_missing": "缺第 {part} 卷（共 {parts} 卷），没有读入。请把各卷放在同一个文件夹。",
    "package_too_many_parts": "分卷超过 {most} 个。请加大每卷的大小。",
    "stick_full": "U 盘满了：第 {part} 卷（共 {parts} 卷）没有写下。请腾出空间或换一个 U 盘，再写一次。",
    "stick_unwritable": "U 盘写不进去（第 {part} 卷，共 {parts} 卷）。请检查写保护，或换一个 U 盘。",
    "stick_unreadable": "文件读不出来。请检查 U 盘是否还插着。",
    "not_provable": "这个文件里没有平台的回执，也不是平台发布的名单文件。",
    "server_key_missing": "没有平台的公钥，不能核验签名。请用 --key 给出，或在登记过的档案里核验。",
    "stopped": "已经停下，没有改动任何内容。",
}

NOT_SPREADSHEETS: Final[Mapping[str, str]] = MappingProxyType({
    "html": "这其实是网页（HTML），只是名字像表格。请用 Excel 或 WPS 打开，另存为 .xlsx 再试。",
    "xml": "这是 XML 格式的表格，不能直接读。请用 Excel 或 WPS 打开，另存为 .xlsx 再试。",
    "old": "这是 Excel 4 或更早的格式。请用 Excel 或 WPS 打开，另存为 .xlsx 再试。",
    "word": "这是 Word 文档，不是电子表格。请把其中的表格复制到 Excel，另存为 .xlsx 再试。",
    "slides": "这是演示文稿，不是电子表格。请选 .xlsx、.xls、.ods 或 .csv 文件。",
    "pdf": "这是 PDF，不是电子表格。请向提供的人要 .xlsx 或 .csv 文件。",
    "image": "这是图片，不是电子表格。请选 .xlsx、.xls、.ods 或 .csv 文件。",
    "program": "这是程序，不是电子表格，没有运行。请确认文件来源。",
    "archive": "这是压缩包。请先解压，再选里面的表格。",
    "zip": "这是压缩包，里面没有可读的表格。请先解压，再选里面的表格。",
    "database": "这是数据库，不是电子表格。请从原来的系统导出 .xlsx 或 .csv。",
})  # fmt: skip
"""Kind of file → what is said in place of "this is no spreadsheet"."""

SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    PROFILE | STORE | ACTS | LINK | CASES | PLATFORM | FILES | LETTERS
)

EXPECTED: Final = frozenset({
    "maker_is_checker", "not_allowed", "not_your_role", "not_in_this_state", "unlock_failed",
    "passphrase_wrong", "sign_in_needed", "token_expired", "sign_in_refused", "maintenance", "rate_limited",
    "interrupted", "stopped",
})  # fmt: skip
"""Part of a normal day, not a fault: shown calmly."""


def sentence(error: ClientError | str, params: Mapping[str, str | int] = NO_PARAMS) -> str:
    """Return the sentence of an error, or of a code and its parameters, filled in."""
    if isinstance(error, ClientError):
        return sentence(error.code, error.params)
    code, text = error, SENTENCES.get(error)
    if error == "not_a_spreadsheet":
        text = NOT_SPREADSHEETS.get(str(params.get("kind")), text)
    if text is None:
        return f"这一步没有做成（{code}）。已保存的内容都在本机，请把编号告诉技术支持。"
    return text.format_map(_Known(params))


def sentence_of(error: ClientError) -> str:
    """Return the sentence of an error, filled in."""
    return sentence(error.code, error.params)


def is_expected(error: ClientError) -> bool:
    """Say whether the error is part of a normal day (no line, a rule of the office), not a fault."""
    return isinstance(error, LinkError) or error.code in EXPECTED


class _Known(dict[str, object]):
    """Parameters of a sentence; one that is missing is left out rather than breaking the message."""

    def __missing__(self, key: str) -> str:
        return ""
