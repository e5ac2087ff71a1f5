"""The entrusted appraisal (委托评估): from the mandate to the figure that counts, and what it costs.

Words: mandate (评估委托), ranked agencies (按顺序选定的评估机构), decline and recusal (不接受委托、回避), site inspection (现场勘验) with
a witness (见证人), extension (延长期限), file back (退回材料), report (评估报告), explanation and correction (说明、补正), technical
review (专业技术评审) by an association (行业协会), enforcement supervision (执行监督), re-issue (重新出具), advance (垫付), letter
of guarantee (担保书), fee statement (评估费结算单).
"""
