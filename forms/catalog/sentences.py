"""The sentences of `messages`, by code. Short, spoken, without blame: what is the matter, and the way out.

In braces: parameters of the problem, and words that `messages` works out from the item.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FIELD_SENTENCES: Final[Mapping[str, str]] = {
    # shape and length
    "required_missing": "必填{unit}，请填写。",
    "group_missing": "{others}至少填一项。",
    "unknown_field": "目录里没有这个数据项，请去掉。",
    "wrong_shape": "内容的格式不对（应为{type}），请重新填写。",
    "blank": "是空的，请填写或者整项去掉。",
    "placeholder": "“{value}”是程序留下的占位字样，请改成真实内容。",
    "too_long": "最多 {max} 个字，现在有 {length} 个，请精简。",
    "control_characters": "第 {place} 个字符看不见（换行或控制符），请删去。",
    "invisible_characters": "夹有看不见的字符，请删去。",
    "broken_characters": "有显示不出来的乱码字符，请重新填写。",
    "outer_blanks": "开头或结尾有空格，请删去。",
    "not_a_date": "“{value}”不是日历上的日期，请写成 2026-03-05 这样。",
    "not_a_number": "“{value}”不是数字，请只填数字{unit}。",
    "not_whole": "“{value}”不是整数，请填整数。",
    "decimal_form": "小数末尾不要带 0。",
    "too_many_decimals": "最多 {scale} 位小数{unit}。",
    "too_many_digits": "整数部分最多 {max} 位，请核对数字和单位{unit}。",
    # files and rows
    "too_many_files": "最多 {max} 个附件，现在有 {length} 个，请删去几个。",
    "too_many_rows": "最多 {max} 行，现在有 {length} 行，请删去几行。",
    "file_too_large": "“{name}”超过 {max} MB，请压缩或拆分后再添加。",
    "file_doubled": "“{name}”与前面的附件是同一个文件，请删去一个。",
    "row_empty": "这一行是空的，请填写或删去。",
    "row_too_wide": "第 {row} 行最多 {most} 格，请核对分隔符“|”。",
    "row_unreadable": "第 {row} 行{title}读不出“{value}”，请核对。",
    "not_an_attachment": "附件不能从表格带入，请在填报页添加文件。",
    # codes
    "not_in_code_set": "没有“{value}”这个选项，请从列表里选。",
    "code_not_yet": "“{name}”自 {since} 起才可以用，请按作出决定当时的种类选。",
    "code_no_more": "“{name}”到 {until} 为止，请改选现行的种类。",
    "code_doubled": "选重了，请去掉一个。",
    "other_text_missing": "选“{name}”时请写明具体内容，写作“其他-具体内容”。",
    "other_text_unwanted": "“{name}”后面不用写说明，请去掉。",
    "not_allowed_here": "这张表只能选{codes}。",
    "separator_in_text": "说明里不能有“{separator}”，请换成逗号。",
    # rules between fields
    "prefix_needs_code": "{other}以 {prefix} 开头的，应选{codes}。",
    "code_needs_prefix": "选{codes}时，{other}应以 {prefix} 开头，请核对其中一项。",
    "required_if": "{holds}时必填{unit}。",
    "required_unless": "除了{holds}，都要填{unit}。",
    "required_if_filled": "填了{other}，这一项也要填。",
    "must_be_empty": "{holds}时这一项要留空，请清空。",
    "not_positive": "{holds}时应大于 0{unit}。",
    "negative": "不能小于 0{unit}。",
    "in_future": "不能晚于报送日 {day}。",
    "in_past": "不能早于报送日 {day}。",
    "after_other": "不能晚于{other}。",
    "before_other": "不能早于{other}。",
    "after_open_end": "最晚写到 {day}（表示长期）。",
    "long_term_not_here": "这一项不能写长期，请填具体日期。",
    "long_ago": "是 {years} 年以前的日期，请核对；确实如此，请写明理由。",
    # texts
    "name_masked": "名称里有“*”，请填完整的名称。",
    "name_short": "名称不到 {shortest} 个字，请填登记的全称；确实如此，请写明理由。",
    "pattern_mismatch": "格式不对。{help}",
    "one_of_none": "应是{kinds}之一，请核对。",
    "certificate_form": "不像{kind}的号码，请核对；确认无误，请写明理由。",
}  # fmt: skip
"""What `check` and `fieldtypes` say of a field."""

IDENTIFIER_SENTENCES: Final[Mapping[str, str]] = {
    "identifier_blank": "是空的，请填写。",
    "letter_guessed": "像是把字母和数字认错了，按 {read} 理解，请核对。",
    "uscc_length": "统一社会信用代码是 18 位，现在是 {length} 位，请核对。",
    "uscc_character": "统一社会信用代码里有不该出现的字符（没有 I、O、S、V、Z，第 3–8 位是数字），请核对。",
    "uscc_check": "统一社会信用代码的校验位不对，多半是抄错了一位，请核对。",
    "uscc_pilot_check": "统一社会信用代码的校验位不对；2015 年试点时发的码有这种情况，确认无误，请写明理由。",
    "uscc_kind_unknown": "统一社会信用代码的前两位少见，请核对；确认无误，请写明理由。",
    "uscc_division_unknown": "统一社会信用代码第 3–8 位不是已知的行政区划，请核对；确认无误，请写明理由。",
    "orgcode_length": "组织机构代码是 9 位，现在是 {length} 位，请核对。",
    "orgcode_character": "组织机构代码里有不该出现的字符，请核对。",
    "orgcode_check": "组织机构代码的校验位不对，请核对。",
    "regno_length": "工商注册号是 15 位，现在是 {length} 位，请核对。",
    "regno_character": "工商注册号里有不该出现的字符，请核对。",
    "regno_check": "工商注册号的校验位不对，请核对。",
    "regno_old": "是 13 位的旧注册号，没有校验位，请核对；确认无误，请写明理由。",
    "ric_length": "身份证号是 18 位，现在是 {length} 位，请核对。",
    "ric_character": "身份证号只能是数字，最后一位可以是大写 X，请核对。",
    "ric_birth": "身份证号里的出生日期不对，请核对。",
    "ric_check": "身份证号的校验位不对，多半是抄错了一位，请核对。",
    "ric_fifteen": "是 15 位的旧身份证号，请改填 18 位；只有旧号的，请写明理由。",
    "ric_division_unknown": "身份证号的前六位不是已知的行政区划，请核对；确认无误，请写明理由。",
    "digits_lost": "表格软件只保留 15 位数字，后面的已经丢失；请把这一列设成文本格式后重新填写。",
    "docno_blank": "是空的，请填写。",
    "docno_none": "没有文号；有许可编号的请填许可编号。",
    "docno_range": "像是几个文号写在一起，请核对。",
    "amount_blank": "是空的，请填写。",
    "amount_bare": "没有写单位，按{unit}理解，合 {read} 万元，请核对。",
    "amount_unreadable": "读不出金额，请写成 19.5 万元 或 195,000 元 这样。",
    "amount_other_unit": "不是人民币金额，请换算成人民币。",
    "amount_commas": "千分位的逗号位置不对，请核对。",
    "amount_negative": "金额不能小于 0。",
    "amount_too_much": "金额大得不合情理，请核对单位。",
    "amount_too_fine": "金额细到了分以下，请核对。",
    "amount_spoken": "按 {read} 万元理解，请核对。",
    "amount_range": "写的是一个范围，请写确定的金额。",
    "amount_about": "写的是大约的金额（约、以上、以下等），请写确定的金额。",
    "amount_several": "有几个金额，分不清是哪一个，请只写一个。",
    "amount_several_one_fine": "有几个金额，取其中的罚款 {read} 万元，请核对。",
    "amount_contradiction": "括号里外的金额不一样，请核对。",
    "date_blank": "是空的，请填写。",
    "date_serial": "是表格里的日期序号，按 {read} 理解，请核对。",
    "date_short_year": "年份只有两位，按 {read} 理解，请核对。",
    "date_ambiguous": "分不清哪个是月哪个是日，请写成 2026-03-05 这样。",
    "date_incomplete": "日期不完整，请写到日，如 2026-03-05。",
    "date_impossible": "日历上没有这一天，请核对。",
    "date_year": "年份不合情理，请核对。",
    "date_several": "写了不止一个日期，请只写一个。",
    "date_unreadable": "读不出日期，请写成 2026-03-05 这样。",
    "division_form": "行政区划代码是 6 位数字，请核对。",
    "division_unknown": "没有这个行政区划代码，请核对。",
    "division_withdrawn": "是已撤销的行政区划代码，仍可出现在旧的证号里。",
    "division_replaced": "是已撤销的行政区划代码，现为 {by}。",
}  # fmt: skip
"""What is said of one identifier, document number, amount, date or division."""

SHEET_SENTENCES: Final[Mapping[str, str]] = {
    "cell_error": "单元格是错误值 {value}，请改成实际内容。",
    "formula_without_value": "公式没有保存结果，请用表格软件打开、保存后再导入。",
    "formula_value_taken": "这一列有 {count} 个公式，已取计算结果，请核对。",
    "duplicate_in_file": "与第 {row} 行是同一件事，只收第一次出现的。",
    "totals_skipped": "这是合计行，不作为记录。",
    "header_repeated": "这一行又是表头，不作为记录。",
    "unit_assumed": "表头没有写单位，数字按{own_unit}读取，请核对；不对的话请把表头写成“…(元)”。",
    "record_changed": "同一条记录刚才有人改过，请再导入一次这一行。",
    "note_skipped": "这是表尾说明，不作为记录。",
    "hidden_rows_read": "有 {count} 行被隐藏或筛选掉，已照样读取，请核对；不要的请先删去。",
    "hidden_column_read": "这一列是隐藏的，已照样读取，请核对。",
    "notes_not_read": "有 {count} 处批注，批注不读入。",
    "other_sheets_not_read": "还有别的表也像数据（{value}），这次没有读；要读请另选那张表。",
    "macros_not_run": "文件里有宏，没有运行，也不读入。",
    "links_not_followed": "文件引用了别的文件或数据源，没有去取，只用文件里存着的值。",
    "dde_not_run": "文件里有 DDE 连接，没有运行，只用文件里存着的值。",
    "objects_not_opened": "文件里嵌有别的对象，没有打开，也不读入。",
    "same_values": "与本机的记录完全相同，不再收。",
    "in_review": "同一条记录正在复核，等复核完再导入。",
    "on_its_way": "同一条记录已报送，还没有结果，等有结果再导入。",
    "being_withdrawn": "同一条记录正在撤销，不再收。",
    "chosen_skip": "比对时选了跳过。",
    "chosen_near": "比对时选定为同一条记录，改的是它。",
    "chosen_later": "与本文件前面的行是同一件事，按选择以这一行为准。",
}
"""What only a spreadsheet can have."""

ACT_SENTENCES: Final[Mapping[str, str]] = {
    "reason_missing": "请选择理由。",
    "reason_unfit": "这个理由不适用于此操作，请另选。",
    "reason_text_missing": "请写明理由。",
    "belongs_to_case": "这条记录属于异议办件，请在办件里提交。",
    "nothing_changed": "更正的内容与已入库的内容相同，请先改再提交。",
    "value_unwritable": "有无法保存的字符，请重新填写。",
}
"""What stops an act on a whole record; these stand beside no field."""

SENTENCES: Final[Mapping[str, str]] = {
    **FIELD_SENTENCES, **IDENTIFIER_SENTENCES, **SHEET_SENTENCES, **ACT_SENTENCES,
}  # fmt: skip
"""Every code of a problem → its sentence."""
