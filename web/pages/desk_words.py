"""Names that officers read for what stands in the file and in the books."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from auction.fund.plans import grounds
from auction.sale.cases.assets import FIELD_TITLES
from auction.sale.cases.documents import KINDS, DocumentKind
from auction.sale.cases.parties import TITLES, PartyRole
from web.pages import option_words
from web.texts import N_, _, current_locale

Tone = Literal["quiet", "live", "good", "warn", "bad"]


option_rows = option_words.option_rows
reason_of = grounds.reason_of


class Named(NamedTuple):
    """A name (Chinese, translated when it is shown) and the tone of its status."""

    text: str
    tone: Tone = "quiet"


LOT_STATES: dict[str, Named] = {
    "draft": Named(N_("草拟")),
    "listed": Named(N_("待合议"), "warn"),
    "decided": Named(N_("合议通过"), "live"),
    "announced": Named(N_("已公告"), "live"),
    "open": Named(N_("竞价中"), "live"),
    "stopped": Named(N_("已暂停"), "warn"),
    "sold": Named(N_("成交"), "good"),
    "failed": Named(N_("流拍"), "bad"),
    "ruled": Named(N_("已作成交裁定"), "live"),
    "title_passed": Named(N_("所有权已转移"), "live"),
    "completed": Named(N_("已过户交付"), "good"),
    "defaulted": Named(N_("悔拍"), "bad"),
    "set_aside": Named(N_("成交被撤销"), "bad"),
    "satisfied": Named(N_("以物抵债"), "good"),
    "returned": Named(N_("解封退还")),
    "withdrawn": Named(N_("已撤回")),
}
ROUND_KINDS: dict[str, str] = {
    "first": N_("第一次拍卖"),
    "second": N_("第二次拍卖"),
    "re_auction": N_("重新拍卖"),
    "sell_off": N_("变卖"),
}
ROUND_STATES: dict[str, Named] = {
    "announced": Named(N_("已公告"), "live"),
    "open": Named(N_("竞价中"), "live"),
    "stopped": Named(N_("已暂停"), "warn"),
    "sold": Named(N_("成交"), "good"),
    "failed": Named(N_("流拍"), "bad"),
    "withdrawn": Named(N_("已撤回")),
}
STOPS: dict[str, str] = {"deferral": N_("暂缓"), "stay": N_("中止"), "withdrawal": N_("撤回")}
ASSET_CLASSES: dict[str, str] = {
    "home": N_("住宅"),
    "building": N_("非住宅房屋"),
    "land": N_("土地使用权"),
    "vehicle": N_("机动车"),
    "movable": N_("其他动产"),
    "equity": N_("股权"),
    "right": N_("其他财产权"),
}
METHODS: dict[str, str] = {
    "agreement": N_("当事人议价"),
    "targeted_inquiry": N_("定向询价"),
    "online_inquiry": N_("网络询价"),
    "entrusted_appraisal": N_("委托评估"),
}
CIRCUMSTANCES: dict[str, str] = {
    "party_absent": N_("一方当事人拒绝议价或者下落不明"),
    "no_official_price": N_("没有计税基准价、政府定价或者政府指导价"),
    "inspection_needed": N_("需要由专业人员现场勘验或者鉴定"),
    "inquiry_unsuited": N_("不具备网络询价条件"),
    "appraisal_compelled": N_("法律、行政法规规定必须委托评估"),
}
SUBJECTS: dict[str, str] = {
    "listing": N_("上拍方案"),
    "first_refusal": N_("优先购买权"),
    "default": N_("悔拍处理"),
    "after_failure": N_("流拍后的处理"),
    "barred_buyer": N_("买受人被列入不得竞买人员"),
    "unclear_list": N_("名单查询未明"),
}
RIGHTS: dict[str, str] = {
    "tenant": N_("承租人优先购买权"),
    "co_owner": N_("共有人优先购买权"),
    "shareholder": N_("其他股东优先购买权"),
    "other": N_("其他优先购买权"),
}
CHOICES: dict[str, str] = {
    "second_round": N_("再次拍卖"),
    "sell_off": N_("变卖"),
    "in_satisfaction": N_("以物抵债"),
    "other_measures": N_("采取其他执行措施"),
    "lift_and_return": N_("解除查封、退还财产"),
}
SEVERITIES: dict[str, Named] = {"blocking": Named(N_("必须改正"), "bad"), "hint": Named(N_("提请复核"), "warn")}
OUTCOMES: dict[str | None, Named] = {
    None: Named(N_("等待报告")),
    "in_time": Named(N_("按期"), "good"),
    "late": Named(N_("逾期，不计入"), "bad"),
    "silent": Named(N_("未出具"), "bad"),
    "refused": Named(N_("平台拒绝"), "bad"),
}
LATE_RESULTS: dict[str, Named] = {
    "late": Named(N_("逾期出具"), "bad"),
    "silent": Named(N_("未出具"), "bad"),
    "refused": Named(N_("平台拒绝"), "bad"),
}
"""What a platform is blamed for in the register."""
INQUIRY_STATES: dict[str, Named] = {
    "asking": Named(N_("询价中"), "live"),
    "closed": Named(N_("已形成结果，待送达和异议期满"), "warn"),
    "correcting": Named(N_("全部报告退回补正"), "warn"),
    "withdrawn": Named(N_("询价已撤回")),
    "failed": Named(N_("询价未成"), "bad"),
    "fixed": Named(N_("参考价已确定"), "good"),
}
REPORT_ERRORS: dict[str, str] = {
    "basics_wrong": N_("财产基本信息错误"),
    "scope_wrong": N_("超出财产范围或者遗漏财产"),
    "other": N_("其他错误"),
}
STAY_GROUNDS: dict[str, str] = {
    "case_deferred": N_("案件暂缓执行"),
    "case_stayed": N_("案件中止执行"),
    "materials_wrong": N_("委托材料与事实严重不符"),
    "other": N_("其他应当暂缓的情形"),
}
WITHDRAWAL_GROUNDS: dict[str, str] = {
    "application_withdrawn": N_("申请执行人撤回执行申请"),
    "debt_paid": N_("债务已全部履行"),
    "title_revoked": N_("执行依据被撤销"),
    "title_refused": N_("裁定不予执行"),
    "price_agreed": N_("当事人议价一致"),
    "no_sale_agreed": N_("当事人约定不进行拍卖、变卖"),
    "other": N_("其他应当撤回的情形"),
}
REMOVAL_GROUNDS: dict[str, str] = {
    "refused": N_("无正当理由拒绝出具报告"),
    "late": N_("一年内五次未按期出具报告"),
    "collusion": N_("恶意串通"),
    "fraud": N_("弄虚作假"),
    "leak": N_("泄露保密信息"),
    "failed_review": N_("经评审不符合入库条件"),
    "other": N_("其他严重违法违规"),
}
LISTED_BY: dict[str, str] = {
    "connected": N_("本系统接入时登记"),
    "published": N_("依公布的名单登记"),
}
FEE_NOTHING: dict[str, str] = {
    "withdrawn": N_("询价已撤回，不支付费用"),
    "nobody_in_time": N_("各平台均未按期出具或者补正，不支付费用"),
    "not_sold": N_("财产未成交，不支付费用"),
}
GROUNDS: dict[str, str] = {
    "basics_wrong": N_("财产基本信息错误"),
    "scope_wrong": N_("超出财产范围或者遗漏财产"),
    "unqualified": N_("机构不具备资质"),
    "procedure": N_("程序严重违法"),
}
DECISIONS: dict[str | None, Named] = {
    None: Named(N_("待处理"), "warn"),
    "rejected": Named(N_("异议不成立")),
    "upheld": Named(N_("异议成立"), "live"),
}
SERVICE_METHODS: dict[str, str] = {
    "direct": N_("直接送达"),
    "left": N_("留置送达"),
    "electronic": N_("电子送达"),
    "mail": N_("法院专递"),
    "public_notice": N_("公告送达"),
    "sale_notice_publication": N_("拍卖平台公示"),
    "report_publication": N_("报告公示"),
    "waiver": N_("书面放弃通知"),
}
SEIZURE_KINDS: dict[str, str] = {"seal": N_("查封"), "detain": N_("扣押"), "freeze": N_("冻结")}
ACT_KINDS: dict[str, str] = {
    "award": N_("变价款给付胜诉案外人"),
    "reversal": N_("执行回转"),
    "recovery_end": N_("记录应退款项不能返还"),
    "bankruptcy_answer": N_("登记受移送法院的答复"),
    "hand_over": N_("执行款移交管理人"),
    "missing_deposit": N_("保证金缺额办结"),
    "order_in_doubt": N_("付款指令与银行流水不符办结"),
}
"""Acts that need two persons."""
ORDERS: dict[str, str] = {
    "pro_rata": N_("按债权比例受偿"),
    "by_seizure": N_("按查封先后受偿"),
    "criminal": N_("按刑事裁判的顺序受偿"),
}
BILL_KINDS: dict[str, str] = {
    "enforcement_fee": N_("申请执行费（按执行金额）"),
    "fee_without_amount": N_("申请执行费（没有执行金额）"),
    "fine": N_("罚款"),
}
BILLS: dict[str, Named] = {
    "open": Named(N_("待缴"), "warn"),
    "paid": Named(N_("已缴入国库"), "good"),
    "cancelled": Named(N_("已作废")),
}
LINE_KINDS: dict[str, str] = {
    "third_party": N_("胜诉案外人应得的变价款"),
    "sale_cost": N_("处置费用"),
    "appraisal_advance": N_("垫付的评估费"),
    "sale_tax": N_("本次处置税费"),
    "tax_reimbursement": N_("买受人垫付的税费"),
    "co_owner_share": N_("共有人份额"),
    "housing": N_("唯一住房租金、安置费用"),
    "medical": N_("医疗费用"),
    "construction": N_("建设工程价款优先权"),
    "old_tax": N_("欠税"),
    "mortgage": N_("抵押权等担保物权"),
    "restitution": N_("退赔被害人损失"),
    "ordinary": N_("普通债权"),
    "late_interest": N_("迟延履行利息加倍部分"),
    "fine": N_("罚金"),
    "confiscation": N_("没收财产"),
    "reward": N_("悬赏金"),
    "escrow_cost": N_("提存费用"),
    "surplus": N_("余款退还被执行人"),
    "bankruptcy_estate": N_("移交管理人的破产财产"),
}
ACCOUNTS: dict[str, str] = {
    "bank": N_("案款专户存款"),
    "card_clearing": N_("银行卡清算在途"),
    "authorised": N_("银行卡预授权（备查）"),
    "authorised_owed": N_("预授权对应（备查）"),
    "set_off": N_("债权抵价"),
    "deposits": N_("竞买保证金"),
    "refunds": N_("待退款项"),
    "proceeds": N_("成交价款"),
    "forfeited": N_("不予退还的保证金"),
    "loan_clearing": N_("贷款待转"),
    "costs_payable": N_("应付处置费用"),
    "taxes_payable": N_("应付税费"),
    "claims_payable": N_("应付债权"),
    "surplus_payable": N_("应退余款"),
    "escrow": N_("提存"),
    "payout_clearing": N_("发放在途"),
}
CAUSES: dict[str, str] = {
    "deposit_received": N_("收到保证金"),
    "deposit_authorised": N_("保证金预授权"),
    "authorisation_ended": N_("预授权结束"),
    "deposit_applied": N_("保证金转作价款"),
    "deposit_released": N_("保证金解冻退还"),
    "deposit_forfeited": N_("保证金不予退还"),
    "excess_returned": N_("多付款退还"),
    "balance_received": N_("收到余款"),
    "loan_received": N_("收到贷款"),
    "set_off_applied": N_("债权抵作价款"),
    "set_off_settled": N_("抵价结清"),
    "purchase_refunded": N_("价款退回"),
    "refund_paid": N_("退款到账"),
    "refund_returned": N_("退款被退回"),
    "card_money_arrived": N_("银行卡款项到达专户"),
    "provider_fee": N_("支付手续费"),
    "payment_disputed": N_("付款被争议"),
    "dispute_won": N_("争议结束，款项恢复"),
    "dispute_lost": N_("争议终结，由支付机构退给持卡人"),
    "provider_payout": N_("支付机构结算到运营方账户"),
    "provider_payout_returned": N_("支付机构结算被退回"),
    "receipt_unattributed": N_("收到待认领款"),
    "receipt_attributed": N_("款项认领"),
    "plan_settled": N_("分配方案入账"),
    "escrow_released": N_("提存解除"),
    "share_in_escrow": N_("应发款提存"),
    "payout_ordered": N_("发放指令已发银行"),
    "payout_paid": N_("银行确认付讫"),
    "payout_returned": N_("发放被退回"),
    "share_fallen": N_("收回尚未发放的份额"),
    "put_in_escrow": N_("案外人拒绝受领，提存"),
    "recovery_received": N_("收到应缴回的款项"),
}
DEPOSITS: dict[str, Named] = {
    "pending": Named(N_("待缴"), "warn"),
    "held": Named(N_("已缴足，冻结中"), "good"),
    "applied": Named(N_("已转作价款"), "good"),
    "released": Named(N_("退还")),
    "forfeited": Named(N_("不予退还"), "bad"),
}
RECEIPT_STATES: dict[str, Named] = {
    "unattributed": Named(N_("待认领"), "warn"),
    "attributed": Named(N_("已认领"), "good"),
    "returned": Named(N_("已退回")),
}
RECEIPT_KINDS: dict[str | None, str] = {
    None: N_("待定"),
    "deposit": N_("保证金"),
    "purchase": N_("余款"),
    "loan": N_("贷款"),
    "advance": N_("运营方垫付"),
    "recovery": N_("应缴回的款项"),
    "forfeit": N_("补缴的悔拍保证金缺额"),
}
UNDOINGS: dict[str, str] = {
    "top_up": N_("补交差价"),
    "setting_aside": N_("撤销拍卖，退还价款"),
    "reversal": N_("执行回转"),
    "third_party": N_("变价款给付胜诉案外人"),
}
ARTICLE_OF_UNDOING = {
    "top_up": "股权规定 15; 拍变 22",
    "setting_aside": "网拍 31",
    "reversal": "CPL 244",
    "third_party": "法释〔2025〕10号 6",
}
SETTING_ASIDE_GROUNDS: dict[str, str] = {
    "false_description": N_("文字说明、视频或者照片严重失实，致使买受人产生重大误解"),
    "system_fault": N_("系统故障、病毒、黑客攻击、数据错误等致使拍卖结果错误"),
    "collusion": N_("竞买人之间或者竞买人与平台恶意串通"),
    "buyer_not_qualified": N_("买受人不具备竞买资格"),
    "unequal_conditions": N_("违法限制竞买人参加竞买或者对享有同等权利的竞买人规定不同条件"),
    "serious_breach": N_("其他严重违反拍卖程序且损害当事人或者竞买人利益"),
}
UNDOING_GROUNDS: dict[str, str] = SETTING_ASIDE_GROUNDS | {
    "knew_not_eligible": N_("股权买受人明知不符合条件"),
    "auction_rule": N_("差价由原买受人承担"),
    "title_set_aside": N_("执行依据被撤销"),
    "title_reduced": N_("执行依据确定的数额减少"),
    "reduced_to_amount": N_("执行依据确定的数额减少，债权按减少后的数额继续受偿"),
    "final_judgment": N_("生效裁判"),
}
PURCHASES: dict[str, Named] = {
    "open": Named(N_("待付清"), "warn"),
    "paid": Named(N_("已付清"), "good"),
    "cancelled": Named(N_("已取消"), "bad"),
}
PLANS: dict[str, Named] = {
    "drawn": Named(N_("待送达、异议期"), "warn"),
    "settled": Named(N_("已入账"), "good"),
    "replaced": Named(N_("已被替换")),
}
PLAN_OBJECTIONS: dict[str, Named] = {
    "raised": Named(N_("待处理"), "warn"),
    "withdrawn": Named(N_("已撤回")),
    "accepted": Named(N_("成立，待更正方案"), "warn"),
    "no_suit": Named(N_("未起诉，按方案执行")),
    "suit": Named(N_("诉讼中，争议部分提存"), "live"),
    "judged": Named(N_("已判决，提存已解除"), "good"),
}
JOINS: dict[str, Named] = {
    "waits": Named(N_("待审查"), "warn"),
    "admitted": Named(N_("已准许"), "good"),
    "refused": Named(N_("不予准许，可以提出异议"), "bad"),
    "objected": Named(N_("已提出异议，待审查"), "warn"),
    "refused_finally": Named(N_("异议不成立，不予准许"), "bad"),
}
GUARD_REFUSALS: dict[str, Named] = {
    "refused": Named(N_("未获准，可以提出异议"), "bad"),
    "objected": Named(N_("已提出异议，待法院决定"), "warn"),
    "upheld": Named(N_("异议成立，可以重新报名"), "good"),
    "rejected": Named(N_("异议被驳回"), "bad"),
}
CUT_OFFS: dict[str, str] = {
    "ruling_served": N_("成交、抵债裁定送达之日（送达前申请）"),
    "plan_first_served": N_("分配方案首次送达的前一工作日（当日仍可申请）"),
}
"""Readings of when enforcement of an asset is finished."""
TAXES: dict[str, Named] = {
    "asked": Named(N_("已发函，待核定"), "warn"),
    "assessed": Named(N_("已核定"), "good"),
    "reserved": Named(N_("已预留"), "live"),
}
DELAY_GROUNDS: dict[str, str] = {
    "distribution_pending": N_("案款须参与分配，分配尚未完成"),
    "money_frozen": N_("案款因另案被冻结"),
    "applicant_absent": N_("已通知申请执行人，其未前来领取"),
    "case_stayed": N_("案件中止或者暂缓执行"),
    "other_good_reason": N_("其他正当理由"),
}
DELAYS: dict[str, Named] = {
    "asked": Named(N_("待批"), "warn"),
    "approved": Named(N_("已批准，事由存续"), "live"),
    "refused": Named(N_("未批准")),
    "ended": Named(N_("事由已消除")),
}
ESCROW_GROUNDS: dict[str, str] = {
    "missing": N_("收款人下落不明"),
    "refuses": N_("收款人无正当理由拒绝领取"),
    "died_heirs_unknown": N_("收款人死亡，继承人未确定"),
    "lost_capacity": N_("收款人丧失行为能力，监护人未确定"),
    "unreachable": N_("无法与收款人取得联系"),
}
CLOCKS: dict[str, str] = {
    "law_2017": N_("到账通知后三十日"),
    "opinion_2021": N_("十个工作日发出指令、五个工作日付款"),
    "local": N_("本院规定的期限"),
    "after_delay": N_("延缓事由消除后十日"),
}
CLOCK_ARTICLES: dict[str, str] = {
    "law_2017": "执行款物 10(1)",
    "opinion_2021": "执行监督意见",
    "local": "执行款物 10(1)",
    "after_delay": "执行款物 10(2)",
}
SIDES: dict[str, str] = {"enforcement": N_("执行部门"), "finance": N_("财务部门")}
PAYOUTS: dict[str, Named] = {
    "prepared": Named(N_("待审批"), "warn"),
    "approved": Named(N_("待审核"), "warn"),
    "checked": Named(N_("待支付"), "warn"),
    "ordered": Named(N_("已发银行，待确认"), "live"),
    "paid": Named(N_("银行已付讫"), "good"),
    "returned": Named(N_("被银行退回"), "bad"),
    "voided": Named(N_("已作废")),
}
STEPS: dict[str, str] = {
    "prepare": N_("经办"),
    "approve": N_("审批"),
    "check": N_("审核"),
    "pay": N_("支付"),
}
STEP_OFFICERS: dict[str, str] = {
    "prepare": N_("承办法官"),
    "approve": N_("执行局局长或分管副院长"),
    "check": N_("财务会计"),
    "pay": N_("出纳"),
}
REGISTRY_STEPS: dict[str, str] = {
    "cancel": N_("注销原抵押权"),
    "transfer": N_("转移登记"),
    "new_mortgage": N_("新设抵押权"),
}
LOAN_STATES: dict[str, str] = {
    "applied": N_("待银行预审"),
    "approved": N_("已预审批"),
    "refused": N_("银行未批准"),
    "committing": N_("待银行承诺"),
    "committed": N_("已承诺放款"),
    "drawing": N_("待放款"),
    "received": N_("已到案款账户"),
    "cancelled": N_("已终止"),
}
LOAN_NOTICES: dict[str, str] = {
    "committed": N_("银行出具放款承诺函"),
    "approval_late": N_("银行逾期未答复申请"),
    "commitment_late": N_("银行逾期未答复是否承诺放款"),
    "commitment_refused": N_("银行未承诺放款"),
    "draw_late": N_("银行逾期未放款"),
    "mortgage_filed": N_("新抵押权已申请登记"),
    "mortgage_registered": N_("新抵押权已登簿"),
}
LOAN_TOLD: dict[str, str] = {"court": N_("法院"), "buyer": N_("买受人"), "lender": N_("贷款银行")}
LOAN_REASONS: dict[str, str] = {
    "declined": N_("银行审批未通过"),
    "means_missing": N_("申请资料不全"),
    "bridge_not_confirmed": N_(
        "银行的预审批函未确认所填的过桥资金（协议编号、金额不少于贷款额度、期限不早于竞价结束日）"
    ),
}
"""Why a pre-approval was not given; a lender's own codes are shown as they came."""
LOAN_METHODS: dict[str, str] = {
    "equal_instalments": N_("等额本息"),
    "equal_principal": N_("等额本金"),
}
ALARMS: dict[str, str] = {
    "deposit_missing": N_("悔拍的保证金未足额到账，差额应向悔拍人追缴"),
    "loan_commitment_late": N_("贷款银行逾期未答复是否承诺放款"),
    "loan_receipt_differs": N_("贷款银行放款金额不符，已退回"),
    "loan_draw_late": N_("贷款银行逾期未放款"),
    "payout_returned": N_("发放被退回，须重新确认收款账户"),
    "payout_returned_after_close": N_("销户后发放被退回，须批准重开案款专户"),
    "payout_late": N_("案款超期未发放"),
    "payouts_stopped": N_("本案账簿有差异，已停止发出付款指令"),
    "advance_late": N_("垫付款未按时到达专户"),
    "tax_refused": N_("税务机关未受理，须函询"),
    "books_differ": N_("与银行或者支付机构账目不符"),
    "move_late": N_("买受人保证金划转已过法定时限一半"),
    "release_late": N_("保证金退还已过法定时限一半"),
    "receipt_unattributed": N_("有款项待认领"),
    "refund_stuck": N_("退款未能办结，须再次办理"),
    "refund_late": N_("退款已过期限一半，尚未退回"),
    "return_unconfirmed": N_("疑似退汇的来款，银行未确认退汇，须由财务认定"),
    "authorisation_lost": N_("银行卡预授权失效"),
    "payment_disputed": N_("付款被持卡人争议"),
    "provider_payouts": N_("支付机构结算未到账，须处理"),
    "order_differs": N_("银行流水与本院付款指令不符，查明前停止付款"),
}
RECEIPT_REASONS: dict[str, str] = {
    "no_reference": N_("附言和账号均未指向任何案件"),
    "advance_differs": N_("垫付款金额不符或者已不需要"),
    "own_money_under_loan": N_("附言写了贷款编号，但由买受人本人账户付款，按本人款项入账"),
    "loan_payer_unknown": N_("附言写了贷款编号，但既不是贷款银行也不是买受人付款"),
    "payer_differs": N_("付款人与报名人不是同一人"),
    "case_closed": N_("案款专户已销户"),
    "may_be_missing_deposit": N_("所附编号的保证金尚有缺额未缴，由承办人认定是否补缴"),
    "order_key_of_ours": N_("附有本院付款指令编号，经认定不是退汇"),
}
INVARIANTS: dict[str, str] = {
    "card_balance_equals_books": N_("支付机构余额与账簿相符"),
    "entry_sums_to_zero": N_("每笔分录借贷平衡"),
    "chain_has_no_gap": N_("分录链连续无缺"),
    "digest_matches": N_("分录摘要相符"),
    "fingerprint_matches": N_("分录内容指纹相符"),
    "chart_equals_code": N_("科目表与程序一致"),
    "balance_equals_postings": N_("余额等于明细之和"),
    "held_equals_open_holds": N_("冻结额等于未结冻结之和"),
    "no_account_overdrawn": N_("没有账户透支"),
    "ledger_sums_to_zero": N_("总账借贷平衡"),
    "closed_case_is_at_zero": N_("销户案件余额为零"),
    "every_account_has_a_balance": N_("每个账户都有余额记录"),
    "entry_has_its_postings": N_("分录明细完整"),
    "posting_stays_in_its_case": N_("明细不串案"),
    "held_deposit_is_covered": N_("冻结的保证金有足额资金"),
    "ended_deposit_holds_nothing": N_("已结保证金账户为零"),
    "ordered_payout_waits_in_clearing": N_("在途发放与清算账户相符"),
    "sent_payout_is_signed_by_four": N_("已发出的发放均有四人签署"),
    "paid_payout_is_booked_as_paid": N_("已付讫的发放均已入账"),
    "prepared_payout_is_set_aside": N_("待签署的发放均已预留款项"),
}
UNITS: dict[str, str] = {
    "natural_days": N_("日（自然日）"),
    "years": N_("年"),
    "clear_days": N_("个完整日"),
    "months": N_("个月"),
    "fen": N_("分"),
    "full_days": N_("个整日"),
    "of starting price": N_("（起拍价）"),
    "hours": N_("小时"),
    "of appraised price": N_("（评估价）"),
    "working_days": N_("个工作日"),
    "times": N_("次"),
    "of price": N_("（价款）"),
    "of monthly income": N_("（月收入）"),
    "of appraised or market price": N_("（评估价或者市价）"),
    "of first starting price": N_("（首次起拍价）"),
    "auctions": N_("次拍卖"),
    "bidders": N_("名竞买人"),
    "minutes": N_("分钟"),
    "of second starting price": N_("（再次起拍价）"),
    "of sell-off price": N_("（变卖价）"),
    "methods": N_("种方法"),
    "kinds of price data": N_("类价格数据"),
    "agencies": N_("家机构"),
    "of the appraisal fee": N_("（评估费）"),
    "of the estimated fee": N_("（预估费用）"),
    "late results": N_("次逾期"),
    "appraisers": N_("名评估师"),
    "judges": N_("名审判员"),
    "heads": N_("项"),
    "per day": N_("（每日）"),
    "persons": N_("人"),
    "attempts": N_("次"),
}
"""Units of the law's parameters."""
ROOM_REPORTS: dict[str, Named] = {
    "stall": Named(N_("提交迟延，竞价计时停走"), "warn"),
    "rebuild": Named(N_("竞价现场重建，紧急暂停"), "warn"),
    "clock": Named(N_("服务器时钟不一致，停止受理出价"), "warn"),
    "late_decision": Named(N_("截止前到达的出价因迟延未被受理"), "bad"),
    "disagreement": Named(N_("竞价记录与规则不符，该拍品已停止竞价"), "bad"),
    "entry_malformed": Named(N_("竞价数据损坏，现场重建"), "bad"),
    "close_difference": Named(N_("竞价结果复核不符，未出结果"), "bad"),
    "order_not_carried_out": Named(N_("竞价现场未能开启"), "bad"),
    "platform_pause": Named(N_("平台紧急暂停"), "bad"),
    "outage": Named(N_("竞价现场实测中断"), "bad"),
}
"""What is reported to the court of a room (网拍 28)."""
REPORT_MEASURES: dict[str, str] = {
    "noted": N_("已知悉，无须另行处理"),
    "stopped": N_("已决定暂缓或者中止，另定恢复时间"),
    "review": N_("列入审查，依网拍第31条处理"),
}
PAYEE_ACCOUNTS: dict[str, Named] = {
    "proposed": Named(N_("待第二人核实"), "warn"),
    "confirmed": Named(N_("已确认"), "good"),
    "replaced": Named(N_("已被替换")),
}


def name_in(table: dict[Any, str], key: object) -> str:
    """Give a stored value's name in the language of this request; an unknown value is shown as it is."""
    text = table.get(key)
    return str(key) if text is None else _(text)


def zh_of(table: Mapping[Any, str | Named], key: object) -> str:
    """Give a stored value's Chinese name, whatever language is read: papers say the same to everybody."""
    named = table.get(key, str(key))
    return named.text if isinstance(named, Named) else named


def status_in(table: dict[Any, Named], key: object) -> Named:
    """Give a stored value's name and tone, translated; an unknown value is shown as it is."""
    named = table.get(key, Named(str(key)))
    return Named(_(named.text) if key in table else named.text, named.tone)


def in_language(zh: str, en: str) -> str:
    """Choose between two texts that were recorded in both languages; Chinese where there is no English."""
    return zh if current_locale() == "zh" or not en else en


def document_name(kind: DocumentKind | str) -> str:
    """Name a kind of document."""
    return in_language(KINDS[DocumentKind(kind)].zh, KINDS[DocumentKind(kind)].en)


def party_name(role: PartyRole | str) -> str:
    """Name what somebody is in the case."""
    return in_language(*TITLES[PartyRole(role)])


def field_name(field: str) -> str:
    """Name a field of an asset."""
    return in_language(*FIELD_TITLES[field])


def told_of(what: str, told: str) -> str:
    """Say something of something: with the colon of the page's language."""
    return _("{what}：{of}").format(what=what, of=told)


def with_detail(what: str, detail: str) -> str:
    """Put a detail behind a name: in the brackets of the page's language."""
    return what + _("（{hint}）").format(hint=detail)
