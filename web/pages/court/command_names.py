"""What a command is called in an audit chain: the heading of its form, or the name of a step that has no form."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from web.pages.steps.all_forms import FORMS, route_of
from web.texts import N_, _

WITHOUT_FORM: Mapping[str, str] = {
    "ActOnFinding": N_("处理筛查发现"),
    "AskExplanation": N_("要求竞买人说明"),
    "AnswerExplanation": N_("竞买人说明"),
    "DecideSanction": N_("决定罚款、拘留"),
    "RecordPoliceAnswer": N_("记录公安机关答复"),
    "OpenRoster": N_("开启竞买人名册"),
    "MakePack": N_("制作证据包"),
    "AcceptMandate": N_("接受评估委托"),
    "AdmitBidder": N_("准许参加竞买并抽取竞买代码"),
    "ApplyDeposit": N_("保证金转作价款"),
    "ApplyForLoan": N_("申请法拍贷"),
    "AskCourt": N_("评估机构询问法院"),
    "AskExtension": N_("申请延长评估期限"),
    "ApproveDisbursement": N_("审批发放"),
    "ApplyToJoin": N_("债权人申请参与分配"),
    "AskForMethod": N_("当事人请求采用定价方式"),
    "BringStatement": N_("导入银行对账单"),
    "ConfirmStatement": N_("复核银行对账单"),
    "CancelLoan": N_("取消法拍贷"),
    "RetractCommitment": N_("撤回承诺放款的请求"),
    "CastVote": N_("合议庭成员表决"),
    "CheckDisbursement": N_("财务审核发放"),
    "ClaimFee": N_("评估机构申报费用"),
    "CommitEntropy": N_("当事人提交随机数承诺"),
    "CommitLoan": N_("贷款银行出具承诺"),
    "ConfirmAttribution": N_("复核款项认领"),
    "RetryRefund": N_("再次退款"),
    "RecordRefundAccount": N_("登记退款的其他账户"),
    "ConfirmRefundAccount": N_("确认退款的其他账户"),
    "WithdrawRefundAccount": N_("撤回退款的其他账户"),
    "TakeLineAsReceipt": N_("认定疑似退汇为来款"),
    "ConfirmFirstRefusal": N_("确认优先购买权"),
    "ConfirmReport": N_("评估师确认署名报告"),
    "ConfirmPayeeAccount": N_("复核收款账户变更"),
    "CorrectReport": N_("补正评估报告"),
    "DecideListing": N_("作出上拍合议结论"),
    "DeclineMandate": N_("不接受评估委托"),
    "DrawLoan": N_("发放法拍贷"),
    "EndStaff": N_("终止机构内部分工"),
    "EndRole": N_("终止账户角色"),
    "ExplainObjection": N_("对异议作出说明"),
    "ExplainReport": N_("对评估报告作出说明"),
    "FoundAdministrators": N_("设立首批系统管理员"),
    "GrantRole": N_("授予账户角色"),
    "OfferLoanProduct": N_("发布贷款产品"),
    "SetSpendingLimit": N_("设定本人竞买限额"),
    "WithdrawLoanProduct": N_("停办贷款产品"),
    "ListPlatform": N_("登记询价平台入库"),
    "IssueOpeningCode": N_("发给开户码"),
    "MarkRoundOpen": N_("开始竞价"),
    "FailDraw": N_("摇号逾期失败"),
    "AddContact": N_("添加提醒接收地址"),
    "BeginCheck": N_("线上核验身份"),
    "ProveCheck": N_("提交身份验证码"),
    "ConfirmContact": N_("验证提醒接收地址"),
    "EndContact": N_("移除提醒接收地址"),
    "Follow": N_("关注拍品或者条件"),
    "Unfollow": N_("取消关注"),
    "MoveClock": N_("移动演示时钟"),
    "NameStaff": N_("指定机构内部分工"),
    "NoteFullPayment": N_("记录价款付清"),
    "ObjectToJoinRefusal": N_("对不予参与分配提出异议"),
    "ObjectToPlan": N_("对分配方案提出异议"),
    "ObjectAsParty": N_("当事人对询价报告提出异议"),
    "ObjectToAppraisal": N_("当事人对评估报告提出异议"),
    "AnswerAboutLot": N_("答复拍品提问"),
    "AskAboutLot": N_("就拍品提问"),
    "BookViewing": N_("预约看样"),
    "CancelViewing": N_("取消看样场次"),
    "GiveUpViewing": N_("放弃看样预约"),
    "BringPicture": N_("上传照片"),
    "ArrangePictures": N_("调整照片顺序"),
    "RemovePicture": N_("移除照片"),
    "SupersedePicture": N_("更换照片"),
    "SetViewing": N_("公布看样场次"),
    "RaiseEnforcementObjection": N_("提出执行异议"),
    "WithdrawEnforcementObjection": N_("撤回执行异议"),
    "DocketObjection": N_("异议立案审查"),
    "FormReviewPanel": N_("组成异议审查合议庭"),
    "VoteOnObjection": N_("异议审查合议庭成员表决"),
    "DecideEnforcementObjection": N_("对异议作出裁定"),
    "ObjectToRefusal": N_("对不予报名提出异议"),
    "DeclareJointBidders": N_("声明共同竞买"),
    "OpenAccount": N_("开立账户"),
    "OpenEntropy": N_("当事人揭示随机数"),
    "OpenVirtualAccount": N_("开立保证金虚拟子账户"),
    "PassTitle": N_("记录所有权转移"),
    "PayDisbursement": N_("出纳支付发放"),
    "PrepareDisbursement": N_("经办发放"),
    "ProposePrice": N_("提交议价结果"),
    "ProposeAgencies": N_("当事人提出选定机构的意见"),
    "PublishNotice": N_("发布拍卖公告"),
    "RecordDelivery": N_("记录交付"),
    "RecordInspection": N_("提交现场勘验记录"),
    "RecordOutcome": N_("记录竞价结果"),
    "RecordPayeeAccount": N_("登记收款账户确认书"),
    "RecordTransfer": N_("记录过户登记"),
    "RegisterBidder": N_("竞买报名"),
    "LeaveRound": N_("暂停期间退出"),
    "ReleaseDeposit": N_("退还保证金"),
    "RemovePlatform": N_("询价平台除名"),
    "RuleOnSale": N_("作出成交裁定"),
    "SignMonthlyReport": N_("签署月度案款对账"),
    "SealDocument": N_("文书用印"),
    "Serve": N_("记录送达"),
    "StartCardPayment": N_("开始银行卡支付"),
    "SubmitReport": N_("提交评估报告"),
    "TakeReferencePrice": N_("采纳参考价"),
    "VerifyIdentity": N_("窗口核验身份"),
    "VoidDisbursement": N_("作废发放"),
    "_StoreRefusal": N_("记录印章服务未予用印"),
    "_StoreSeal": N_("记录用印印记"),
}
"""Commands of other people and of our own workers, and officers' commands with a page of their own."""

FORMER: Mapping[str, str] = {"AgreeOnInquiry": N_("记录同意网络询价")}
"""Commands that are no longer given, but stand in the chains of older cases."""


def command_name(action: str) -> str:
    """Give a command's name in the language of the request; what is no command is called as it is."""
    named = {**FORMER, **WITHOUT_FORM, **_of_forms()}.get(action)
    return _(named) if named else action


@cache
def _of_forms() -> Mapping[str, str]:
    return {route_of(form).command_type.__name__: form.heading for form in FORMS}
